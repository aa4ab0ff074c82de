"""What is asked of the store for promises: one line for each visit and each mail about its summary."""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from portal.db.audit_event import AuditEvent
from portal.db.message import Bounce, BounceKind, Message
from portal.db.participant import Participant, Visit
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.db.visit_listing import VisitListing
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind


def came_back() -> ColumnElement[bool]:
    """Whether a mail came back for good since it left last: it may have been sent again after the report."""
    since = func.coalesce(Message.claimed_at, Bounce.at)
    return exists().where(Bounce.message_id == Message.id, Bounce.kind == BounceKind.PERMANENT, Bounce.at >= since)


def is_looked_at() -> ColumnElement[bool]:
    """Whether somebody at the site has looked at the current edition."""
    looks = SummaryEvent.summary_id == VisitListing.summary_id
    return exists().where(looks, SummaryEvent.kind != LifeEvent.DELIVERED)


def _first_look() -> Any:
    """When somebody at the site first looked at any edition."""
    edition = aliased(Summary)
    looked = select(func.min(SummaryEvent.at)).join(edition, edition.id == SummaryEvent.summary_id)
    looked = looked.where(edition.visit_id == VisitListing.visit_id, SummaryEvent.kind != LifeEvent.DELIVERED)
    return looked.correlate(VisitListing).scalar_subquery()


def _last_move() -> Any:
    moved = select(func.max(AuditEvent.at)).where(
        AuditEvent.subject_kind == "visit",
        AuditEvent.subject_id == VisitListing.visit_id,
        AuditEvent.deed == Deed.VISIT_MOVED,
    )
    return moved.correlate(VisitListing).scalar_subquery()


ORDER = (VisitListing.planned_on, VisitListing.participant_number, VisitListing.visit_id)
ASKED = (
    select(
        VisitListing.visit_id,
        VisitListing.site_id,
        VisitListing.participant_number,
        VisitListing.planned_on,
        VisitListing.code,
        VisitListing.received,
        VisitListing.summary_id,
        Visit.participant_id,
        Participant.enrolled_at,
        Participant.withdrawn_on,
        Summary.number,
        Summary.made_at,
        _first_look().label("looked_at"),
        is_looked_at().label("is_looked_at"),
        _last_move().label("moved_at"),
        Message.edition,
        Message.status,
        Message.reason,
        Message.attempts,
        Message.due_at,
        Message.sent_at,
        came_back().label("bounced"),
    )
    .select_from(VisitListing)
    .join(Visit, Visit.id == VisitListing.visit_id)
    .join(Participant, Participant.id == Visit.participant_id)
    .outerjoin(Summary, Summary.id == VisitListing.summary_id)
    .outerjoin(Message, (Message.visit_id == VisitListing.visit_id) & (Message.kind == MessageKind.SUMMARY))
)
