"""How each visit's promise stands, read from the store: one statement for any number of visits, a row at a time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session

from portal.db.message import MessageStatus
from portal.db.summary import Summary
from portal.db.visit_listing import Received, VisitListing, Whereabouts
from portal.db.watch import RenderFault, RenderSubject
from portal.domain import promises, schedule
from portal.domain.promises import Facts, Mail, Promise, PromiseState, Term
from portal.domain.schedule import ONE_DAY, IsPublicHoliday
from portal.domain.sending import Reason
from portal.services import promise_asking, pulse
from portal.services.studies import StudyAtSite

_NAMED_AT_ONCE = 5000  # visits in one statement


@dataclass(frozen=True)
class PromiseRow:
    """One visit's promise, and what was received of the visit; `edition` is the current summary's, None before any."""

    visit_id: UUID
    participant_id: UUID
    participant_number: str
    place: StudyAtSite
    code: str
    planned_on: date
    received: Received
    promise: Promise
    summary_id: UUID | None = None
    edition: int | None = None

    def label(self, language: str) -> str:
        """Name the visit in the reader's language."""
        return self.place.definition.get_visit(self.code).label(language)


class Reader:
    """Reads promises of some sites (`places`, by id) at one instant."""

    def __init__(
        self, session: Session, places: Mapping[UUID, StudyAtSite], is_public_holiday: IsPublicHoliday, at: datetime
    ) -> None:
        self.places, self.at = places, at
        self.pulse = pulse.feel(session, at=at)
        self._session = session
        self._is_public_holiday = is_public_holiday
        self._due: dict[tuple[UUID, date], date] = {}
        self._coming_from: dict[UUID, date] = {}
        given_up = select(RenderFault.subject).where(
            RenderFault.kind == RenderSubject.SUMMARY, RenderFault.given_up_at.is_not(None)
        )
        self.unprintable = {UUID(subject) for subject in session.scalars(given_up)}

    def read(self, visits: Sequence[UUID]) -> Iterator[PromiseRow]:
        """Give the promises of these visits, which are in the order of lists; a statement for each few thousand."""
        for first in range(0, len(visits), _NAMED_AT_ONCE):
            yield from self._read(visits[first : first + _NAMED_AT_ONCE])

    def read_open(self, among: Collection[UUID] | None = None) -> Iterator[PromiseRow]:
        """Give those of visits to come, or just over, whose time has come and whose current summary is not at the site.

        `among` = of these visits alone. The store finds them by where their summaries are, so that what is read is as
        much as is amiss, however many participants.
        """
        found = list(self._session.scalars(union(*self._amiss(among)))) if self.places else []
        return self._read(found) if found else iter(())

    def coming_from(self, place: StudyAtSite) -> date:
        """Give the first day of visits whose summary is not due yet: of later visits it is not, either."""
        if place.site_id not in self._coming_from:
            today = day = place.today(self.at)
            while self._is_due(place, day) or self._due_on(place, day) < today:
                day += ONE_DAY
            self._coming_from[place.site_id] = day
        return self._coming_from[place.site_id]

    def due_ends(self, place: StudyAtSite, planned_on: date) -> datetime:
        """Give when the day is over on which the summary of a visit of this day is due."""
        return schedule.local_instant(self._due_on(place, planned_on) + ONE_DAY, time(0), place.site.zone)

    def arrived(
        self, site_id: UUID, code: str, planned_on: date, known_at: datetime, first_at: datetime
    ) -> PromiseState | None:
        """Give how the promise of a visit was kept whose current summary is at the site; None when none was made."""
        term = self._term(site_id, code, planned_on, known_at)
        return promises.arrived(term, first_at) if term else None

    def _read(self, visits: Sequence[UUID]) -> Iterator[PromiseRow]:
        # Whoever has read enough closes this, and the store's cursor with it.
        with self._session.execute(promise_asking.ASKED, {"visits": visits}) as found:
            for _visit_id, group in groupby(found, key=lambda row: row.visit_id):
                line = self._row_of(list(group))
                if line:
                    yield line

    def _amiss(self, among: Collection[UUID] | None) -> Iterator[Select[UUID]]:
        first, last = self._first_news(), self._last_open()
        asked = select(VisitListing.visit_id).where(VisitListing.site_id.in_(self.places))
        if among is not None:
            asked = asked.where(VisitListing.visit_id.in_(among))
        is_told_of, where = VisitListing.planned_on.between(first, last), VisitListing.whereabouts
        yield asked.where(where == Whereabouts.NONE, VisitListing.planned_on.between(first, self._last_due()))
        yield asked.where(where == Whereabouts.AWAY, is_told_of)
        if self.unprintable:
            unprintable = select(Summary.visit_id).where(Summary.id.in_(self.unprintable))
            yield asked.where(is_told_of, VisitListing.visit_id.in_(unprintable))

    def _first_news(self) -> date:
        """Give the first day of visits of which a breach is news: today, or the one whose summary was due yesterday."""
        first = date.max
        for place in self.places.values():
            day = place.today(self.at)
            while self._due_on(place, day - ONE_DAY) >= place.today(self.at) - ONE_DAY:
                day -= ONE_DAY
            first = min(first, day)
        return first

    def _last_open(self) -> date:
        """Give the last day of visits of which anything can have been received or be due, at any of the sites."""
        opened = [
            place.today(self.at) + visit.window.opens_days_before * ONE_DAY
            for place in self.places.values()
            for visit in place.definition.visits
        ]
        return max([*opened, self._last_due()])

    def _last_due(self) -> date:
        """Give the last day of visits whose summary should be there by now, at any of the sites."""
        last = date.min
        for place in self.places.values():
            day = place.today(self.at)
            while self._is_due(place, day):
                day += ONE_DAY  # due days never run back
            last = max(last, day - ONE_DAY)
        return last

    def _is_due(self, place: StudyAtSite, planned_on: date) -> bool:
        hour, zone = place.definition.summary.hour, place.site.zone
        return schedule.local_instant(self._due_on(place, planned_on), hour, zone) + promises.GRACE <= self.at

    def _row_of(self, rows: list[Any]) -> PromiseRow | None:
        row = rows[0]
        term = self._term(row.site_id, row.code, row.planned_on, row.known_at)
        if term is None:
            return None
        promise = promises.judge(term, self._facts(row, rows), self.at)
        if row.withdrawn_on and (row.withdrawn_on <= term.due_on or promise.presses) and not promise.at_site_at:
            return None  # who has withdrawn is seen no more, and nothing is made of her visits
        return PromiseRow(
            row.visit_id,
            row.participant_id,
            row.participant_number,
            self.places[row.site_id],
            row.code,
            row.planned_on,
            row.received,
            promise,
            row.summary_id,
            row.number,
        )

    def _term(self, site_id: UUID, code: str, planned_on: date, known_at: datetime) -> Term | None:
        place = self.places[site_id]
        visit, due_on = place.definition.get_visit(code), self._due_on(place, planned_on)
        return promises.term(place.definition, place.site, visit, planned_on, due_on=due_on, promised_at=known_at)

    def _due_on(self, place: StudyAtSite, planned_on: date) -> date:
        key = place.site_id, planned_on
        if key not in self._due:
            self._due[key] = schedule.summary_due_on(place.definition, place.site, planned_on, self._is_public_holiday)
        return self._due[key]

    def _facts(self, row: Any, rows: list[Any]) -> Facts:
        mails = [(_mail_of(each), each.due_at) for each in rows if each.status and each.edition == row.number]
        zone = self.places[row.site_id].site.zone
        return Facts(
            first_at=row.first_at,
            made_at=row.made_at,
            is_there=row.whereabouts is Whereabouts.AT_SITE,
            mails=[mail for mail, _due_at in mails],
            mail_due=min((due_at for mail, due_at in mails if mail in (Mail.WAITING, Mail.ON_ITS_WAY)), default=None),
            visit_ends=schedule.local_instant(row.planned_on + ONE_DAY, time(0), zone),
            unprintable=row.summary_id in self.unprintable,
            worker_silent=self.pulse.is_silent,
        )


def _mail_of(row: Any) -> Mail:
    if row.status is MessageStatus.SENT:
        return Mail.BOUNCED if row.bounced else Mail.ARRIVED
    if row.status is MessageStatus.PLANNED:
        return Mail.TRIED if row.attempts else Mail.WAITING
    if row.reason in (Reason.NO_RECIPIENT, Reason.NO_ADDRESS):
        return Mail.NO_RECIPIENT
    if row.reason == Reason.BOUNCED:
        return Mail.BOUNCED
    return _MAILS[row.status]


_MAILS = {
    MessageStatus.CLAIMED: Mail.ON_ITS_WAY,
    MessageStatus.UNKNOWN: Mail.UNKNOWN,
    MessageStatus.FAILED: Mail.REFUSED,
    MessageStatus.CANCELLED: Mail.DROPPED,
}
