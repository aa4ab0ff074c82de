"""What is asked of the store for promises: one line for each visit and each mail about its summary."""

from sqlalchemy import ColumnElement, exists, func, select

from portal.db.message import Bounce, BounceKind, Message
from portal.db.participant import Participant, Visit
from portal.db.summary import Summary
from portal.db.visit_listing import VisitListing
from portal.domain.messages import MessageKind


def came_back() -> ColumnElement[bool]:
    """Whether a mail came back for good since it left last: it may have been sent again after the report."""
    since = func.coalesce(Message.claimed_at, Bounce.at)
    return exists().where(Bounce.message_id == Message.id, Bounce.kind == BounceKind.PERMANENT, Bounce.at >= since)


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
        VisitListing.whereabouts,
        VisitListing.first_at,
        VisitListing.known_at,
        Visit.participant_id,
        Participant.withdrawn_on,
        Summary.number,
        Summary.made_at,
        Message.edition,
        Message.status,
        Message.reason,
        Message.attempts,
        Message.due_at,
        came_back().label("bounced"),
    )
    .select_from(VisitListing)
    .join(Visit, Visit.id == VisitListing.visit_id)
    .join(Participant, Participant.id == Visit.participant_id)
    .outerjoin(Summary, Summary.id == VisitListing.summary_id)
    .outerjoin(Message, (Message.visit_id == VisitListing.visit_id) & (Message.kind == MessageKind.SUMMARY))
)
