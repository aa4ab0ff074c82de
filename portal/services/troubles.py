"""What is amiss at a site, counted: promises that are broken or in danger, and messages that did not reach patients."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.message import Bounce, BounceKind, Message, MessageStatus
from portal.db.participant import Participant, Visit
from portal.domain.promises import Cause
from portal.domain.schedule import IsPublicHoliday
from portal.domain.sending import Reason
from portal.services import promises, render_faults, shortfalls
from portal.services.message_plan import TO_PARTICIPANT
from portal.services.studies import StudyAtSite


def count(
    session: Session, place: StudyAtSite, is_public_holiday: IsPublicHoliday, *, since: datetime, at: datetime
) -> dict[str, int]:
    """Give the numbers of the day's notice: promises as they stand, and what happened `since`.

    A page that does not come out as a PDF is at the site all the same, and is told of as that alone.
    """
    telling = promises.to_tell(session, place.site_id, is_public_holiday=is_public_holiday, at=at)
    to_patients = (
        select(Message.status, func.count().label("number"))
        .join(Visit, Visit.id == Message.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        .where(
            Participant.site_id == place.site_id,
            Message.recipient == TO_PARTICIPANT,
            Message.status.in_([MessageStatus.FAILED, MessageStatus.UNKNOWN]),
            Message.reason.is_distinct_from(Reason.BOUNCED),  # which is told of below, by when it came back
            Message.claimed_at >= since,
        )
        .group_by(Message.status)
    )
    bounced = (
        select(func.count(Bounce.message_id.distinct()))
        .join(Message, Message.id == Bounce.message_id)
        .join(Visit, Visit.id == Message.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        .where(
            Participant.site_id == place.site_id,
            Message.recipient == TO_PARTICIPANT,
            Bounce.kind == BounceKind.PERMANENT,
            Bounce.at >= since,
        )
    )
    fates = {row.status: row.number for row in session.execute(to_patients)}
    return {
        "broken": sum(telling.broken.values()),
        "endangered": sum(telling.in_danger.values()) - telling.in_danger.get(Cause.UNPRINTABLE, 0),
        "missing": shortfalls.count_open(session, [place.site_id]),
        "bounced": session.scalar(bounced) or 0,
        "unsent": fates.get(MessageStatus.FAILED, 0),
        "unprintable": render_faults.count_since(session, place.site_id, since=since),
        "unknown": fates.get(MessageStatus.UNKNOWN, 0),
    }
