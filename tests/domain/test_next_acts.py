"""What a nurse is offered first, by the state of a visit."""

import pytest

from portal.domain.next_acts import Act, acts
from portal.domain.states import VisitState


def first(state: VisitState, *, days_to_go: int = 2, is_open: bool = True, has_summary: bool = False) -> Act | None:
    """Give the act that stands beside the row."""
    offered = acts(state, days_to_go=days_to_go, is_open=is_open, has_summary=has_summary, is_printed=False)
    return next(iter(offered), None)


def test_who_has_not_answered_is_reached_and_on_the_day_is_handed_the_device() -> None:
    assert first(VisitState.LATE) is Act.REACH
    assert first(VisitState.LATE, days_to_go=0) is Act.HAND_OVER
    assert first(VisitState.STARTED, days_to_go=0) is Act.HAND_OVER


def test_awaited_paper_is_keyed_in_first_but_on_the_day_she_can_still_answer_herself() -> None:
    assert first(VisitState.PAPER_EXPECTED) is Act.KEY_IN
    assert first(VisitState.PAPER_EXPECTED, days_to_go=0) is Act.HAND_OVER


def test_what_was_sent_is_printed_and_once_printed_only_opened() -> None:
    assert first(VisitState.SENT, has_summary=True) is Act.PRINT_SUMMARY
    offered = acts(VisitState.SENT, days_to_go=1, is_open=True, has_summary=True, is_printed=True)
    assert offered == (Act.OPEN_SUMMARY, Act.PRINT_SUMMARY)


def test_before_it_opens_paper_can_be_printed_and_nothing_else() -> None:
    assert acts(VisitState.NOT_YET_OPEN, days_to_go=20, is_open=False, has_summary=False, is_printed=False) == (
        Act.PRINT_PAPER,
    )


def test_after_it_closed_nobody_is_handed_a_device_and_paper_can_still_be_keyed_in() -> None:
    offered = acts(VisitState.NOTHING_RECEIVED, days_to_go=-9, is_open=False, has_summary=True, is_printed=False)
    assert offered[0] is Act.REACH
    assert Act.KEY_IN in offered
    assert not {Act.HAND_OVER, Act.INTERVIEW, Act.PRINT_PAPER} & set(offered)


def test_who_has_left_the_study_is_not_approached() -> None:
    assert first(VisitState.WITHDRAWN) is None


@pytest.mark.parametrize("state", VisitState)
def test_no_act_is_offered_twice(state: VisitState) -> None:
    offered = acts(state, days_to_go=0, is_open=True, has_summary=True, is_printed=True)
    assert len(offered) == len(set(offered))
