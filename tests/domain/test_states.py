"""Where a visit stands, as a nurse would say it on a given day."""

from datetime import date

import pytest

from portal.domain.states import ResponseStatus, VisitProgress, VisitState, visit_progress

DONE, BEGUN, WRONG = ResponseStatus.COMPLETED, ResponseStatus.IN_PROGRESS, ResponseStatus.ENTERED_IN_ERROR
STOPPED, AMENDED = ResponseStatus.STOPPED, ResponseStatus.AMENDED


def stand(day: int, *responses: ResponseStatus | None, withdrawn_on: date | None = None) -> VisitProgress:
    """Ask on a day of March 2027, for a visit on the 10th: open from the 3rd to the 12th, summary due on the 8th."""
    return visit_progress(
        today=date(2027, 3, day),
        opens_on=date(2027, 3, 3),
        closes_on=date(2027, 3, 12),
        summary_due_on=date(2027, 3, 8),
        responses=responses,
        withdrawn_on=withdrawn_on,
    )


@pytest.mark.parametrize(
    ("day", "responses", "expected"),
    [
        (2, (None, None), VisitState.NOT_YET_OPEN),
        (2, (BEGUN, None), VisitState.STARTED),
        (3, (None, None), VisitState.OPEN),
        (3, (WRONG, None), VisitState.OPEN),
        (8, (None, None), VisitState.OPEN),
        (8, (DONE, None), VisitState.STARTED),
        (8, (STOPPED, DONE), VisitState.STARTED),
        (9, (None, None), VisitState.LATE),
        (9, (DONE, BEGUN), VisitState.LATE),
        (12, (None, None), VisitState.LATE),
        (13, (None, None), VisitState.NOTHING_RECEIVED),
        (13, (WRONG, None), VisitState.NOTHING_RECEIVED),
        (13, (BEGUN, None), VisitState.UNFINISHED),
        (5, (DONE, AMENDED), VisitState.SENT),
        (13, (DONE, DONE), VisitState.SENT),
    ],
)
def test_a_visit_stands(day: int, responses: tuple[ResponseStatus | None, ...], expected: VisitState) -> None:
    assert stand(day, *responses).state is expected


def test_progress_counts_questionnaires() -> None:
    assert stand(5, DONE, BEGUN) == VisitProgress(VisitState.STARTED, begun=2, sent=1, expected=2)
    assert stand(5, WRONG, None) == VisitProgress(VisitState.OPEN, begun=0, sent=0, expected=2)


def test_withdrawal_ends_open_and_coming_visits_but_not_past_ones() -> None:
    assert stand(9, BEGUN, None, withdrawn_on=date(2027, 3, 5)).state is VisitState.WITHDRAWN
    assert stand(2, None, None, withdrawn_on=date(2027, 3, 1)).state is VisitState.WITHDRAWN
    assert stand(20, None, None, withdrawn_on=date(2027, 3, 15)).state is VisitState.NOTHING_RECEIVED
    assert stand(20, DONE, DONE, withdrawn_on=date(2027, 3, 5)).state is VisitState.SENT
