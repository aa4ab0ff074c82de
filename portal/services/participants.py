"""One participant as her nurse sees her: found by number, her visits with their windows, and what was sent."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.db.message import Message
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.visit_listing import VisitListing
from portal.domain import schedule
from portal.domain.messages import MessageKind
from portal.domain.schedule import IsPublicHoliday, Window
from portal.domain.states import ResponseStatus, VisitProgress, visit_progress
from portal.services import bounces, studies, summaries
from portal.services.studies import StudyAtSite
from portal.services.summaries import SummaryLine


class ParticipantNotFoundError(Exception):
    """There is no such participant at these sites."""


class VisitNotFoundError(Exception):
    """There is no such visit at these sites."""


@dataclass(frozen=True)
class VisitLine:
    """One visit of hers: its local days, where its questionnaires stand, its summary and its messages.

    held_up: the messages (by id) that another server was still trying to deliver.
    """

    visit_id: UUID
    code: str
    planned_on: date
    protocol_day: date
    window: Window
    summary_due_on: date
    progress: VisitProgress
    summary: SummaryLine | None
    messages: tuple[Message, ...]
    held_up: frozenset[UUID] = frozenset()

    @property
    def last_told_at(self) -> datetime | None:
        """When the last message to her about this visit left."""
        sent = [each.sent_at for each in self.messages if each.sent_at and MessageKind(each.kind).tells_of_visit]
        return max(sent, default=None)

    def tells_of_move(self, message: Message) -> bool:
        """Whether a message is the word that the visit was moved: an opening after one that had left."""
        earlier = [each for each in self.messages if each.kind == message.kind and each.edition < message.edition]
        return message.kind == MessageKind.OPENING and any(each.sent_at for each in earlier)


@dataclass(frozen=True)
class ParticipantPage:
    """A participant with all her visits, by day."""

    participant: Participant
    place: StudyAtSite
    today: date
    visits: tuple[VisitLine, ...]

    def label(self, code: str, language: str) -> str:
        """Name a visit in the reader's language."""
        return self.place.definition.get_visit(code).label(language)

    @property
    def messages(self) -> list[tuple[VisitLine, Message]]:
        """Every message of every visit, by when it left or shall leave."""
        pairs = [(visit, message) for visit in self.visits for message in visit.messages]
        return sorted(pairs, key=lambda pair: pair[1].sent_at or pair[1].due_at)


def get_for(session: Session, site_ids: Collection[UUID], participant_id: UUID) -> Participant:
    """Give a participant of these sites.  Raises ParticipantNotFoundError, also for another site's."""
    wanted = select(Participant).where(Participant.id == participant_id, Participant.site_id.in_(site_ids))
    found = session.scalar(wanted)
    if found is None:
        raise ParticipantNotFoundError(str(participant_id))
    return found


def get_visit_for(session: Session, site_ids: Collection[UUID], visit_id: UUID) -> Visit:
    """Give a visit at these sites.  Raises VisitNotFoundError, also for another site's."""
    wanted = select(Visit).join(Participant).where(Visit.id == visit_id, Participant.site_id.in_(site_ids))
    found = session.scalar(wanted)
    if found is None:
        raise VisitNotFoundError(str(visit_id))
    return found


def page_of(
    session: Session, participant: Participant, *, is_public_holiday: IsPublicHoliday, at: datetime
) -> ParticipantPage:
    """Give a participant's page; seven queries, however many visits she has."""
    place = studies.for_site(session, participant.site_id)
    visits = session.scalars(select(Visit).where(Visit.participant_id == participant.id)).all()
    ids = [visit.id for visit in visits]
    statuses, lines, sent = _statuses(session, ids), summaries.current_for_visits(session, ids), _messages(session, ids)
    with_paper = set(
        session.scalars(select(VisitListing.visit_id).where(VisitListing.visit_id.in_(ids), VisitListing.paper))
    )
    today = place.today(at)

    def line(visit: Visit) -> VisitLine:
        protocol = place.definition.get_visit(visit.code)
        window = schedule.window(protocol, visit.planned_on)
        due_on = schedule.summary_due_on(place.definition, place.site, visit.planned_on, is_public_holiday)
        return VisitLine(
            visit_id=visit.id,
            code=visit.code,
            planned_on=visit.planned_on,
            protocol_day=schedule.planned_on(participant.included_on, protocol),
            window=window,
            summary_due_on=due_on,
            progress=visit_progress(
                today=today,
                opens_on=window.opens_on,
                closes_on=window.closes_on,
                summary_due_on=due_on,
                responses=statuses[visit.id],
                withdrawn_on=participant.withdrawn_on,
                paper_expected=visit.id in with_paper,
            ),
            summary=lines.get(visit.id),
            messages=tuple(message for message, _ in sent[visit.id]),
            held_up=frozenset(message.id for message, is_held_up in sent[visit.id] if is_held_up),
        )

    ordered = sorted(visits, key=lambda visit: (visit.planned_on, visit.code))
    return ParticipantPage(participant, place, today, tuple(line(visit) for visit in ordered))


def _statuses(session: Session, visit_ids: Sequence[UUID]) -> dict[UUID, list[ResponseStatus | None]]:
    """Give, by visit, one entry per questionnaire, None where none was begun."""
    current = and_(Response.assignment_id == Assignment.id, Response.status != ResponseStatus.ENTERED_IN_ERROR)
    rows = session.execute(
        select(Assignment.visit_id, Response.status)
        .outerjoin(Response, current)
        .where(Assignment.visit_id.in_(visit_ids))
        .order_by(Assignment.visit_id)
    )
    found: dict[UUID, list[ResponseStatus | None]] = defaultdict(list)
    for visit_id, group in groupby(rows, key=lambda row: row.visit_id):
        found[visit_id] = [row.status for row in group]
    return found


def _messages(session: Session, visit_ids: Sequence[UUID]) -> dict[UUID, list[tuple[Message, bool]]]:
    """Give, by visit, each message and whether it is held up on its way."""
    found: dict[UUID, list[tuple[Message, bool]]] = defaultdict(list)
    wanted = select(Message, bounces.is_held_up()).where(Message.visit_id.in_(visit_ids)).order_by(Message.due_at)
    for message, is_held_up in session.execute(wanted):
        found[message.visit_id].append((message, is_held_up))
    return found
