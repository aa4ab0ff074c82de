"""A store with a given number of participants, spread over a year of the study; rows only, written in bulk."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.base import Base
from portal.db.correction import CorrectionRequest, RequestOutcome
from portal.db.message import Channel, Message, MessageStatus
from portal.db.participant import Assignment, Participant, Visit
from portal.db.query import Query, QueryNote
from portal.db.response import Response
from portal.db.staff import Staff
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.domain import schedule
from portal.domain.messages import MessageKind
from portal.domain.states import ParticipantStatus, ResponseStatus
from portal.services import summaries
from portal.services.message_plan import recipient_of
from portal.services.studies import StudyAtSite
from tests.factories import complete_visit, get_visit, make_participant

_AT_ONCE = 1000
_FORGOTTEN = 20  # one visit in twenty was never answered, one old summary in twenty never seen
_SEEN_AFTER = timedelta(14)
_MADE_BEFORE = 5  # days before the visit: in time, whatever weekend lies between
_UNSIGNED = 2  # summaries that she has opened and not signed: her doing, however many patients there are
_ANSWERED_WITHIN = timedelta(3)  # what staff ask about an answer, and what a patient wishes
# Each after those it points to.
_TABLES = (
    Participant,
    Visit,
    Assignment,
    Response,
    Query,
    QueryNote,
    CorrectionRequest,
    Summary,
    SummaryEvent,
    Message,
)

Rows = dict[type[Base], list[dict[str, Any]]]


def fill(session: Session, place: StudyAtSite, reader: Staff, number: int, *, at: datetime) -> None:
    """Add `number` participants with all visits, the past ones answered, and a summary of each one's latest visit.

    That is the latest whose summary is due by now: made on its day, announced, and at the site, as a worker leaves it.
    The summaries have the content of a real one; `reader` has seen the older ones. About one of the answers of each
    past visit staff ask something, or the patient wishes it corrected; half of it is settled.
    """
    crowd = _Crowd(session, place, reader, at)
    rows: Rows = defaultdict(list)
    for order in range(1, number):
        crowd.add(rows, order, crowd.today - timedelta(order * 365 // number))
        if order % _AT_ONCE == 0:
            _write(session, rows)
    _write(session, rows)


class _Crowd:
    """Makes the rows of one participant after the other, after the model of one who answered like a person."""

    def __init__(self, session: Session, place: StudyAtSite, reader: Staff, at: datetime) -> None:
        self.place, self.reader, self.at, self.today = place, reader, at, at.date()
        self.unsigned = 0
        model = make_participant(session, place, included_on=self.today - timedelta(2), at=at - timedelta(9))
        complete_visit(session, model, at=at - timedelta(3))
        summary = summaries.find_current(session, get_visit(session, model).id)
        assert summary is not None
        self.summary = summary

    def add(self, rows: Rows, order: int, included_on: date) -> None:
        """Append one participant's rows."""
        participant_id = uuid4()
        rows[Participant].append(
            {
                "id": participant_id,
                "site_id": self.place.site_id,
                "participant_number": f"01-{order + 1:05}",
                "language": "fr",
                "included_on": included_on,
                "status": ParticipantStatus.ACTIVE,
                "enrolled_at": self.at - timedelta((self.today - included_on).days + 9),
            }
        )
        latest: tuple[date, UUID] | None = None
        for number, visit in enumerate(self.place.definition.visits):
            planned_on, visit_id = schedule.planned_on(included_on, visit), uuid4()
            rows[Visit].append(
                {"id": visit_id, "participant_id": participant_id, "code": visit.code, "planned_on": planned_on}
            )
            is_answered = planned_on < self.today and (order + number) % _FORGOTTEN != 0
            response_id = self._ask(rows, visit_id, visit.instruments, is_answered)
            if is_answered:
                self._talk(rows, response_id, planned_on, order + number)
            if self._is_due(planned_on):
                latest = planned_on, visit_id
        if latest:
            is_seen = latest[0] < self.today - _SEEN_AFTER and order % _FORGOTTEN != 0
            is_opened = is_seen or self.unsigned < _UNSIGNED
            self.unsigned += is_opened and not is_seen
            self._summarise(rows, *latest, [LifeEvent.OPENED] * is_opened + [LifeEvent.SEEN] * is_seen)

    def _is_due(self, planned_on: date) -> bool:
        due_on = schedule.summary_due_on(self.place.definition, self.place.site, planned_on, is_public_holiday)
        return due_on <= self.today

    def _ask(self, rows: Rows, visit_id: UUID, instruments: tuple[str, ...], is_answered: bool) -> UUID:
        """Give the id of the last response."""
        for position, code in enumerate(instruments):
            assignment_id, response_id = uuid4(), uuid4()
            rows[Assignment].append(
                {"id": assignment_id, "visit_id": visit_id, "instrument": code, "position": position}
            )
            if is_answered:
                rows[Response].append(
                    {
                        "id": response_id,
                        "assignment_id": assignment_id,
                        "status": ResponseStatus.COMPLETED,
                        "started_at": self.at,
                        "completed_at": self.at,
                        "frozen": {},
                        "frozen_hash": assignment_id.hex,
                    }
                )

        return response_id

    def _talk(self, rows: Rows, response_id: UUID, planned_on: date, number: int) -> None:
        """Ask something about an answer in every second visit, have the patient wish something in the others."""
        about = {"id": uuid4(), "response_id": response_id, "site_id": self.place.site_id}
        asked_at = datetime.combine(planned_on, time(12), UTC)
        by, done_at = self.reader.id, min(asked_at + _ANSWERED_WITHIN, self.at)
        is_settled = number % 4 > 1
        if number % 2:
            settled = {"settled_by": by, "settled_at": done_at, "outcome": RequestOutcome.DECLINED}
            settled |= {"settled_reason": "She had read it aright."}
            row = about | {"asked_at": asked_at, "reason": "I ticked the wrong line."}
            rows[CorrectionRequest].append(row | (settled if is_settled else dict.fromkeys(settled)))
            return
        closed = {"closed_by": by, "closed_at": done_at, "close_reason": "It is so."}
        row = about | {"link_id": None, "opened_by": by, "opened_at": asked_at}
        rows[Query].append(row | (closed if is_settled else dict.fromkeys(closed)))
        rows[QueryNote].append({"query_id": about["id"], "by_staff": by, "at": asked_at, "text": "Is this so?"})

    def _summarise(self, rows: Rows, planned_on: date, visit_id: UUID, life: list[LifeEvent]) -> None:
        summary_id = uuid4()
        made_at = min(self.at - timedelta((self.today - planned_on).days + _MADE_BEFORE), self.at - timedelta(1))
        rows[Summary].append(
            {
                "id": summary_id,
                "visit_id": visit_id,
                "number": 1,
                "content": self.summary.content,
                "content_hash": summary_id.hex,
                "made_at": made_at,
            }
        )
        rows[Message].append(
            {
                "id": uuid4(),
                "visit_id": visit_id,
                "kind": MessageKind.SUMMARY,
                "recipient": recipient_of(self.reader.id),
                "edition": 1,
                "status": MessageStatus.SENT,
                "channel": Channel.MAIL,
                "due_at": made_at,
                "sent_at": made_at,
                "attempts": 1,
            }
        )
        for kind in life:
            event = {"id": uuid4(), "summary_id": summary_id, "kind": kind}
            rows[SummaryEvent].append(event | {"at": self.at, "by_staff": self.reader.id})


def _write(session: Session, rows: Rows) -> None:
    for table in _TABLES:
        if rows[table]:
            session.execute(insert(table), rows[table])
    rows.clear()
