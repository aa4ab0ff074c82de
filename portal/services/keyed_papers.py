"""The paper road of one questionnaire as it stands: who keyed it in, who checked it, what is still to be settled."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from portal.db.paper import Keying, KeyingSettlement
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response, Source
from portal.db.staff import Staff
from portal.domain import instruments, schedule
from portal.domain.instruments.model import Instrument
from portal.domain.schedule import Window
from portal.domain.states import SENT_STATUSES, ParticipantStatus, ResponseStatus
from portal.services import studies
from portal.services.studies import StudyAtSite


class PaperNotFoundError(Exception):
    """There is no such questionnaire at the sites asked about."""


class KeyingState(StrEnum):
    """How far the paper of one questionnaire is.

    NOT_SENT   nothing was sent and nothing keyed
    ELSEWHERE  it was sent, and not from paper
    ONCE       keyed by one person
    DIFFERENT  keyed by two, with differences that nobody has settled
    TWICE      keyed by two, and alike or settled
    """

    NOT_SENT = "not-sent"
    ELSEWHERE = "elsewhere"
    ONCE = "once"
    DIFFERENT = "different"
    TWICE = "twice"


@dataclass(frozen=True)
class KeyedBy:
    """One keying with the name of who did it."""

    keying: Keying
    name: str

    @property
    def staff_id(self) -> UUID:
        """Who keyed."""
        return self.keying.keyed_by

    @property
    def at(self) -> datetime:
        """When it was keyed."""
        return self.keying.keyed_at


@dataclass(frozen=True)
class Settled:
    """Who settled the differences between two keyings, and when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Paper:
    """One questionnaire of one visit, seen from its paper; `settled` is set, too, when there was nothing to settle."""

    assignment_id: UUID
    instrument: Instrument
    visit: Visit
    place: StudyAtSite
    response: Response | None
    first: KeyedBy | None
    second: KeyedBy | None
    settled: Settled | None

    @property
    def participant(self) -> Participant:
        """Whose paper it is."""
        return self.visit.participant

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing more is taken from her."""
        return self.participant.status is ParticipantStatus.WITHDRAWN

    @property
    def is_sent(self) -> bool:
        """Whether the response is complete and locked."""
        return self.response is not None and self.response.status in SENT_STATUSES

    @property
    def window(self) -> Window:
        """The local days on which the questionnaire may be filled in."""
        return schedule.window(self.place.definition.get_visit(self.visit.code), self.visit.planned_on)

    @property
    def state(self) -> KeyingState:
        """How far the paper is."""
        if not self.is_sent:
            return KeyingState.NOT_SENT
        if self.first is None or self.response is None or self.response.source is not Source.PAPER:
            return KeyingState.ELSEWHERE
        if self.second is None:
            return KeyingState.ONCE
        return KeyingState.TWICE if self.settled else KeyingState.DIFFERENT

    def label(self, language: str) -> str:
        """Name the visit in the reader's language."""
        return self.place.definition.get_visit(self.visit.code).label(language)


def get_for(session: Session, site_ids: Collection[UUID], assignment_id: UUID) -> Paper:
    """Give the paper of one questionnaire of these sites.  Raises PaperNotFoundError, also for another site's."""
    found = _read(session, and_(Assignment.id == assignment_id, Participant.site_id.in_(site_ids)))
    if not found:
        raise PaperNotFoundError(str(assignment_id))
    return found[0]


def of_visit(session: Session, visit_id: UUID) -> list[Paper]:
    """List the papers of a visit, in the order in which they are asked."""
    return _read(session, Visit.id == visit_id)


def first_names(session: Session, responses: Collection[Response]) -> dict[UUID, str]:
    """Name who first keyed each of these responses in, by response; nothing is asked of the store without paper."""
    keyed = [each.id for each in responses if each.source is not Source.PHONE]
    if not keyed:
        return {}
    rows = session.execute(
        select(Keying.response_id, Staff.name)
        .join(Staff, Staff.id == Keying.keyed_by)
        .where(Keying.response_id.in_(keyed), Keying.number == 1)
    )
    return {row.response_id: row.name for row in rows}


def _read(session: Session, chosen: ColumnElement[bool]) -> list[Paper]:
    rows = session.execute(
        select(Assignment, Visit, Response)
        .select_from(Assignment)
        .join(Visit, Visit.id == Assignment.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        .outerjoin(
            Response,
            and_(Response.assignment_id == Assignment.id, Response.status != ResponseStatus.ENTERED_IN_ERROR),
        )
        .where(chosen)
        .order_by(Assignment.position)
    ).all()
    keyed = _keyings(session, [row.Response.id for row in rows if row.Response])
    return [_paper(session, row, keyed) for row in rows]


def _paper(session: Session, row: Any, keyed: dict[tuple[UUID, int], tuple[KeyedBy, Settled | None]]) -> Paper:
    response: Response | None = row.Response
    first, second = (keyed.get((response.id, number)) if response else None for number in (1, 2))
    return Paper(
        row.Assignment.id,
        instruments.get(row.Assignment.instrument),
        row.Visit,
        studies.for_site(session, row.Visit.participant.site_id),
        response,
        first[0] if first else None,
        second[0] if second else None,
        second[1] if second else None,
    )


def _keyings(
    session: Session, response_ids: Collection[UUID]
) -> dict[tuple[UUID, int], tuple[KeyedBy, Settled | None]]:
    """Give each keying of these responses, by response and number, with how it was settled."""
    found = session.execute(
        select(Keying, Staff.name, KeyingSettlement.settled_by, KeyingSettlement.at)
        .join(Staff, Staff.id == Keying.keyed_by)
        .outerjoin(KeyingSettlement, KeyingSettlement.keying_id == Keying.id)
        .where(Keying.response_id.in_(response_ids))
    ).all()
    settlers = {row.settled_by for row in found if row.settled_by}
    names = {each.id: each.name for each in session.scalars(select(Staff).where(Staff.id.in_(settlers)))}
    return {
        (row.Keying.response_id, row.Keying.number): (
            KeyedBy(row.Keying, row.name),
            Settled(names[row.settled_by], row.at) if row.settled_by else None,
        )
        for row in found
    }
