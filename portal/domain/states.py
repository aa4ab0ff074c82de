"""The states that responses, participants, studies and visits can be in, and how a visit's state follows from dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Mode(StrEnum):
    """What a study may show: demonstration wording, or licensed wording only."""

    DEMONSTRATION = "demonstration"
    LIVE = "live"


class ParticipantStatus(StrEnum):
    """Whether a participant still takes part."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class WithdrawalExtent(StrEnum):
    """From what a participant withdrew; nothing that was sent is deleted by it.

    QUESTIONNAIRES  from the questionnaires alone: she is still seen at the site
    STUDY           from the study; what was sent may be used
    STUDY_AND_DATA  from the study, and she asks that what was sent is not used: for the data manager to act on
    """

    QUESTIONNAIRES = "questionnaires"
    STUDY = "study"
    STUDY_AND_DATA = "study-and-data"


class ResponseStatus(StrEnum):
    """FHIR's QuestionnaireResponse.status, https://hl7.org/fhir/valueset-questionnaire-answers-status.html."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"


SENT_STATUSES = frozenset({ResponseStatus.COMPLETED, ResponseStatus.AMENDED})


class VisitState(StrEnum):
    """Where a participant's questionnaires for one visit stand, as a nurse asks it.

    NOT_YET_OPEN      the window has not opened and nothing was begun
    OPEN              open, nothing begun, the summary is not overdue
    STARTED           something begun, not all sent, the summary is not overdue
    LATE              the day on which the summary was due is past, not all sent, the window still open
    PAPER_EXPECTED    the window has not closed, not all sent, and paper was made or wished for
    SENT              every questionnaire of the visit was sent, whenever that was
    UNFINISHED        the window closed with something begun but not all sent
    NOTHING_RECEIVED  the window closed and nothing was ever begun
    WITHDRAWN         the participant withdrew before the window closed, and not all was sent
    """

    NOT_YET_OPEN = "not-yet-open"
    OPEN = "open"
    STARTED = "started"
    LATE = "late"
    PAPER_EXPECTED = "paper-expected"
    SENT = "sent"
    UNFINISHED = "unfinished"
    NOTHING_RECEIVED = "nothing-received"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class VisitProgress:
    """A visit's state, with how many of its questionnaires were begun (sent ones included), sent, and expected."""

    state: VisitState
    begun: int
    sent: int
    expected: int


def visit_progress(
    *,
    today: date,
    opens_on: date,
    closes_on: date,
    summary_due_on: date,
    responses: Sequence[ResponseStatus | None],
    withdrawn_on: date | None = None,
    paper_expected: bool = False,
) -> VisitProgress:
    """Derive the state of one participant's visit; all dates are local to the site.

    responses: one entry for each questionnaire due at the visit, None where none was begun.
               A response entered in error counts as not begun; a stopped one as begun and not sent.
    closes_on: the last day on which answers are taken.
    """
    sent = sum(status in SENT_STATUSES for status in responses)
    begun = sum(status not in (None, ResponseStatus.ENTERED_IN_ERROR) for status in responses)
    expected = len(responses)
    withdrew_first = withdrawn_on is not None and withdrawn_on <= closes_on
    if expected and sent == expected:
        state = VisitState.SENT
    elif withdrew_first:
        state = VisitState.WITHDRAWN
    elif today > closes_on:
        state = VisitState.UNFINISHED if begun else VisitState.NOTHING_RECEIVED
    elif paper_expected:
        state = VisitState.PAPER_EXPECTED
    elif today < opens_on and not begun:
        state = VisitState.NOT_YET_OPEN
    elif today > summary_due_on:
        state = VisitState.LATE
    else:
        state = VisitState.STARTED if begun else VisitState.OPEN
    return VisitProgress(state, begun, sent, expected)
