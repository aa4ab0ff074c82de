"""Plans messages: one row for each that a visit or a new summary gives rise to, once, whoever else plans too."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.db import inserting
from portal.db.message import Channel, Message, MessageStatus
from portal.db.participant import Participant, Visit
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.domain.messages import MessageKind
from portal.domain.schedule import ONE_DAY, IsPublicHoliday, PlannedMessage, planned_messages
from portal.domain.sending import Reason
from portal.domain.states import ParticipantStatus
from portal.services import audit, staff, studies
from portal.services.actor import Actor
from portal.services.studies import StudyAtSite

LOOKED_BACK = timedelta(days=31)
"""Visits older than this are history: nothing is planned for them any more."""

TO_PARTICIPANT = "participant"
TO_NOBODY = "nobody"


def plan(session: Session, is_public_holiday: IsPublicHoliday, *, by: Actor, at: datetime) -> list[UUID]:
    """Add every message that is due by tomorrow and has no row yet; give the ids of the new ones.

    What is planned too late to be of use is planned all the same, and cancelled when its turn comes, so that it shows.
    """
    added: list[UUID] = []
    for place in studies.list_sites(session):
        rows = [*_of_visits(session, place, is_public_holiday, at), *_of_summaries(session, place, at)]
        added += _add(session, rows, by=by, at=at)
    return added


def add_for_participant(
    session: Session,
    visit: Visit,
    kind: MessageKind,
    *,
    edition: int,
    channel: Channel | None = None,
    by: Actor,
    at: datetime,
) -> UUID | None:
    """Add one message to the participant that may leave at once; None when its place was just taken.

    `channel` is only for what must leave by this one; by what others leave is found out as they leave.
    """
    row = _row(visit.id, visit.participant_id, kind, TO_PARTICIPANT, edition=edition, due_at=at) | {"channel": channel}
    return next(iter(_add(session, [row], by=by, at=at)), None)


def add_for_staff(
    session: Session,
    visit: Visit,
    kind: MessageKind,
    staff_ids: Iterable[UUID],
    *,
    edition: int,
    by: Actor,
    at: datetime,
) -> list[UUID]:
    """Add one message about an edition of a visit's summary for each of these members of staff."""
    recipients = [recipient_of(staff_id) for staff_id in staff_ids]
    rows = [
        _row(visit.id, visit.participant_id, kind, recipient, edition=edition, due_at=at) for recipient in recipients
    ]
    return _add(session, rows, by=by, at=at)


def add_again(
    session: Session, visit: Visit, planned: Iterable[PlannedMessage], *, edition: int, by: Actor, at: datetime
) -> list[UUID]:
    """Add the messages of a visit's new plan beside those of the old one, which keep their editions."""
    rows = [
        _row(visit.id, visit.participant_id, each.kind, TO_PARTICIPANT, edition=edition, due_at=each.due_at)
        for each in planned
    ]
    return _add(session, rows, by=by, at=at)


def recipient_of(staff_id: UUID) -> str:
    """Give how a message names a member of staff it goes to."""
    return f"staff:{staff_id}"


def staff_id_of(recipient: str) -> UUID | None:
    """Give the id of the member of staff that a message goes to; None when it goes to the participant or nobody."""
    kind, _, staff_id = recipient.partition(":")
    return UUID(staff_id) if kind == "staff" else None


def _of_visits(
    session: Session, place: StudyAtSite, is_public_holiday: IsPublicHoliday, at: datetime
) -> Iterable[dict[str, Any]]:
    today = place.today(at)
    opens_before = max(visit.window.opens_days_before for visit in place.definition.visits)
    opening = exists().where(Message.visit_id == Visit.id, Message.kind == MessageKind.OPENING)
    visits = session.execute(
        select(Visit.id, Visit.code, Visit.planned_on, Visit.participant_id)
        .join(Participant)
        .where(
            Participant.site_id == place.site_id,
            Participant.status == ParticipantStatus.ACTIVE,
            Visit.planned_on >= today - LOOKED_BACK,
            Visit.planned_on <= today + opens_before * ONE_DAY + ONE_DAY,
            ~opening,
        )
    )
    for visit in visits.all():
        protocol = place.definition.get_visit(visit.code)
        for planned in planned_messages(place.definition, place.site, protocol, visit.planned_on, is_public_holiday):
            if planned.kind.to_patient:
                yield _row(
                    visit.id, visit.participant_id, planned.kind, TO_PARTICIPANT, edition=1, due_at=planned.due_at
                )


def _of_summaries(session: Session, place: StudyAtSite, at: datetime) -> Iterable[dict[str, Any]]:
    """Announce the latest edition of each recent visit's summary to the site's investigators, at once."""
    today = place.today(at)
    later = aliased(Summary)
    newest = select(func.max(later.number)).where(later.visit_id == Visit.id).scalar_subquery()
    announced = exists().where(
        Message.visit_id == Visit.id,
        Message.kind == MessageKind.SUMMARY,
        Message.edition == Summary.number,
        Message.recipient != TO_NOBODY,
    )
    opens_before = max(visit.window.opens_days_before for visit in place.definition.visits)
    found = session.execute(
        select(Visit.id, Visit.participant_id, Summary.number)
        .join(Participant, Participant.id == Visit.participant_id)
        .join(Summary, Summary.visit_id == Visit.id)
        .where(
            Participant.site_id == place.site_id,
            Visit.planned_on >= today - LOOKED_BACK,
            Visit.planned_on <= today + opens_before * ONE_DAY + ONE_DAY,
            Summary.number == newest,
            ~announced,
        )
    ).all()
    if not found:
        return
    recipients = [recipient_of(each.id) for each in staff.investigators_of(session, place.site_id)]
    for summary in found:
        for recipient in recipients or [TO_NOBODY]:
            yield _row(
                summary.id, summary.participant_id, MessageKind.SUMMARY, recipient, edition=summary.number, due_at=at
            )


def _row(
    visit_id: UUID, participant_id: UUID, kind: MessageKind, recipient: str, *, edition: int, due_at: datetime
) -> dict[str, Any]:
    nobody = recipient == TO_NOBODY
    return {
        "id": uuid4(),
        "visit_id": visit_id,
        "kind": kind.value,
        "recipient": recipient,
        "edition": edition,
        "status": MessageStatus.FAILED if nobody else MessageStatus.PLANNED,
        "due_at": due_at,
        "attempts": 0,
        "reason": Reason.NO_RECIPIENT.value if nobody else None,
        "participant_id": participant_id,
    }


def _add(session: Session, rows: Sequence[dict[str, Any]], *, by: Actor, at: datetime) -> list[UUID]:
    """Insert the rows whose place no other worker has taken in the meantime, each with its event."""
    if not rows:
        return []
    insert = inserting.of_dialect(session)
    added = []
    for row in rows:
        values = {name: value for name, value in row.items() if name != "participant_id"}
        statement = insert(Message).values(values).on_conflict_do_nothing().returning(Message.id)
        if session.execute(statement).first():
            added.append(row)
    events = [
        audit.Event(
            deed=Deed.MESSAGE_FAILED if row["reason"] else Deed.MESSAGE_PLANNED,
            subject_kind="message",
            subject_id=row["id"],
            participant_id=row["participant_id"],
            new={"kind": row["kind"], "edition": row["edition"], "due_at": row["due_at"].isoformat()},
            reason=row["reason"],
        )
        for row in added
    ]
    audit.record(session, *events, by=by, at=at)
    return [row["id"] for row in added]
