"""Promises as the store tells them, from what made, sent, bounced and looked at.

The visit is planned on Friday 5 March 2027 in Paris; its summary is due on Wednesday 3 March at 07:00.
"""

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import BounceKind, BounceSource, Message
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.watch import RenderFault, RenderSubject
from portal.domain.promises import Cause, PromiseState
from portal.services import actor, bounces, deadlines, enrolment, moving, promises, pulse, summaries
from portal.services.actor import SYSTEM
from portal.services.bounces import Report
from portal.services.contacts import Contacts
from portal.services.letters import Accepted, Outcome, Postponed, Rejected, Unknown
from portal.services.promise_choice import PromiseChoice, Shown
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import paris, work
from tests.services.statements import statements_of

VISIT = PromiseChoice(Shown.ALL, first=date(2027, 3, 1), last=date(2027, 3, 31))
DUE_AT = paris(3, 3, 7)


def _stands(session: Session, place: StudyAtSite, at: datetime) -> list[tuple[PromiseState, Cause | None]]:
    pulse.beat(session, "worker", at=at)
    listed = promises.list_promises(
        session, [place.site_id], choice=VISIT, page=1, is_public_holiday=is_public_holiday, at=at
    )
    return [(row.promise.state, row.promise.cause) for row in listed.rows]


def _tell(session: Session, place: StudyAtSite, at: datetime) -> promises.Telling:
    pulse.beat(session, "worker", at=at)
    return promises.to_tell(session, place.site_id, is_public_holiday=is_public_holiday, at=at)


def _make(session: Session, participant: Participant, at: datetime = DUE_AT) -> None:
    deadlines.make_if_missing(session, factories.get_visit(session, participant).id, by=SYSTEM, at=at)


def _bounce(session: Session, at: datetime) -> None:
    message = session.scalars(select(Message).where(Message.kind == "summary")).one()
    report = Report(str(message.id), BounceKind.PERMANENT, "5.1.1", digest="0" * 64, at=at)
    bounces.keep(session, report, BounceSource.MAILBOX, by=SYSTEM, at=at)


def test_a_page_that_says_nothing_was_received_keeps_the_promise(
    session: Session, place: StudyAtSite, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    assert _stands(session, place, paris(3, 3, 6)) == [(PromiseState.DUE, None)]
    _make(session, participant)
    work(session, contacts, DUE_AT)
    assert _stands(session, place, paris(3, 3, 9)) == [(PromiseState.KEPT, None)]
    assert not _tell(session, place, paris(3, 3, 9)).is_anything


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (Postponed("421"), Cause.MAIL_DOWN),
        (Rejected("550"), Cause.REFUSED),
        (Unknown("connection-lost"), Cause.UNKNOWN),
    ],
)
def test_a_mail_that_did_not_arrive_puts_the_promise_in_danger_and_breaks_it(
    session: Session,
    place: StudyAtSite,
    participant: Participant,
    investigator: Staff,
    contacts: Contacts,
    outcome: Outcome,
    cause: Cause,
) -> None:
    _make(session, participant)
    work(session, contacts, DUE_AT, outcome)
    assert _stands(session, place, paris(3, 3, 9)) == [(PromiseState.IN_DANGER, cause)]
    assert _tell(session, place, paris(3, 3, 9)).in_danger == {cause: 1}
    assert _stands(session, place, paris(3, 4, 9)) == [(PromiseState.BROKEN, cause)]
    assert _tell(session, place, paris(3, 4, 9)).broken == {cause: 1}


def test_a_mail_that_came_back_has_not_kept_it_until_somebody_looks(
    session: Session, place: StudyAtSite, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    _make(session, participant)
    work(session, contacts, DUE_AT, Accepted())
    _bounce(session, paris(3, 3, 8))
    assert _stands(session, place, paris(3, 4, 9)) == [(PromiseState.BROKEN, Cause.BOUNCED)]
    summary = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert summary is not None
    summaries.printed(session, summary, by=actor.staff(investigator.id), at=paris(3, 4, 10))
    assert _stands(session, place, paris(3, 4, 11)) == [(PromiseState.LATE, None)]
    assert not _tell(session, place, paris(3, 4, 11)).is_anything


def test_without_an_investigator_nobody_is_written_to(
    session: Session, place: StudyAtSite, participant: Participant, contacts: Contacts
) -> None:
    _make(session, participant)
    work(session, contacts, DUE_AT)
    assert _tell(session, place, paris(3, 3, 9)).in_danger == {Cause.NO_RECIPIENT: 1}


def test_a_worker_that_stands_still_is_why_nothing_is_made(
    session: Session, place: StudyAtSite, participant: Participant
) -> None:
    assert _stands(session, place, paris(3, 3, 9)) == [(PromiseState.IN_DANGER, Cause.NOT_MADE)]
    told = promises.to_tell(session, place.site_id, is_public_holiday=is_public_holiday, at=paris(3, 3, 9, 15))
    assert told.in_danger == {Cause.WORKER_SILENT: 1}


def test_pages_that_would_not_render_are_told_of_though_the_link_is_there(
    session: Session, place: StudyAtSite, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    _make(session, participant)
    work(session, contacts, DUE_AT)
    summary = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert summary is not None
    fault = RenderFault(
        kind=RenderSubject.SUMMARY,
        subject=str(summary.id),
        language="fr",
        attempts=3,
        fault="Killed",
        last_at=DUE_AT,
        next_at=DUE_AT,
        given_up_at=DUE_AT,
    )
    session.add(fault)
    session.flush()
    assert _tell(session, place, paris(3, 3, 9)).in_danger == {Cause.UNPRINTABLE: 1}


def test_a_breach_is_told_until_the_visit_is_over(
    session: Session, place: StudyAtSite, participant: Participant
) -> None:
    assert _tell(session, place, paris(3, 5, 23)).broken == {Cause.NOT_MADE: 1}
    assert not _tell(session, place, paris(3, 6, 9)).is_anything
    assert _stands(session, place, paris(3, 6, 9)) == [(PromiseState.BROKEN, Cause.NOT_MADE)]


def test_nothing_is_promised_of_who_withdrew_and_of_what_was_over_when_she_was_enrolled(
    session: Session, place: StudyAtSite, participant: Participant
) -> None:
    enrolment.withdraw(session, participant, on=date(2027, 3, 1), reason="asked", by=SYSTEM, at=paris(3, 1, 9))
    factories.make_participant(session, place, included_on=date(2027, 3, 2), at=paris(3, 9, 9))
    assert _stands(session, place, paris(3, 9, 9)) == []


def test_a_visit_moved_nearer_is_promised_by_the_end_of_that_day(
    session: Session, place: StudyAtSite, participant: Participant
) -> None:
    visit, at = factories.get_visit(session, participant), paris(3, 2, 15)
    moving.move(
        session, visit, date(2027, 3, 3), reason="earlier", is_public_holiday=is_public_holiday, by=SYSTEM, at=at
    )
    assert _stands(session, place, paris(3, 2, 15, 30)) == [(PromiseState.DUE, None)]
    assert _stands(session, place, paris(3, 2, 16)) == [(PromiseState.IN_DANGER, Cause.NOT_MADE)]
    assert _stands(session, place, paris(3, 3, 9)) == [(PromiseState.BROKEN, Cause.NOT_MADE)]


def test_pages_are_cut_and_all_are_counted_in_a_constant_number_of_statements(
    session: Session, place: StudyAtSite
) -> None:
    def listed(page: int) -> promises.PromiseList:
        return promises.list_promises(
            session, [place.site_id], choice=VISIT, page=page, size=2, is_public_holiday=is_public_holiday, at=DUE_AT
        )

    engine = session.get_bind().engine
    factories.make_participant(session, place)
    with statements_of(engine) as few:
        listed(1)
    for _ in range(4):
        factories.make_participant(session, place)
    with statements_of(engine) as many:
        pages = [listed(page) for page in (1, 2, 3)]
    assert len(many) == 3 * len(few)
    assert [len(each.rows) for each in pages] == [2, 2, 1]
    assert {(each.total, each.pages) for each in pages} == {(5, 3)}
    assert pages[0].counts == {PromiseState.DUE: 5}
