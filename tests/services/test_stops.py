"""A wish for no messages: nothing leaves from then on but what she asks for herself; lifted, the open visit is told of.

The visit is planned on Friday 5 March 2027 in Paris; its questionnaires open on 26 February.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import AccessLink
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.stop import Stop, StopWay
from portal.domain.audit import Deed
from portal.services import actor, contact_tests, fresh_links, resent_messages, stops, telephone_calls
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.resent_messages import Refusal
from portal.services.telephone_calls import CallOutcome
from tests import factories
from tests.services.mailing import KEYS, paris, rows, work


def stop(session: Session, participant: Participant, day: int = 25) -> None:
    """She presses the button behind a mail's link."""
    by = actor.patient(participant.id)
    stops.ask(session, participant, StopWay.PAGE, by=by, at=paris(2, day, 9))


def test_nothing_leaves_for_who_wishes_no_messages(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    stop(session, participant)
    assert work(session, contacts, paris(3, 2, 10)) == []
    assert {(status, reason) for _, status, reason in rows(session)} == {("cancelled", "stopped")}


def test_a_wish_after_planning_is_read_at_the_moment_of_sending(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    (opening,) = work(session, contacts, paris(2, 26, 10))
    assert opening.stop_path == f"/stop/{stops.token(KEYS, participant.id)}"
    stop(session, participant, day=27)
    assert work(session, contacts, paris(2, 28, 10)) == []
    assert ("reminder-1", "cancelled", "stopped") in rows(session)


def test_a_fresh_link_and_a_test_of_her_address_leave_all_the_same(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    stop(session, participant)
    door = session.scalars(select(AccessLink).where(AccessLink.participant_id == participant.id)).one()
    fresh_links.ask(session, door.id, at=paris(3, 3, 23))
    fresh_links.answer(session, by=SYSTEM, at=paris(3, 3, 23))
    contact_tests.send(session, participant, has_address=True, by=SYSTEM, at=paris(3, 3, 23))
    letters = {letter.mail: letter for letter in work(session, contacts, paris(3, 3, 23))}
    assert set(letters) == {"fresh_link", "contact_test"}
    assert letters["contact_test"].stop_path == ""  # it may have gone to a stranger


def test_the_summary_reaches_the_site_as_before(
    session: Session, participant: Participant, contacts: Contacts, investigator: Staff
) -> None:
    stop(session, participant)
    factories.complete_visit(session, participant, at=paris(2, 27, 18))
    assert [letter.mail for letter in work(session, contacts, paris(2, 28, 10))] == ["summary"]


def test_lifted_the_open_visit_is_told_of_once(session: Session, participant: Participant, contacts: Contacts) -> None:
    stop(session, participant)
    work(session, contacts, paris(2, 26, 10))
    for _ in range(2):
        stops.lift(session, participant, by=actor.patient(participant.id), at=paris(2, 27, 10))
        assert stops.find_open(session, participant.id) is None
    assert [letter.mail for letter in work(session, contacts, paris(2, 27, 10))] == ["opening"]


def test_saying_it_again_changes_nothing_and_the_trail_has_each_wish_once(
    session: Session, participant: Participant, investigator: Staff
) -> None:
    stop(session, participant)
    stops.ask(session, participant, StopWay.STAFF, by=SYSTEM, at=paris(2, 26, 9))
    assert session.scalars(select(Stop.way)).all() == [StopWay.PAGE]
    nurse = actor.staff(investigator.id)
    stops.lift(session, participant, by=nurse, at=paris(2, 26, 9))
    assert session.scalars(select(Stop.lifted_by)).one() == nurse.id
    events = select(AuditEvent.deed, AuditEvent.new).where(AuditEvent.subject_kind == "stop").order_by(AuditEvent.id)
    assert [tuple(row) for row in session.execute(events)] == [
        (Deed.STOP_ASKED, {"way": "page"}),
        (Deed.STOP_LIFTED, None),
    ]


def test_after_undoing_the_last_wish_is_known_as_lifted(session: Session, participant: Participant) -> None:
    assert stops.find_last(session, participant.id) is None
    by, at = actor.patient(participant.id), paris(2, 25, 9)
    for is_lifted in (False, True, False, True):
        if is_lifted:
            stops.lift(session, participant, by=by, at=at)
        else:
            stop(session, participant)
        last = stops.find_last(session, participant.id)
        assert last
        assert (last.lifted_at is not None) is is_lifted


def test_what_is_wished_on_the_telephone_holds_and_nothing_can_be_sent_again(
    session: Session, participant: Participant, contacts: Contacts, investigator: Staff
) -> None:
    visit = factories.get_visit(session, participant)
    nurse = actor.staff(investigator.id)
    telephone_calls.note(session, visit, CallOutcome.WANTS_NO_MESSAGES, by=nurse, at=paris(3, 3, 9))
    offer = resent_messages.offer(session, visit, contacts, at=paris(3, 3, 10))
    assert offer.refusal is Refusal.STOPPED
    found = stops.open_by_visit(session, [visit.id])
    assert found == {visit.id: paris(3, 3, 9)}


def test_a_made_up_link_stops_nobody(session: Session, participant: Participant) -> None:
    genuine = stops.token(KEYS, participant.id)
    assert stops.find_participant(session, KEYS, genuine) is participant
    door = session.scalars(select(AccessLink)).one()
    from_a_door = stops.token(KEYS, door.id)  # well sealed, and nobody's
    for text in ("", "made-up", genuine[:-1], f"A{genuine[1:]}", "é" * 43, from_a_door):
        assert stops.find_participant(session, KEYS, text) is None
