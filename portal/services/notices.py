"""What staff of a site are told by mail as a whole: what is amiss today, and how the week looks.

The day's leaves on a working day that has something to say; the week's on its first working day, to whoever wishes it.
Both say how many, never who: what is behind the numbers is seen after signing in.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db import inserting
from portal.db.message import MessageStatus
from portal.db.notice import Notice, NoticeKind
from portal.db.staff import Staff
from portal.domain import schedule
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.domain.schedule import ONE_DAY, IsPublicHoliday
from portal.services import audit, digests, notice_choices, promises, studies, troubles, turns
from portal.services.actor import Actor
from portal.services.letters import NURSES_LIST_PATH, SUMMARIES_PATH, Letter
from portal.services.studies import StudyAtSite

LOOKED_BACK = timedelta(days=7)
"""What has happened longer ago is told by no notice any more: the lists show it."""


def plan(session: Session, is_public_holiday: IsPublicHoliday, holder: str, *, by: Actor, at: datetime) -> list[UUID]:
    """Add today's notices at each site whose hour has come, by whichever worker (`holder`) comes first; give their ids.

    A site is looked at once on a working day: what happens later is told on the next one.
    """
    added: list[UUID] = []
    for place in studies.list_sites(session):
        if _is_time(place, is_public_holiday, at) and _take_turn(session, place, holder, at):
            for kind in _wanted(session, place, is_public_holiday, at):
                added += _add(session, place, kind, by=by, at=at)
    return added


def letter_for(session: Session, notice: Notice, is_public_holiday: IsPublicHoliday, *, at: datetime) -> Letter | None:
    """Fill a notice by what is true now; None when there is nothing to say, or its reader wishes none any more."""
    place = studies.for_site(session, notice.site_id)
    readers = {each.id: each for each in notice_choices.recipients(session, notice.site_id, notice.kind)}
    reader = readers.get(notice.staff_id)
    values: Mapping[str, int | date]
    if reader is None:
        return None
    if notice.kind is NoticeKind.DAILY:
        mail, path = "daily_notice", promises.PATH
        values = _troubles(session, place, notice.on, is_public_holiday, at)
    else:
        mail, path = "weekly_digest", _list_of(session, reader, place)
        values = digests.count(session, place, monday_of(notice.on))
    if not any(values.values()):
        return None
    return Letter(
        message_id=notice.id,
        mail=mail,
        language=reader.language,
        to=reader.email,
        path=path,
        values={"site_name": place.site.name, **values},
    )


def monday_of(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - day.weekday() * ONE_DAY


def _is_time(place: StudyAtSite, is_public_holiday: IsPublicHoliday, at: datetime) -> bool:
    today = place.today(at)
    if not schedule.is_working_day(place.site, today, is_public_holiday):
        return False
    latest = schedule.local_instant(today, place.definition.messages.latest, place.site.zone)
    return _hour_of(place, today) <= at <= latest


def _take_turn(session: Session, place: StudyAtSite, holder: str, at: datetime) -> bool:
    tomorrow = _hour_of(place, place.today(at) + ONE_DAY)
    return turns.take(session, place.site_id.hex, holder, until=tomorrow, at=at)


def _wanted(
    session: Session, place: StudyAtSite, is_public_holiday: IsPublicHoliday, at: datetime
) -> Iterator[NoticeKind]:
    today = place.today(at)
    if any(_troubles(session, place, today, is_public_holiday, at).values()):
        yield NoticeKind.DAILY
    earlier = (monday_of(today) + count * ONE_DAY for count in range(today.weekday()))
    is_first = not any(schedule.is_working_day(place.site, day, is_public_holiday) for day in earlier)
    if is_first and digests.count(session, place, monday_of(today)):
        yield NoticeKind.WEEKLY


def _add(session: Session, place: StudyAtSite, kind: NoticeKind, *, by: Actor, at: datetime) -> list[UUID]:
    insert = inserting.of_dialect(session)
    added = []
    for person in notice_choices.recipients(session, place.site_id, kind):
        row: dict[str, Any] = {
            "id": uuid4(),
            "site_id": place.site_id,
            "kind": kind,
            "staff_id": person.id,
            "on": place.today(at),
            "status": MessageStatus.PLANNED,
            "due_at": at,
            "attempts": 0,
        }
        if session.execute(insert(Notice).values(row).on_conflict_do_nothing().returning(Notice.id)).first():
            added.append(row["id"])
    events = [
        audit.Event(deed=Deed.MESSAGE_PLANNED, subject_kind="notice", subject_id=each, new={"kind": kind})
        for each in added
    ]
    audit.record(session, *events, by=by, at=at)
    return added


def _troubles(
    session: Session, place: StudyAtSite, on: date, is_public_holiday: IsPublicHoliday, at: datetime
) -> dict[str, int]:
    """Count what is amiss, and what has happened since the last such notice of the site, if that is not long ago."""
    last = session.scalar(
        select(func.max(Notice.on)).where(
            Notice.site_id == place.site_id, Notice.kind == NoticeKind.DAILY, Notice.on < on
        )
    )
    since = _hour_of(place, max(on - LOOKED_BACK, last or date.min))
    return troubles.count(session, place, is_public_holiday, since=since, at=at)


def _hour_of(place: StudyAtSite, day: date) -> datetime:
    return schedule.local_instant(day, place.definition.notices.hour, place.site.zone)


def _list_of(session: Session, reader: Staff, place: StudyAtSite) -> str:
    """Give the list that a reader may open: the nurse's, or the investigator's."""
    colleagues = {each.staff.id: each for each in notice_choices.list_colleagues(session, place.site_id)}
    return NURSES_LIST_PATH if Role.NURSE in colleagues[reader.id].roles else SUMMARIES_PATH
