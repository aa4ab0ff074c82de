"""What a nurse can do about a visit, the next sensible act first."""

from enum import StrEnum

from portal.domain.states import VisitState


class Act(StrEnum):
    """One thing that can be done about a visit from the list.

    REACH covers the telephone, with the call's outcome, and the message once more.
    """

    REACH = "reach"
    HAND_OVER = "hand-over"
    PRINT_SUMMARY = "print-summary"
    OPEN_SUMMARY = "open-summary"
    PRINT_PAPER = "print-paper"
    KEY_IN = "key-in"
    INTERVIEW = "interview"


_OPEN = {VisitState.OPEN, VisitState.STARTED, VisitState.LATE, VisitState.PAPER_EXPECTED}
_CLOSED = {VisitState.UNFINISHED, VisitState.NOTHING_RECEIVED}


def acts(state: VisitState, *, days_to_go: int, is_open: bool, has_summary: bool, is_printed: bool) -> tuple[Act, ...]:
    """Give the acts that make sense, the next one first; none when nothing is to be done.

    `is_open`: answers are taken today. `has_summary` may be the page that says that nothing was received.
    """
    wanted: list[Act] = []
    if state in _OPEN and days_to_go == 0:
        wanted.append(Act.HAND_OVER)  # she is here
    if state is VisitState.PAPER_EXPECTED:
        wanted.append(Act.KEY_IN)
    if state in _OPEN | _CLOSED:
        wanted.append(Act.REACH)
    if has_summary:
        wanted += [Act.OPEN_SUMMARY, Act.PRINT_SUMMARY] if is_printed else [Act.PRINT_SUMMARY, Act.OPEN_SUMMARY]
    if state in _OPEN and is_open:
        wanted += [Act.HAND_OVER, Act.INTERVIEW]
    if state in _OPEN | {VisitState.NOT_YET_OPEN}:
        wanted.append(Act.PRINT_PAPER)
    if state in _OPEN | _CLOSED:
        wanted.append(Act.KEY_IN)
    return tuple(dict.fromkeys(wanted))
