"""A message that a nurse sends again leaves within the hours, once for each tap, and stands for the day's reminder."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.services import resent_messages, telephone_calls
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.resent_messages import Refusal
from portal.services.telephone_calls import CallOutcome
from tests import factories
from tests.services.mailing import begin, paris, rows, work


def tap(session: Session, participant: Participant, contacts: Contacts, edition: int, hour: int) -> Refusal | None:
    """Press the button on 26 February, the day on which the visit of 5 March opens at ten."""
    visit, at = factories.get_visit(session, participant), paris(2, 26, hour)
    return resent_messages.send_again(session, visit, contacts, edition=edition, by=SYSTEM, at=at).refusal


def test_it_leaves_on_the_day_of_the_message_itself_with_the_same_words(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 10))
    assert tap(session, participant, contacts, 1, 11) is None
    (letter,) = work(session, contacts, paris(2, 26, 11))
    assert (letter.mail, letter.to) == ("opening", "she@example.org")
    assert ("resent", "sent", None) in rows(session)


def test_the_same_tap_twice_and_a_tap_while_one_is_on_its_way_send_one(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 10))
    refusals = [tap(session, participant, contacts, edition, 11) for edition in (1, 1, 2)]
    assert refusals == [None, Refusal.ON_ITS_WAY, Refusal.ON_ITS_WAY]
    assert len(work(session, contacts, paris(2, 26, 11))) == 1
    assert tap(session, participant, contacts, 1, 12) is None  # an old page: nothing stops it but its edition
    assert work(session, contacts, paris(2, 26, 12)) == []
    assert tap(session, participant, contacts, 2, 12) is None
    assert len(work(session, contacts, paris(2, 26, 12))) == 1


def test_in_the_evening_it_waits_for_the_morning(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 10))
    visit = factories.get_visit(session, participant)
    offered = resent_messages.offer(session, visit, contacts, at=paris(2, 26, 21))
    assert (offered.refusal, offered.leaves_at) == (None, paris(2, 27, 8))
    tap(session, participant, contacts, 1, 21)
    assert work(session, contacts, paris(2, 26, 21)) == []
    assert len(work(session, contacts, paris(2, 27, 8))) == 1


def test_it_spares_her_the_reminder_of_that_day(session: Session, participant: Participant, contacts: Contacts) -> None:
    work(session, contacts, paris(2, 26, 10))
    visit = factories.get_visit(session, participant)
    resent_messages.send_again(session, visit, contacts, edition=1, by=SYSTEM, at=paris(2, 28, 9))
    assert [letter.mail for letter in work(session, contacts, paris(2, 28, 9))] == ["opening"]
    assert work(session, contacts, paris(2, 28, 10)) == []
    assert ("reminder-1", "cancelled", "told-today") in rows(session)


@pytest.mark.parametrize(("begun", "mail"), [(False, "reminder_not_started"), (True, "reminder_started")])
def test_after_a_reminder_it_is_the_reminder(
    session: Session, participant: Participant, contacts: Contacts, begun: bool, mail: str
) -> None:
    for day in (26, 28):
        work(session, contacts, paris(2, day, 10))
    if begun:
        begin(session, participant, at=paris(2, 28, 11))
    visit = factories.get_visit(session, participant)
    resent_messages.send_again(session, visit, contacts, edition=1, by=SYSTEM, at=paris(2, 28, 12))
    assert [letter.mail for letter in work(session, contacts, paris(2, 28, 12))] == [mail]


def test_a_message_that_waits_to_be_tried_again_is_on_its_way(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    early = resent_messages.offer(session, visit, contacts, at=paris(2, 20, 10))
    assert early.refusal is Refusal.NOT_OPEN
    work(session, contacts, paris(2, 26, 8))  # plans the opening, due at ten
    assert resent_messages.offer(session, visit, contacts, at=paris(2, 26, 10)).refusal is Refusal.ON_ITS_WAY


def test_the_last_call_about_each_of_many_visits_is_one_query(session: Session, participant: Participant) -> None:
    visits = [factories.get_visit(session, participant, code) for code in ("INC", "M1", "M3")]
    for minutes, visit in enumerate(visits * 2):
        outcome = CallOutcome.NO_ANSWER if minutes < 3 else CallOutcome.WANTS_PAPER
        telephone_calls.note(session, visit, outcome, by=SYSTEM, at=paris(2, 26, 9) + timedelta(minutes=minutes))
    seen: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: seen.append(given[2]))
    found = telephone_calls.last_by_visit(session, [visit.id for visit in visits])
    assert len(seen) == 1
    assert {call.outcome for call in found.values()} == {CallOutcome.WANTS_PAPER}
    assert set(found) == {visit.id for visit in visits}
