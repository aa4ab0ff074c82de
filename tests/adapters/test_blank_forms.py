"""Blank questionnaires: everything that is asked, in its order, with lines that measure 150 mm on paper."""

import io
import re
from functools import cache

import pikepdf
import pytest
from pypdf import PdfReader

from portal.adapters import blank_forms
from portal.domain import instruments
from portal.domain.instruments import CODES, wordings
from portal.domain.instruments.model import QuestionType
from tests.adapters import drawing

pytestmark = pytest.mark.xdist_group("blank questionnaires")  # in one process, so that each is rendered once
LANGUAGES = ("fr", "en")
KINDS = [(code, language, large) for code in CODES for language in LANGUAGES for large in (False, True)]
A4_POINTS = (595.28, 841.89)


@cache
def rendered(code: str, language: str, large: bool) -> bytes:
    return blank_forms.render(wordings.demonstration(code, language), large=large)


def pages(code: str, language: str, large: bool = False) -> list[str]:
    """The words of each page, with every run of spaces as one."""
    reader = PdfReader(io.BytesIO(rendered(code, language, large)))
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


@pytest.mark.parametrize(("code", "language", "large"), KINDS)
def test_every_scale_is_a_level_line_of_150_mm_and_every_page_has_its_control_line(
    code: str, language: str, large: bool
) -> None:
    scales = [each for each in instruments.get(code).questions if each.type is QuestionType.VAS]
    drawn: list[drawing.Line] = []
    with pikepdf.open(io.BytesIO(rendered(code, language, large))) as document:
        for page in document.pages:
            long = [line for line in drawing.lines(page) if line.length > 80]
            controls = [line for line in long if line.length < 140]
            assert [line.length for line in controls] == [pytest.approx(100, abs=0.01)]
            drawn += [line for line in long if line not in controls]
    assert [line.length for line in drawn] == [pytest.approx(150, abs=0.01)] * len(scales)
    assert all(line.y1 == pytest.approx(line.y2, abs=0.001) for line in drawn)


@pytest.mark.parametrize(("code", "language", "large"), KINDS)
def test_each_question_stands_there_in_the_order_of_the_form(code: str, language: str, large: bool) -> None:
    # a line may end at a hyphen, so no space counts
    text, words = re.sub(r"\s+", "", "".join(pages(code, language, large))), wordings.demonstration(code, language)
    at = 0
    for each in instruments.get(code).questions:
        at = text.find(re.sub(r"\s+", "", words.questions[each.code].text), at + 1)
        assert at > 0, each.code


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_stand_without_their_score(language: str) -> None:
    words = wordings.demonstration("DLQI", language)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(rendered("DLQI", language, False))).pages)
    lines = [re.sub(r"\s+", " ", line).strip() for line in text.splitlines()]
    first = words.questions["DLQI101"]
    asked = {code: sum(line == first.label(code) for line in lines) for code in (3, 2, 1, 0)}
    assert asked == {3: 9, 2: 10, 1: 10, 0: 10}  # question 7 has its own: prevented or not, then three of these
    assert sum(line == words.questions["DLQI103"].label("NR") for line in lines) == 8


def test_lists_offer_none_of_these_and_room_for_another_aid() -> None:
    text = " ".join(pages("SHAQ", "en"))
    words = wordings.demonstration("SHAQ", "en")
    for code in ("SHAQAIDS1", "SHAQHELP1", "SHAQAIDS2", "SHAQHELP2"):
        assert words.questions[code].none in text
    assert text.count(words.items["HAQ0118"]) == 2  # once in each block
    assert text.count("As many crosses as apply.") == 4


def test_the_second_part_of_question_seven_says_when_it_is_asked() -> None:
    assert "Après la réponse « Non, j’ai pu continuer » : Même ainsi" in " ".join(pages("DLQI", "fr"))


@pytest.mark.parametrize(("code", "language", "large"), KINDS)
def test_every_page_bears_notice_number_and_words(code: str, language: str, large: bool) -> None:
    words, found = wordings.demonstration(code, language), pages(code, language, large)
    for number, page in enumerate(found, start=1):
        assert re.sub(r"\s+", " ", words.notice) in page
        assert f"{number} / {len(found)}" in page
        assert f"{code} · {language} · {words.version} · {words.hash[:8]}" in page
        assert "100 %" in page
        assert "100 mm" in page


def test_who_filled_it_in_and_when_is_asked_first() -> None:
    first = pages("SHAQ", "fr")[0]
    wanted = (
        "Au cours des 7 derniers jours",
        "Comment remplir",
        "Rempli le (jour, mois, année)",
        "Moi, sans aide",
        "S’habiller",
    )
    places = [first.index(each) for each in wanted]
    assert places == sorted(places)


def test_the_large_form_is_half_as_large_again() -> None:
    def smallest(large: bool) -> float:
        sizes: list[float] = []
        page = PdfReader(io.BytesIO(rendered("DLQI", "fr", large))).pages[1]

        def note(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
            if "Oui" in text:
                sizes.append(round(size * abs(tm[3]) * abs(cm[3]), 2))

        page.extract_text(visitor_text=note)
        return min(sizes)

    assert (smallest(False), smallest(True)) == (11, 16)


def test_the_same_words_give_the_same_bytes_on_a4() -> None:
    again = blank_forms.render(wordings.demonstration("SHAQ", "en"), large=True)
    assert again == rendered("SHAQ", "en", True)
    for page in PdfReader(io.BytesIO(again)).pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4_POINTS, abs=0.1)
