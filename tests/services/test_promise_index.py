"""What the store counts as plainly due or kept is what the rule says of each promise, whatever happened."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Bounce, BounceKind, BounceSource, Message, MessageStatus
from portal.db.response import Response
from portal.db.staff import Staff
from portal.db.summary import LifeEvent, SummaryEvent
from portal.db.visit_listing import VisitListing
from portal.db.watch import RenderFault, RenderSubject
from portal.domain.audit import Deed
from portal.domain.promises import PromiseState
from portal.domain.states import ResponseStatus
from portal.services import actor, audit, enrolment, promise_asking, promise_index, promises, summaries
from portal.services.promise_choice import PromiseChoice, Shown
from portal.services.promise_reading import PromiseRow, Reader
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.histories import NOW, History
from tests.services.mailing import paris

STEPS = 130
DAYS = (date(2027, 2, 20), date(2027, 5, 10))
MARCH = PromiseChoice(Shown.ALL, first=date(2027, 3, 1), last=date(2027, 3, 31))


class _Promised(History):
    """A history in which promises are kept, broken and kept late, and mails come back in every way."""

    def acts(self) -> list[Callable[[], object]]:
        return [*super().acts(), self.enrol_late, self.bounce, self.give_up, *(self.summarise, self.announce) * 3]

    def withdraw(self) -> None:
        on = self.at.date() - timedelta(self.chance.randint(0, 10))
        enrolment.withdraw(self.session, self._somebody(), on=on, reason="moved", by=self.by, at=self.at)

    def enrol_late(self) -> None:
        included_on = NOW.date() - timedelta(self.chance.randint(0, 12))
        factories.make_participant(self.session, self.place, included_on=included_on, at=self.at)

    def give_up(self) -> None:
        """The pages of a summary would not print."""
        summary = self._summary()
        if summary and not self.session.get(RenderFault, (RenderSubject.SUMMARY, str(summary.id), "fr")):
            fault = RenderFault(
                kind=RenderSubject.SUMMARY,
                subject=str(summary.id),
                language="fr",
                attempts=3,
                fault="Killed",
                last_at=self.at,
                next_at=self.at,
                given_up_at=self.at,
            )
            self.session.add(fault)
            self.session.flush()

    def judge(self, choice: PromiseChoice, at: datetime) -> list[PromiseRow]:
        """Judge every promise of these days, one by one."""
        return _judged(self.session, self.place, choice, at)

    def page(self, choice: PromiseChoice, at: datetime, page: int = 1) -> promises.PromiseList:
        return promises.list_promises(
            self.session,
            [self.place.site_id],
            choice=choice,
            page=page,
            size=19,
            is_public_holiday=is_public_holiday,
            at=at,
        )

    def pages(self, choice: PromiseChoice, at: datetime) -> list[PromiseRow]:
        return [row for page in range(1, self.page(choice, at).pages + 2) for row in self.page(choice, at, page).rows]

    def lines(self, choice: PromiseChoice, at: datetime) -> list[PromiseRow]:
        return list(
            promises.promise_lines(
                self.session, [self.place.site_id], choice=choice, is_public_holiday=is_public_holiday, at=at
            )
        )

    def plain(self, choice: PromiseChoice, at: datetime) -> Counter[PromiseState]:
        """Count the promises that were not judged one by one, by state."""
        reader = Reader(self.session, {self.place.site_id: self.place}, is_public_holiday, at)
        found = promise_index.survey(self.session, reader, choice, self.place.today(at))
        counts = Counter[PromiseState]()
        for (_day, state), number in found.counts.items():
            counts[state] += number
        return counts - Counter(state for _day, state in found.judged.values())


@pytest.mark.parametrize("seed", [0])
def test_counts_pages_and_files_say_of_each_promise_what_the_rule_says(session: Session, seed: int) -> None:
    history = _Promised(session, random.Random(seed))
    history.live(STEPS)
    met: Counter[PromiseState] = Counter()
    plain: Counter[PromiseState] = Counter()
    for at in (history.at, history.at + timedelta(days=2, hours=13), history.at + timedelta(days=9)):
        for days in ((None, None), DAYS):
            judged = history.judge(PromiseChoice(Shown.ALL, None, *days), at)
            met.update(row.promise.state for row in judged)
            plain += history.plain(PromiseChoice(Shown.PRESSING, None, *days), at)
            for shown in Shown:
                choice = PromiseChoice(shown, None, *days)
                wanted = [row for row in judged if choice.shows(row.promise)]
                listed = history.page(choice, at)
                assert listed.counts == Counter(row.promise.state for row in judged)
                assert listed.total == len(wanted)
                assert days != DAYS or history.pages(choice, at) == wanted
            assert history.lines(PromiseChoice(Shown.KEPT, None, *days), at) == [
                row for row in judged if row.promise.state is PromiseState.KEPT
            ]
            assert history.lines(PromiseChoice(Shown.PRESSING, None, *days), at) == [
                row for row in judged if row.promise.presses
            ]
    assert set(met) == set(PromiseState), "the history proves too little"
    plainly = (PromiseState.KEPT, PromiseState.BROKEN, PromiseState.DUE)
    assert min(plain[state] for state in plainly) > 3, "too little is plain to prove anything"


def test_more_days_than_one_statement_takes_are_read_some_at_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promise_index, "_DAYS_AT_ONCE", 2)
    history = _Promised(session, random.Random(5))
    history.live(STEPS)
    choice = PromiseChoice(Shown.ALL, None, *DAYS)
    judged = history.judge(choice, history.at)
    assert history.pages(choice, history.at) == history.lines(choice, history.at) == judged
    assert history.page(choice, history.at).counts == Counter(row.promise.state for row in judged)


def test_nothing_is_counted_where_there_is_no_site(session: Session) -> None:
    nowhere: list[UUID] = []
    listed = promises.list_promises(
        session, nowhere, choice=PromiseChoice(), page=1, is_public_holiday=is_public_holiday, at=NOW
    )
    assert (listed.rows, listed.counts, listed.total) == ((), {}, 0)


def test_whatever_is_true_of_a_summary_the_store_calls_plain_what_the_rule_calls_kept(
    session: Session, place: StudyAtSite, investigator: Staff
) -> None:
    """The visits are of Friday 5 March; their summaries were due on Wednesday."""
    in_time, later, over = paris(3, 3, 8), paris(3, 4, 8), paris(3, 20, 8)
    mails = [
        None,
        (MessageStatus.SENT, in_time, False),
        (MessageStatus.SENT, later, False),
        (MessageStatus.SENT, in_time, True),
        (MessageStatus.FAILED, in_time, True),
    ]
    facts = itertools.product([factories.AT, over], [None, over], mails, [None, in_time])
    for enrolled_at, moved_at, mail, looked_at in facts:
        patient = factories.make_participant(session, place, included_on=date(2027, 3, 5), at=enrolled_at)
        visit = factories.get_visit(session, patient)
        summary = summaries.make(session, visit.id, by=actor.SYSTEM, at=in_time)
        if mail:
            _send(session, visit.id, mail[0], mail[1], came_back=mail[2])
        if looked_at:
            kind, by = LifeEvent.OPENED, investigator.id
            session.add(SummaryEvent(summary_id=summary.id, kind=kind, at=looked_at, by_staff=by))
        if moved_at:
            event = audit.Event(deed=Deed.VISIT_MOVED, subject_kind="visit", subject_id=visit.id, reason="earlier")
            audit.record(session, event, by=actor.SYSTEM, at=moved_at)
    session.flush()
    _compare(session, place, over)
    reader = Reader(session, {place.site_id: place}, is_public_holiday, over)
    found = promise_index.survey(session, reader, MARCH, place.today(over))
    plain = Counter(state for _day, state in found.counts.elements())
    plain -= Counter(state for _day, state in found.judged.values())
    assert min(plain[PromiseState.KEPT] - 3, plain[PromiseState.LATE]) > 0, "too little is plain to prove anything"


def test_what_was_sent_and_is_not_summed_up_is_judged(session: Session, place: StudyAtSite) -> None:
    for withdrawn_on in (None, date(2027, 3, 1)):
        patient = factories.make_participant(session, place, included_on=date(2027, 3, 5))
        for instrument in ("DLQI", "SHAQ"):
            asked = factories.get_assignment(session, patient, instrument).id
            sent = Response(assignment_id=asked, status=ResponseStatus.COMPLETED, started_at=NOW, completed_at=NOW)
            sent.frozen, sent.frozen_hash = {}, asked.hex
            session.add(sent)
        session.flush()
        if withdrawn_on:
            enrolment.withdraw(session, patient, on=withdrawn_on, reason="asked", by=actor.SYSTEM, at=paris(3, 1, 8))
    assert _compare(session, place, paris(3, 1, 9)) == {PromiseState.DUE: 1}


def _send(session: Session, visit_id: UUID, status: MessageStatus, at: datetime, *, came_back: bool) -> None:
    message = Message(visit_id=visit_id, kind="summary", recipient="staff", status=status, due_at=at, sent_at=at)
    message.attempts = 1
    session.add(message)
    session.flush()
    if came_back:
        bounce = Bounce(message_id=message.id, kind=BounceKind.PERMANENT, code="5.1.1", source=BounceSource.MAILBOX)
        bounce.at, bounce.report = at, message.id.hex * 2
        session.add(bounce)


def _judged(session: Session, place: StudyAtSite, choice: PromiseChoice, at: datetime) -> list[PromiseRow]:
    """Judge every promise of a choice's days, one by one."""
    lines = select(VisitListing.visit_id).where(choice.lines(VisitListing, place.today(at)))
    reader = Reader(session, {place.site_id: place}, is_public_holiday, at)
    return list(reader.read(session.scalars(lines.order_by(*promise_asking.ORDER)).all()))


def _compare(session: Session, place: StudyAtSite, at: datetime) -> dict[PromiseState, int]:
    """Compare the counts with every promise of March, judged one by one."""
    judged = Counter(row.promise.state for row in _judged(session, place, MARCH, at))
    listed = promises.list_promises(
        session, [place.site_id], choice=MARCH, page=1, is_public_holiday=is_public_holiday, at=at
    )
    assert listed.counts == judged
    return listed.counts
