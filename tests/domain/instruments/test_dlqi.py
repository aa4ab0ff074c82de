"""The DLQI: question 7, several ticks, missing answers, bands, DLQI-R; expected values worked by hand."""

from fractions import Fraction
from typing import Any

import pytest

from portal.domain import instruments
from portal.domain.instruments.model import InvalidAnswer, UnknownItem
from portal.domain.instruments.options import InvalidOption

DLQI = instruments.get("DLQI")


def answers(**changes: Any) -> dict[str, Any]:
    """Ten questions answered "not at all", with changes; None takes an answer away."""
    calm = {f"DLQI1{number:02}": 0 for number in range(1, 11)} | {"DLQI107": "N", "DLQI107A": 0}
    return {link_id: value for link_id, value in (calm | changes).items() if value is not None}


def test_ten_questions_stand_on_eleven_screens_in_the_printed_order() -> None:
    assert DLQI.question_count == 10
    assert [(q.number, q.code) for q in DLQI.questions][5:9] == [
        (6, "DLQI106"),
        (7, "DLQI107"),
        (7, "DLQI107A"),
        (8, "DLQI108"),
    ]
    assert [option.code for option in DLQI.item("DLQI101").options] == [3, 2, 1, 0]
    assert [option.code for option in DLQI.item("DLQI110").options] == [3, 2, 1, 0, "NR"]
    assert [question.code for question in DLQI.questions if question.sensitive] == ["DLQI109"]


@pytest.mark.parametrize(
    ("seventh", "second", "work", "not_relevant", "missing"),
    [
        ("Y", None, 3, 0, 0),
        ("Y", 2, 3, 0, 0),
        ("N", 2, 2, 0, 0),
        ("N", 1, 1, 0, 0),
        ("N", 0, 0, 0, 0),
        ("N", None, 0, 0, 0),
        ("NR", None, 0, 1, 0),
        ("NR", 0, 0, 1, 0),
        ("NR", 1, 1, 0, 0),
        ("NR", 2, 2, 0, 0),
        (None, 2, 2, 0, 0),
        (None, 0, 0, 0, 0),
        (None, None, None, 0, 1),
        (["Y", "N"], 1, 3, 0, 0),
        (["NR", "Y"], None, 3, 0, 0),
        (["NR", "N"], 2, 2, 0, 0),
        ("N", [0, 2], 2, 0, 0),
    ],
)
def test_question_seven_is_two_answers(
    seventh: object, second: object, work: int | None, not_relevant: int, missing: int
) -> None:
    scoring = DLQI.score(answers(DLQI107=seventh, DLQI107A=second))
    assert scoring.value("work_school") == work
    assert scoring.value("total") == (work or 0)
    assert scoring.counts == {"missing": missing, "not_relevant": not_relevant}


def test_no_without_its_second_part_is_flagged() -> None:
    assert DLQI.score(answers(DLQI107A=None)).flags == ("q7_partial",)
    assert DLQI.score(answers()).flags == ()


@pytest.mark.parametrize(("rule", "total", "reason"), [("cardiff", 3, None), ("strict", None, "too_many_unanswered")])
def test_one_unanswered_question(rule: str, total: int | None, reason: str | None) -> None:
    scoring = DLQI.score(answers(DLQI101=3, DLQI102=None), {"missing_rule": rule})
    assert scoring.value("total") == total
    assert scoring.scale("total").missing == reason
    assert scoring.value("dlqi_r") == total
    subscore = scoring.scale("symptoms_feelings")
    assert (subscore.value, subscore.missing, subscore.count) == (None, "unanswered", 1)


def test_two_unanswered_questions_leave_total_band_and_dlqi_r_unscored_and_say_why() -> None:
    scoring = DLQI.score(answers(DLQI101=None, DLQI110=None))
    total = scoring.scale("total")
    assert (total.value, total.band, total.missing, total.count) == (None, None, "too_many_unanswered", 2)
    assert scoring.scale("dlqi_r").missing == "total_not_scored"


def test_dlqi_r_is_kept_unrounded() -> None:
    # 7 points, questions 5, 6, 7 and 9 not relevant: 7 x 10 / 6
    scoring = DLQI.score(
        answers(DLQI101=3, DLQI102=3, DLQI103=1, DLQI105="NR", DLQI106="NR", DLQI107="NR", DLQI109="NR")
    )
    assert scoring.value("dlqi_r") == Fraction(35, 3)
    assert scoring.to_result()["dlqi_r"] == 11.67


def test_dlqi_r_at_its_ceiling() -> None:
    # both questions that are always relevant at 3, the other eight not relevant: 6 x 10 / 2
    rest = {f"DLQI1{number:02}": "NR" for number in range(3, 11)}
    assert DLQI.score({"DLQI101": 3, "DLQI102": 3, **rest}).value("dlqi_r") == 30


@pytest.mark.parametrize(
    ("total", "band"),
    [
        (0, "no_effect"),
        (1, "no_effect"),
        (2, "small"),
        (5, "small"),
        (6, "moderate"),
        (10, "moderate"),
        (11, "very_large"),
        (20, "very_large"),
        (21, "extremely_large"),
        (30, "extremely_large"),
    ],
)
def test_bands(total: int, band: str) -> None:
    assert DLQI.scale("total").band(total) == band


def test_the_highest_of_several_ticks_counts_and_outweighs_not_relevant() -> None:
    scoring = DLQI.score(answers(DLQI101=[1, 3], DLQI103=["NR", 0], DLQI104=["NR"]))
    assert scoring.value("total") == 3
    assert scoring.counts["not_relevant"] == 1  # question 4 only


@pytest.mark.parametrize(
    ("link_id", "value", "allowed"),
    [
        ("DLQI101", "NR", "3, 2, 1, 0"),
        ("DLQI101", 4, "3, 2, 1, 0"),
        ("DLQI101", "3", "3, 2, 1, 0"),
        ("DLQI101", True, "3, 2, 1, 0"),
        ("DLQI101", 1.0, "3, 2, 1, 0"),
        ("DLQI101", [], "3, 2, 1, 0"),
        ("DLQI101", [1, 4], "3, 2, 1, 0"),
        ("DLQI101", [[1]], "3, 2, 1, 0"),
        ("DLQI101", {"a": 1}, "3, 2, 1, 0"),
        ("DLQI107", "y", "Y, N, NR"),
        ("DLQI107A", 3, "2, 1, 0"),
        ("DLQI103", "nr", "3, 2, 1, 0, NR"),
    ],
)
def test_an_answer_that_is_none_of_the_items_is_refused_in_one_line(link_id: str, value: Any, allowed: str) -> None:
    with pytest.raises(InvalidAnswer) as refusal:
        DLQI.score(answers(**{link_id: value}))
    assert (refusal.value.link_id, refusal.value.allowed) == (link_id, allowed)
    assert str(refusal.value).startswith(f"{link_id}: ")
    assert "\n" not in str(refusal.value)


def test_an_unknown_item_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(UnknownItem, match=r'"DLQI111" is not an item of DLQI; its items are DLQI101, .*, DLQI110$'):
        DLQI.score({"DLQI111": 1})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"missing_rule": "lenient"}, "option missing_rule: 'lenient' is not allowed; it may be cardiff or strict"),
        ({"missing": "strict"}, "option missing: DLQI has no such option; it has missing_rule, dlqi_r"),
        ({"dlqi_r": 1}, "option dlqi_r: 1 is not allowed; it may be true or false"),
    ],
)
def test_a_faulty_option_is_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidOption) as refusal:
        DLQI.parse_options(given)
    assert str(refusal.value) == message


def test_codes_of_cdisc_and_default_thresholds() -> None:
    assert {item.cdisc for item in DLQI.items} == {item.link_id for item in DLQI.items}
    assert [scale.cdisc for scale in DLQI.scales] == [*(f"DLQI11{digit}" for digit in range(1, 8)), None]
    assert DLQI.scale("total").threshold == 4
    assert DLQI.shortest_gap_days == 7
