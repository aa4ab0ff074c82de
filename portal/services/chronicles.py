"""Everything that happened to each participant, in order of time: messages, openings, answers, deliveries, promises."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.db.audit_event import AuditEvent
from portal.db.message import Bounce, Message
from portal.db.notice import Notice
from portal.db.paper import Keying, PaperIssue
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response, Source
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.domain import schedule
from portal.domain.audit import Deed
from portal.domain.promises import Promise
from portal.domain.schedule import ONE_DAY, IsPublicHoliday, Window
from portal.domain.sending import Reason
from portal.services import promises
from portal.services.chronicle_lines import CAME_BACK, ON_PAPER, Chronicle, Line, SiteLine, ToldVisit, What
from portal.services.message_plan import TO_PARTICIPANT
from portal.services.promise_choice import PromiseChoice, Shown
from portal.services.studies import StudyAtSite


def read(session: Session, place: StudyAtSite, is_public_holiday: IsPublicHoliday, *, at: datetime) -> list[Chronicle]:
    """Give the chronicle of each participant of a site up to `at`, by number."""
    participants = session.scalars(
        select(Participant)
        .where(Participant.site_id == place.site_id)
        .order_by(Participant.participant_number)
        .options(selectinload(Participant.visits).selectinload(Visit.assignments))
    ).all()
    everything = PromiseChoice(Shown.ALL, first=date.min, last=date.max)
    promised = promises.list_promises(
        session, [place.site_id], choice=everything, page=1, size=_ALL, is_public_holiday=is_public_holiday, at=at
    )
    by_visit = {row.visit_id: row.promise for row in promised.rows}
    return [_Reader(session, place, is_public_holiday, by_visit, each, at).chronicle() for each in participants]


def notices(session: Session, place: StudyAtSite) -> list[SiteLine]:
    """Give what the staff of a site were told, by time."""
    rows = session.scalars(select(Notice).where(Notice.site_id == place.site_id).order_by(Notice.due_at, Notice.id))
    return [
        SiteLine(row.sent_at or row.due_at, row.kind.value, row.status.value, row.reason or "", row.on) for row in rows
    ]


_ALL = 1_000_000  # promises on one page
_A_MINUTE = timedelta(minutes=1)
_LIFE = {
    LifeEvent.DELIVERED: What.DELIVERED,
    LifeEvent.OPENED: What.OPENED,
    LifeEvent.PRINTED: What.PRINTED,
    LifeEvent.SEEN: What.SEEN,
}
_DEEDS = {
    Deed.PARTICIPANT_ENROLLED: What.ENROLLED,
    Deed.PARTICIPANT_WITHDRAWN: What.WITHDRAWN,
    Deed.PARTICIPANT_PAUSED: What.PAUSED,
    Deed.PARTICIPANT_REINCLUDED: What.REINCLUDED,
    Deed.CONTACT_CHANGED: What.ADDRESS,
    Deed.STOP_ASKED: What.STOPPED,
    Deed.STOP_LIFTED: What.RESUMED,
    Deed.VISIT_MOVED: What.MOVED,
    Deed.DEVICE_ENROLLED: What.CAME_IN,
    Deed.DOOR_OPENED: What.CAME_IN,
}
"""What only the trail tells."""


@dataclass(frozen=True)
class _Reader:
    session: Session
    place: StudyAtSite
    is_public_holiday: IsPublicHoliday
    promises: Mapping[UUID, Promise]
    participant: Participant
    at: datetime

    def chronicle(self) -> Chronicle:
        codes = {visit.id: visit.code for visit in self.participant.visits}
        parts = (self._messages, self._answers, self._paper, self._summaries, self._trail)
        lines = list(chain.from_iterable(part(codes) for part in parts))
        visits = tuple(self._told(visit, lines) for visit in self.participant.visits)
        lines += chain.from_iterable(self._days(each) for each in visits)
        order = list(What)
        return Chronicle(
            participant_number=self.participant.participant_number,
            place=self.place,
            language=self.participant.language,
            included_on=self.participant.included_on,
            visits=visits,
            lines=tuple(
                sorted(
                    (line for line in lines if line.at <= self.at),
                    key=lambda line: (line.at, order.index(line.what), line.visit, line.kind, line.number),
                )
            ),
        )

    def _messages(self, codes: Mapping[UUID, str]) -> Iterator[Line]:
        for row in self.session.scalars(select(Message).where(Message.visit_id.in_(codes))):
            yield Line(
                at=row.sent_at or row.due_at,
                what=What.MESSAGE if row.recipient == TO_PARTICIPANT else What.TO_SITE,
                visit=codes[row.visit_id],
                kind=row.kind,
                number=row.edition,
                state=CAME_BACK if row.reason == Reason.BOUNCED else row.status.value,
                reason="" if row.reason == Reason.BOUNCED else row.reason or "",
                channel=row.channel.value if row.channel else "",
            )

        returned = (
            select(Bounce.at, Message.visit_id, Message.kind, Message.edition)
            .join(Message, Message.id == Bounce.message_id)
            .where(Message.visit_id.in_(codes))
        )
        for bounce in self.session.execute(returned):
            yield Line(bounce.at, What.CAME_BACK, codes[bounce.visit_id], bounce.kind, bounce.edition)

    def _answers(self, codes: Mapping[UUID, str]) -> Iterator[Line]:
        rows = self.session.execute(
            select(
                Assignment.visit_id, Assignment.instrument, Response.started_at, Response.completed_at, Response.source
            )
            .join(Response, Response.assignment_id == Assignment.id)
            .where(Assignment.visit_id.in_(codes))
        )
        for row in rows:
            on_paper = row.source is Source.PAPER
            if not on_paper:
                yield Line(row.started_at, What.BEGUN, codes[row.visit_id], row.instrument)
            if row.completed_at:
                channel = ON_PAPER if on_paper else ""
                yield Line(row.completed_at, What.SENT, codes[row.visit_id], row.instrument, channel=channel)

    def _paper(self, codes: Mapping[UUID, str]) -> Iterator[Line]:
        issued = select(PaperIssue.visit_id, PaperIssue.at).where(PaperIssue.visit_id.in_(codes))
        for issue in self.session.execute(issued):
            yield Line(issue.at, What.PAPER, codes[issue.visit_id])
        checked = (
            select(Keying.keyed_at, Assignment.visit_id, Assignment.instrument)
            .join(Response, Response.id == Keying.response_id)
            .join(Assignment, Assignment.id == Response.assignment_id)
            .where(Assignment.visit_id.in_(codes), Keying.number == 2)
        )
        for keying in self.session.execute(checked):
            yield Line(keying.keyed_at, What.CHECKED, codes[keying.visit_id], keying.instrument)

    def _summaries(self, codes: Mapping[UUID, str]) -> Iterator[Line]:
        made = self.session.execute(
            select(Summary.visit_id, Summary.number, Summary.made_at).where(Summary.visit_id.in_(codes))
        )
        for row in made:
            yield Line(row.made_at, What.MADE, codes[row.visit_id], number=row.number)
        lived = self.session.execute(
            select(Summary.visit_id, Summary.number, SummaryEvent.kind, SummaryEvent.at)
            .join(SummaryEvent, SummaryEvent.summary_id == Summary.id)
            .where(Summary.visit_id.in_(codes))
        )
        for event in lived:
            yield Line(event.at, _LIFE[event.kind], codes[event.visit_id], number=event.number)

    def _trail(self, codes: Mapping[UUID, str]) -> Iterator[Line]:
        events = self.session.scalars(
            select(AuditEvent).where(AuditEvent.participant_id == self.participant.id, AuditEvent.deed.in_(_DEEDS))
        )
        for event in events:
            if event.deed == Deed.CONTACT_CHANGED and event.old == "none":
                continue  # her first one is nothing that happened on the way
            left = date.fromisoformat(str(event.old)) if event.deed == Deed.VISIT_MOVED else None
            visit = codes.get(event.subject_id, "") if event.subject_id else ""
            yield Line(event.at, _DEEDS[Deed(event.deed)], visit or self._visit_of(event.at), on=left)

    def _visit_of(self, at: datetime) -> str:
        """Give the visit that is open at an instant, the one she came in for."""
        day = self.place.today(at)
        return next((each.code for each in self.participant.visits if day in self._window(each)), "")

    def _told(self, visit: Visit, lines: Iterable[Line]) -> ToldVisit:
        due_on = schedule.summary_due_on(
            self.place.definition, self.place.site, visit.planned_on, self.is_public_holiday
        )
        of_visit = [line for line in lines if line.visit == visit.code]
        return ToldVisit(
            code=visit.code,
            planned_on=visit.planned_on,
            window=self._window(visit),
            due_on=due_on,
            sent=sum(line.what is What.SENT for line in of_visit),
            asked=len(visit.assignments),
            promise=self.promises.get(visit.id),
        )

    def _days(self, told: ToldVisit) -> Iterator[Line]:
        """Give the days that the protocol sets, at the instants at which they begin, the closing at its last minute."""
        zone, rule = self.place.site.zone, self.place.definition.summary
        opens, closes = told.window.opens_on, told.window.closes_on + ONE_DAY
        yield Line(schedule.local_instant(opens, time(0), zone), What.OPENS, told.code)
        yield Line(schedule.local_instant(closes, time(0), zone) - _A_MINUTE, What.CLOSES, told.code)
        yield Line(schedule.local_instant(told.planned_on, time(0), zone), What.VISIT, told.code)
        due_at = schedule.local_instant(told.due_on, rule.hour, zone)
        cause = told.promise.cause if told.promise else None
        yield Line(due_at, What.DUE, told.code, state=told.state, reason=cause.value if cause else "")

    def _window(self, visit: Visit) -> Window:
        return schedule.window(self.place.definition.get_visit(visit.code), visit.planned_on)
