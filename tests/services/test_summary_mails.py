"""A nurse has the mail about a summary sent again: once for each wish, as the same message, while it is wanted.

The visit is planned on Friday 5 March 2027 in Paris; its summary is made and announced on 3 March at 07:00.
"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.audit_event import AuditEvent
from portal.db.message import BounceKind, BounceSource, Message, MessageStatus
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.summary import LifeEvent, Summary
from portal.domain.messages import MessageKind
from portal.domain.promises import Cause
from portal.services import (
    actor,
    bounces,
    deadlines,
    deliveries,
    messages,
    promises,
    pulse,
    summaries,
    summary_mails,
    whole_life,
)
from portal.services.actor import SYSTEM
from portal.services.bounces import Report
from portal.services.contacts import Contacts
from portal.services.letters import Accepted, Letter, Outcome, Rejected, Unknown
from portal.services.promise_choice import PromiseChoice, Shown
from portal.services.studies import StudyAtSite
from portal.services.summary_mails import Fate
from tests import factories
from tests.services.mailing import paris, work

MADE = paris(3, 3, 7)
LATER = paris(3, 3, 9)


@pytest.fixture
def summary(session: Session, participant: Participant, investigator: Staff) -> Summary:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=MADE)
    made = summaries.find_current(session, visit.id)
    assert made
    return made


def announce(session: Session, contacts: Contacts, at: datetime, outcome: Outcome) -> list[Letter]:
    return [letter for letter in work(session, contacts, at, outcome) if letter.mail == "summary"]


def come_back(session: Session, at: datetime, digest: str = "0" * 64, kind: BounceKind = BounceKind.PERMANENT) -> None:
    report = Report(str(the_mail(session).id), kind, "5.1.1", digest, at)
    bounces.keep(session, report, BounceSource.MAILBOX, by=SYSTEM, at=at)


def the_mail(session: Session) -> Message:
    return session.scalars(select(Message).where(Message.kind == MessageKind.SUMMARY)).one()


def stands(session: Session, place: StudyAtSite, at: datetime) -> tuple[str, Cause | None]:
    pulse.beat(session, "worker", at=at)
    listed = promises.list_promises(
        session, [place.site_id], choice=PromiseChoice(Shown.ALL), page=1, is_public_holiday=is_public_holiday, at=at
    )
    return (listed.rows[0].promise.state.value, listed.rows[0].promise.cause)


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [(Rejected("550"), Cause.REFUSED), (Unknown("connection-lost"), Cause.UNKNOWN), (Unknown("lost"), Cause.UNKNOWN)],
)
def test_what_failed_or_may_not_have_arrived_leaves_once_more_as_the_same_message(
    session: Session, summary: Summary, contacts: Contacts, investigator: Staff, outcome: Outcome, cause: Cause
) -> None:
    (first,) = announce(session, contacts, MADE, outcome)
    state = summary_mails.find_state(session, summary, at=LATER)
    assert state
    assert (state.fate, state.cause, state.leaves_at) == (Fate.AMISS, cause, LATER)
    by = actor.staff(investigator.id)
    assert [summary_mails.send_again(session, summary, by=by, at=LATER) for _ in range(2)] == [1, 0]
    waiting = summary_mails.find_state(session, summary, at=LATER)
    assert waiting
    assert waiting.fate is Fate.ON_ITS_WAY
    (again,) = announce(session, contacts, LATER, Accepted())
    assert (again.message_id, again.to) == (first.message_id, first.to)
    assert summary_mails.find_state(session, summary, at=LATER) is None
    asked = session.scalars(select(AuditEvent).where(AuditEvent.actor_id == investigator.id)).all()
    assert [(each.deed, each.new) for each in asked] == [("message.planned", "planned")]


def test_a_person_sends_again_as_often_as_she_wishes_and_no_machine_does_after_her(
    session: Session, summary: Summary, contacts: Contacts
) -> None:
    announce(session, contacts, MADE, Unknown("connection-lost"))
    for hour in (8, 9):
        assert summary_mails.send_again(session, summary, by=SYSTEM, at=paris(3, 3, hour)) == 1
        assert len(announce(session, contacts, paris(3, 3, hour), Unknown("connection-lost"))) == 1
    repeated = deliveries.take_up_unknown(session, Message, by=SYSTEM, at=paris(3, 3, 12))
    assert the_mail(session) not in repeated


def test_once_the_address_was_put_right_the_promise_is_kept_late_and_the_life_tells_it(
    session: Session, place: StudyAtSite, summary: Summary, contacts: Contacts, investigator: Staff
) -> None:
    announce(session, contacts, MADE, Accepted())
    come_back(session, paris(3, 3, 8))
    assert stands(session, place, paris(3, 4, 9)) == ("broken", Cause.BOUNCED)
    investigator.email = "right@example.org"
    summary_mails.send_again(session, summary, by=SYSTEM, at=paris(3, 4, 10))
    (letter,) = announce(session, contacts, paris(3, 4, 10), Accepted())
    assert letter.to == "right@example.org"
    assert stands(session, place, paris(3, 4, 11)) == ("late", None)
    kinds = [line.kind.value for line in whole_life.read(session, summary)]
    assert kinds == [LifeEvent.DELIVERED.value, "bounced", LifeEvent.DELIVERED.value]
    come_back(session, paris(3, 4, 12), digest="1" * 64)
    assert stands(session, place, paris(3, 4, 13)) == ("broken", Cause.BOUNCED)


def test_a_second_report_of_the_first_mail_does_not_stop_the_one_that_waits(
    session: Session, summary: Summary, contacts: Contacts
) -> None:
    announce(session, contacts, MADE, Accepted())
    come_back(session, paris(3, 3, 8))
    summary_mails.send_again(session, summary, by=SYSTEM, at=LATER)
    come_back(session, LATER, digest="1" * 64)
    assert the_mail(session).status is MessageStatus.PLANNED
    assert len(announce(session, contacts, LATER, Accepted())) == 1


def test_nothing_is_offered_when_all_is_well_or_nobody_is_there_and_in_the_night_it_waits(
    session: Session, summary: Summary, contacts: Contacts, investigator: Staff
) -> None:
    announce(session, contacts, MADE, Accepted())
    assert summary_mails.find_state(session, summary, at=LATER) is None
    come_back(session, paris(3, 3, 8))
    at_night = summary_mails.find_state(session, summary, at=paris(3, 3, 23))
    assert at_night
    assert (at_night.fate, at_night.leaves_at) == (Fate.AMISS, paris(3, 4, 7))
    much_later = summary_mails.find_state(session, summary, at=MADE + timedelta(days=30))
    assert much_later
    assert much_later.fate is Fate.TOO_LATE
    investigator.active = False
    session.flush()
    gone = summary_mails.find_state(session, summary, at=LATER)
    assert gone
    assert gone.fate is Fate.TOO_LATE
    assert summary_mails.send_again(session, summary, by=SYSTEM, at=LATER) == 0


def test_one_that_is_held_up_on_its_way_is_told_until_it_comes_back(
    session: Session, summary: Summary, contacts: Contacts
) -> None:
    announce(session, contacts, MADE, Accepted())
    assert messages.list_troubled(session, [summary.visit_id]) == {}
    for hour in (11, 15):  # a server that goes on trying says so every few hours
        come_back(session, paris(3, 3, hour), digest=f"{hour:064}", kind=BounceKind.DELAYED)
    assert messages.list_troubled(session, [summary.visit_id]) == {summary.visit_id: [the_mail(session)]}
    assert summary_mails.find_state(session, summary, at=paris(3, 3, 16)) is None  # another would meet the same
    lines = whole_life.read(session, summary)
    assert [(line.kind.value, line.times) for line in lines] == [("delivered", 1), ("held-up", 2)]
    come_back(session, paris(3, 8, 15), digest="1" * 64)
    assert summary_mails.find_state(session, summary, at=paris(3, 8, 16)) is not None
