"""What a study's text messages have cost this month, and what it may still spend; in parts, as they are charged."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.db.message import Channel, Message, MessageStatus
from portal.db.participant import Participant, Visit
from portal.db.study import Site
from portal.domain import schedule
from portal.services.studies import StudyAtSite

_CHARGED = (MessageStatus.SENT, MessageStatus.UNKNOWN)


@dataclass(frozen=True)
class Allowance:
    """How many parts one text may have, and how many are left of this month's."""

    most_parts: int
    left: int


def allowance(session: Session, place: StudyAtSite, *, at: datetime) -> Allowance:
    """Give what the study may still spend in this calendar month of its own zone, over all its sites.

    What two workers are sending at this very moment is not counted yet: they may pass the limit by one text each.
    """
    zone = ZoneInfo(place.definition.time_zone)
    first = schedule.local_instant(schedule.local_day(at, zone).replace(day=1), time(0), zone)
    here = aliased(Site)
    spent = session.scalar(
        select(func.coalesce(func.sum(Message.parts), 0))
        .join(Visit, Visit.id == Message.visit_id)
        .join(Participant, Participant.id == Visit.participant_id)
        .join(Site, Site.id == Participant.site_id)
        .where(
            Site.study_id == select(here.study_id).where(here.id == place.site_id).scalar_subquery(),
            Message.channel == Channel.SMS,
            Message.status.in_(_CHARGED),
            func.coalesce(Message.sent_at, Message.claimed_at) >= first,
        )
    )
    rule = place.definition.messages
    return Allowance(rule.sms_most_parts, rule.sms_most_a_month - int(spent or 0))
