"""The demonstration wordings: whole, marked, short enough for a phone, and well set in French."""

import re
from collections.abc import Iterator

import pytest

from portal.domain import instruments
from portal.domain.instruments import wordings
from portal.domain.instruments.model import QuestionType
from portal.domain.instruments.wording import InvalidWording, Wording

ALL = [wordings.demonstration(code, language) for code in instruments.CODES for language in ("en", "fr")]
every_wording = pytest.mark.parametrize("wording", ALL, ids=lambda w: f"{w.instrument}-{w.language}")


def texts(wording: Wording) -> Iterator[str]:
    yield from (wording.title, wording.short_title, wording.recall, wording.introduction, wording.notice)
    yield from wording.items.values()
    for question in wording.questions.values():
        yield from (question.text, question.section, question.hint, question.short)
        yield from (question.left, question.right, question.none)
        yield from (question.options or {}).values()


@every_wording
def test_it_says_that_it_is_a_demonstration(wording: Wording) -> None:
    assert (wording.demonstration, wording.version) == (True, "demo-1")
    assert re.match("Demonstration wording|Formulation de démonstration", wording.notice)


@every_wording
def test_it_fits_a_phone(wording: Wording) -> None:
    for question in wording.questions.values():
        assert len(question.text) <= 110
        assert all(len(label) <= 28 for label in (question.options or {}).values())
        assert max(len(question.left), len(question.right), len(question.none)) <= 28
    assert all(len(label) <= 40 for label in wording.items.values())


@every_wording
def test_answers_of_a_question_differ_and_carry_no_number(wording: Wording) -> None:
    for question in wording.questions.values():
        labels = list((question.options or {}).values())
        assert len(set(labels)) == len(labels)
        assert not any(re.search(r"\d", label) for label in labels)


@every_wording
def test_typography(wording: Wording) -> None:
    for text in texts(wording):
        assert "'" not in text
        assert text == text.strip()
        if wording.language == "fr":
            assert not re.search(r"(?<!\u202f)[;!?]", text), text
            assert not re.search(r"(?<!\u00a0):", text), text
            assert not re.search(r"«(?!\u00a0)|(?<!\u00a0)»", text), text
            assert not re.search(r"\d (kg|derniers)", text), text


@every_wording
def test_it_survives_the_way_through_plain_data(wording: Wording) -> None:
    instrument = instruments.get(wording.instrument)
    again = Wording.from_mapping(instrument, wording.to_mapping())
    assert again == wording
    assert again.hash == wording.hash
    assert len(wording.hash) == 64


def test_any_changed_word_changes_the_hash() -> None:
    wording = wordings.demonstration("DLQI", "fr")
    mapping = wording.to_mapping() | {"notice": wording.notice + "."}
    assert Wording.from_mapping(instruments.get("DLQI"), mapping).hash != wording.hash


def test_every_answer_and_box_has_words() -> None:
    wording = wordings.demonstration("SHAQ", "en")
    for question in instruments.get("SHAQ").questions:
        words = wording.questions[question.code]
        assert all(words.label(option.code) for option in question.item.options)
        assert bool(words.none) == (question.type is QuestionType.TICKS)
    assert wording.item_label("HAQ0110") == "A walking stick"
    assert wording.item_label("HAQ0107") == "Milk carton"
    assert wordings.demonstration("DLQI", "fr").questions["DLQI107"].label("NR") == "Cela ne me concerne pas"


def test_everything_that_is_missing_is_named_at_once() -> None:
    mapping = wordings.demonstration("SHAQ", "en").to_mapping()
    del mapping["notice"], mapping["questions"]["HAQ0103"], mapping["questions"]["SHAQ02"]["left"]
    del mapping["questions"]["HAQ0104"]["options"]["2"], mapping["items"]["HAQ0117"]
    mapping["questions"]["SHAQAIDS2"]["none"] = " "
    mapping["questions"]["HAQ0199"] = {"text": "?"}
    mapping["demonstration"] = "yes"
    with pytest.raises(InvalidWording) as refusal:
        Wording.from_mapping(instruments.get("SHAQ"), mapping)
    assert sorted(fault.partition(":")[0] for fault in refusal.value.faults) == [
        "demonstration",
        "items.HAQ0117",
        "notice",
        "questions.HAQ0103",
        "questions.HAQ0104.options.2",
        "questions.HAQ0199",
        "questions.SHAQ02.left",
        "questions.SHAQAIDS2.none",
    ]


@pytest.mark.parametrize("mapping", [{}, {"questions": [], "items": "x"}, {"questions": {"DLQI101": "x"}}])
def test_what_is_no_wording_at_all_is_refused(mapping: dict[str, object]) -> None:
    with pytest.raises(InvalidWording, match=r"title: a text is missing"):
        Wording.from_mapping(instruments.get("DLQI"), mapping)


def test_there_is_no_fallback_to_another_language() -> None:
    with pytest.raises(wordings.NoWording, match="it has en, fr"):
        wordings.demonstration("DLQI", "de")
    with pytest.raises(instruments.UnknownInstrument, match="there are DLQI, SHAQ"):
        wordings.demonstration("dlqi", "en")
