"""Notices to staff on their way: decided on at the moment of sending, as messages are."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.db.notice import Notice, NoticeKind
from portal.domain.schedule import IsPublicHoliday
from portal.domain.sending import Reason, next_hour_for_staff
from portal.services import deliveries, notices, studies
from portal.services.actor import Actor
from portal.services.letters import Letter

WANTED = {NoticeKind.DAILY: timedelta(0), NoticeKind.WEEKLY: timedelta(days=3)}
"""How many days after its own a notice is still sent: yesterday's troubles are told by today's notice."""


def prepare(
    session: Session, notice: Notice, *, is_public_holiday: IsPublicHoliday, by: Actor, at: datetime
) -> Letter | None:
    """Decide on a claimed notice by what is true now; give the letter to send, or None when there is none.

    One that has nothing to say, or whose day is past, is cancelled; at night it goes back to wait for the morning.
    """
    place = studies.for_site(session, notice.site_id)
    if place.today(at) > notice.on + WANTED[notice.kind]:
        deliveries.drop(session, notice, Reason.TOO_LATE, by=by, at=at)
        return None
    until = next_hour_for_staff(place.definition, place.site.zone, at)
    if until > at:
        deliveries.put_back(session, notice, until)
        return None
    letter = notices.letter_for(session, notice, is_public_holiday, at=at)
    if letter is None:
        deliveries.drop(session, notice, Reason.NOTHING_TO_SAY, by=by, at=at)
        return None
    notice.handed_at = at
    return letter
