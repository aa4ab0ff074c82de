"""The four kinds of empty, and which screens are still open."""

from typing import Any

import pytest

from portal.domain import instruments
from portal.domain.instruments import emptiness
from portal.domain.instruments.emptiness import Emptiness

DLQI, SHAQ = instruments.get("DLQI"), instruments.get("SHAQ")


@pytest.mark.parametrize(
    ("answers", "skipped", "kind"),
    [
        ({"DLQI107": "N", "DLQI107A": 0}, set(), None),
        ({"DLQI107": "N"}, set(), Emptiness.NOT_ANSWERED),
        ({"DLQI107": "N"}, {"DLQI107A"}, Emptiness.SKIPPED),
        ({"DLQI107": "Y"}, set(), Emptiness.NOT_SHOWN),
        ({"DLQI107": "NR"}, {"DLQI107A"}, Emptiness.NOT_SHOWN),
        ({}, {"DLQI107"}, Emptiness.NOT_SHOWN),
        ({"DLQI107": ["N", "Y"]}, set(), Emptiness.NOT_ANSWERED),
        ({"DLQI107": "Y", "DLQI107A": 2}, set(), None),
    ],
)
def test_the_second_part_of_question_seven(answers: dict[str, Any], skipped: set[str], kind: Emptiness | None) -> None:
    assert emptiness.of_item(DLQI.item("DLQI107A"), answers, skipped) is kind


def test_not_relevant_is_said_and_not_blank() -> None:
    assert emptiness.of_item(DLQI.item("DLQI103"), {"DLQI103": "NR"}) is Emptiness.NOT_RELEVANT
    assert emptiness.of_item(DLQI.item("DLQI103"), {"DLQI103": ["NR", 1]}) is None
    assert emptiness.of_item(DLQI.item("DLQI103"), {"DLQI103": 0}) is None
    assert emptiness.of_item(SHAQ.item("HAQ0118"), {"HAQ0117": True, "HAQ0118": "NR"}) is None


@pytest.mark.parametrize(("mark", "kind"), [(0, None), (50, None), (None, Emptiness.NOT_ANSWERED)])
def test_an_untouched_scale_is_not_zero(mark: int | None, kind: Emptiness | None) -> None:
    assert emptiness.of_item(SHAQ.item("SHAQ01"), {"SHAQ01": mark}) is kind


def test_none_of_these_is_an_answer_and_an_untouched_list_is_not() -> None:
    aids = SHAQ.question("SHAQAIDS1")
    none_of_these = {box.link_id: False for box in aids.boxes}
    boxes = {box.link_id for box in aids.boxes}
    assert emptiness.of_question(aids, none_of_these) is None
    assert emptiness.of_question(aids, {}) is Emptiness.NOT_ANSWERED
    assert emptiness.of_question(aids, {}, boxes) is Emptiness.SKIPPED
    assert emptiness.of_item(SHAQ.item("HAQ0118"), none_of_these) is Emptiness.NOT_SHOWN
    # the text beside "another aid" may stay blank without holding her up
    assert emptiness.of_question(aids, none_of_these | {"HAQ0117": True}) is None


def test_open_questions_leave_out_what_is_not_shown() -> None:
    answers: dict[str, Any] = {f"DLQI1{number:02}": 1 for number in range(1, 7)}
    assert [q.code for q in emptiness.open_questions(DLQI, answers, {"DLQI108"})] == ["DLQI107", "DLQI109", "DLQI110"]
    answers["DLQI107"] = "N"
    assert next(q.code for q in emptiness.open_questions(DLQI, answers)) == "DLQI107A"
