"""Fresh links: asked for before any door in the same way; sent by the worker to whom the door belongs, if anyone.

The visit is planned on Friday 5 March 2027 in Paris; she asks on Wednesday 3 March at 23:00, when no other mail leaves.
"""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import AccessLink, FreshLinkRequest
from portal.db.message import Message
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.services import doors, enrolment, fresh_links, messages
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.letters import Letter, Postponed
from tests import factories
from tests.services.mailing import KEYS, paris, rows, work
from tests.services.statements import statements_of

AT = paris(3, 3, 23)


@pytest.fixture
def link(session: Session, participant: Participant) -> AccessLink:
    """Her open door."""
    return session.scalars(select(AccessLink).where(AccessLink.participant_id == participant.id)).one()


def answered(session: Session, contacts: Contacts, at: datetime = AT) -> list[Letter]:
    """Answer the requests as the worker does; give the letters with fresh links."""
    fresh_links.answer(session, by=SYSTEM, at=at)
    return [letter for letter in work(session, contacts, at) if letter.mail == "fresh_link"]


def open_requests(session: Session) -> int:
    found = session.scalar(select(func.count()).where(FreshLinkRequest.handled_at.is_(None)))
    assert found is not None
    return found


def test_who_asks_is_sent_the_link_of_her_door_at_any_hour(
    session: Session, contacts: Contacts, link: AccessLink
) -> None:
    fresh_links.ask(session, link.id, at=AT)
    (letter,) = answered(session, contacts)
    assert (letter.to, letter.language, letter.path) == ("she@example.org", "fr", f"/o/{doors.token(KEYS, link)}")
    assert open_requests(session) == 0
    assert answered(session, contacts, AT + timedelta(minutes=1)) == []
    asked = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.FRESH_LINK_ASKED)).one()
    assert (asked.subject_kind, asked.subject_id, asked.reason) == ("access_link", link.id, None)


def test_an_old_link_brings_the_one_that_is_open_now(session: Session, contacts: Contacts, link: AccessLink) -> None:
    newest = doors.issue(session, link.participant, KEYS, by=SYSTEM, at=AT)
    fresh_links.ask(session, link.id, at=AT)
    (letter,) = answered(session, contacts)
    assert letter.path == f"/o/{doors.token(KEYS, newest)}"


def test_asked_twice_before_it_is_answered_it_is_sent_once(
    session: Session, contacts: Contacts, link: AccessLink
) -> None:
    newest = doors.issue(session, link.participant, KEYS, by=SYSTEM, at=AT)
    for door in (link, newest, newest):
        fresh_links.ask(session, door.id, at=AT)
    assert len(answered(session, contacts)) == 1
    assert open_requests(session) == 0


def test_while_one_is_waiting_to_leave_no_other_is_added(
    session: Session, contacts: Contacts, link: AccessLink
) -> None:
    fresh_links.ask(session, link.id, at=AT)
    fresh_links.answer(session, by=SYSTEM, at=AT)
    work(session, contacts, AT, Postponed("smtp-451"))
    fresh_links.ask(session, link.id, at=AT)
    assert fresh_links.answer(session, by=SYSTEM, at=AT) == []
    assert open_requests(session) == 0


def test_at_most_three_leave_on_one_day_and_the_next_day_again(
    session: Session, contacts: Contacts, link: AccessLink
) -> None:
    morning = paris(3, 4, 8)
    sent = []
    for hours in range(5):
        at = morning + timedelta(hours=2 * hours)
        fresh_links.ask(session, link.id, at=at)
        sent.append(len(answered(session, contacts, at)))
    assert sent == [1, 1, 1, 0, 0]
    midnight = paris(3, 4, 23) + timedelta(hours=1)
    fresh_links.ask(session, link.id, at=midnight)
    assert len(answered(session, contacts, midnight)) == 1
    editions = session.scalars(select(Message.edition).where(Message.kind == "fresh-link").order_by(Message.edition))
    assert editions.all() == [1, 2, 3, 4]


def test_a_door_is_heard_three_times_an_hour(session: Session, link: AccessLink) -> None:
    nobody = uuid4()
    for door in (link.id, nobody):
        for minute in range(5):
            fresh_links.ask(session, door, at=AT + timedelta(minutes=minute))
        fresh_links.ask(session, door, at=AT + timedelta(minutes=60))
    kept = session.execute(select(FreshLinkRequest.door_id, func.count()).group_by(FreshLinkRequest.door_id)).all()
    assert {row[0]: row[1] for row in kept} == {link.id: 4, nobody: 4}
    deeds = select(func.count()).where(AuditEvent.deed == Deed.FRESH_LINK_ASKED)
    assert session.scalar(deeds) == 8


def test_asking_sends_the_store_the_same_statements_whoever_lives_behind_the_door(
    session: Session, link: AccessLink
) -> None:
    dead = doors.issue(session, link.participant, KEYS, by=SYSTEM, at=AT).id
    doors.issue(session, link.participant, KEYS, by=SYSTEM, at=AT)
    gone = factories.make_participant(session, factories.load_study(session)[0])
    withdrawn = doors.issue(session, gone, KEYS, by=SYSTEM, at=AT)
    enrolment.withdraw(session, gone, on=date(2027, 3, 1), reason="", by=SYSTEM, at=AT)
    told = []
    for door in (link.id, dead, withdrawn.id, uuid4()):
        session.flush()
        session.expunge_all()  # as at the beginning of a request
        with statements_of(session.get_bind().engine) as sent:
            fresh_links.ask(session, door, at=AT)
        told.append(tuple(sent))
    assert told[0]
    assert len(set(told)) == 1


def test_nobody_behind_the_door_nobody_active_or_no_open_door_means_nothing_and_it_is_done(
    session: Session, contacts: Contacts, link: AccessLink
) -> None:
    gone = factories.make_participant(session, factories.load_study(session)[0])
    hers = doors.issue(session, gone, KEYS, by=SYSTEM, at=AT)
    contacts.keep(session, gone.id, email="gone@example.org", by=SYSTEM, at=AT)
    enrolment.withdraw(session, gone, on=date(2027, 3, 1), reason="", by=SYSTEM, at=AT)
    link.revoked_at = AT
    for door in (uuid4(), hers.id, link.id):
        fresh_links.ask(session, door, at=AT)
    assert answered(session, contacts) == []
    assert open_requests(session) == 0
    assert "fresh-link" not in {kind for kind, _, _ in rows(session)}
    assert session.scalar(select(func.count()).where(AccessLink.revoked_at.is_(None))) == 1  # none was opened anew


def test_without_an_address_nothing_is_sent_and_the_nurse_sees_it(
    session: Session, contacts: Contacts, participant: Participant, link: AccessLink
) -> None:
    contacts.keep(session, participant.id, email="", by=SYSTEM, at=AT)
    fresh_links.ask(session, link.id, at=AT)
    assert answered(session, contacts) == []
    visit = factories.get_visit(session, participant)
    assert ("fresh-link", "no-address") in shown(session, visit.id)


def test_a_door_that_dies_before_the_mail_leaves_is_not_opened_by_it(
    session: Session, contacts: Contacts, link: AccessLink
) -> None:
    fresh_links.ask(session, link.id, at=AT)
    fresh_links.answer(session, by=SYSTEM, at=AT)
    link.revoked_at = AT
    session.flush()
    work(session, contacts, AT)
    assert ("fresh-link", "cancelled", "no-door") in rows(session)
    assert session.scalar(select(func.count()).where(AccessLink.revoked_at.is_(None))) == 0


def test_it_is_sent_to_who_has_answered_all_and_does_not_stand_for_a_reminder(
    session: Session, contacts: Contacts, participant: Participant, link: AccessLink
) -> None:
    morning = paris(2, 26, 9)  # the opening leaves at ten
    fresh_links.ask(session, link.id, at=morning)
    assert len(answered(session, contacts, morning)) == 1
    assert [letter.mail for letter in work(session, contacts, paris(2, 26, 10))] == ["opening"]
    factories.complete_visit(session, participant, at=paris(2, 27, 18))
    fresh_links.ask(session, link.id, at=paris(2, 27, 19))
    assert len(answered(session, contacts, paris(2, 27, 19))) == 1


def test_after_a_day_without_a_mail_server_it_is_too_late(
    session: Session, contacts: Contacts, link: AccessLink
) -> None:
    fresh_links.ask(session, link.id, at=AT)
    fresh_links.answer(session, by=SYSTEM, at=AT)
    work(session, contacts, AT + timedelta(days=1, minutes=1))
    assert ("fresh-link", "cancelled", "too-late") in rows(session)


def test_it_is_kept_beside_the_nearest_visit(session: Session, contacts: Contacts, link: AccessLink) -> None:
    for at in (paris(1, 10, 9), paris(3, 3, 9), paris(3, 31, 9)):
        fresh_links.ask(session, link.id, at=at)
        fresh_links.answer(session, by=SYSTEM, at=at)
        work(session, contacts, at)
    found = session.scalars(select(Message).where(Message.kind == "fresh-link").order_by(Message.due_at)).all()
    codes = {visit.id: visit.code for visit in link.participant.visits}
    assert [(codes[message.visit_id], message.edition) for message in found] == [("INC", 1), ("INC", 2), ("M1", 1)]


def shown(session: Session, visit_id: UUID) -> set[tuple[str, str | None]]:
    """What the nurse's list says of a visit's messages."""
    return {(each.kind, each.reason) for each in messages.list_troubled(session, [visit_id])[visit_id]}
