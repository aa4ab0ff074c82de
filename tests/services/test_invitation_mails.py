"""Invitations by mail: her link as soon as her address is known, once, while nothing is open for her yet.

The first visit is planned on Friday 5 March 2027 in Paris; its questionnaires open on 26 February, and the opening
leaves at 10:00.
"""

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.participant import Participant
from portal.services import enrolment
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.scheduling import foresee_year
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import change_study, paris, rows, work


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    return change_study(session, messages={"invitation": True})


def enrolled(session: Session, place: StudyAtSite, contacts: Contacts, at: datetime, email: str = "") -> Participant:
    made = factories.make_participant(session, place, included_on=date(2027, 3, 5), at=at)
    contacts.keep(session, made.id, email=email, by=SYSTEM, at=at)
    return made


def test_who_gives_her_address_gets_her_link_and_never_the_code(
    session: Session, place: StudyAtSite, contacts: Contacts
) -> None:
    enrolled(session, place, contacts, paris(2, 15, 9), "she@example.org")
    (letter,) = work(session, contacts, paris(2, 15, 9))
    assert (letter.mail, letter.to) == ("invitation", "she@example.org")
    assert letter.path.startswith("/o/")
    assert letter.values["opens_on"] == date(2027, 2, 26)
    assert set(letter.values) == {"visit_on", "opens_on", "site_name", "telephone", "emergency"}
    assert work(session, contacts, paris(2, 16, 9)) == []


def test_enrolled_late_in_the_evening_she_is_written_to_in_the_morning(
    session: Session, place: StudyAtSite, contacts: Contacts
) -> None:
    enrolled(session, place, contacts, paris(2, 15, 21), "she@example.org")
    assert work(session, contacts, paris(2, 15, 21)) == []
    assert [letter.mail for letter in work(session, contacts, paris(2, 16, 8))] == ["invitation"]


def test_who_is_enrolled_once_questionnaires_are_open_gets_the_opening_alone(
    session: Session, place: StudyAtSite, contacts: Contacts
) -> None:
    enrolled(session, place, contacts, paris(2, 26, 9), "she@example.org")
    assert [letter.mail for letter in work(session, contacts, paris(2, 26, 10))] == ["opening"]
    assert "invitation" not in [kind for kind, _, _ in rows(session)]


def test_an_address_given_later_is_invited_then_and_a_change_of_it_does_not_invite_again(
    session: Session, place: StudyAtSite, contacts: Contacts
) -> None:
    participant = enrolled(session, place, contacts, paris(2, 15, 9))
    assert work(session, contacts, paris(2, 15, 9)) == []
    contacts.keep(session, participant.id, email="she@example.org", by=SYSTEM, at=paris(2, 20, 9))
    assert [letter.mail for letter in work(session, contacts, paris(2, 20, 9))] == ["invitation"]
    contacts.keep(session, participant.id, email="other@example.org", by=SYSTEM, at=paris(2, 22, 9))
    contacts.forget(session, participant.id, "email", by=SYSTEM, at=paris(2, 23, 9))
    contacts.keep(session, participant.id, email="she@example.org", by=SYSTEM, at=paris(2, 24, 9))
    assert work(session, contacts, paris(2, 24, 12)) == []


def test_an_invitation_that_waits_until_the_opening_is_given_up_for_it(
    session: Session, place: StudyAtSite, contacts: Contacts
) -> None:
    enrolled(session, place, contacts, paris(2, 25, 21), "she@example.org")
    assert work(session, contacts, paris(2, 26, 8)) == []
    assert [letter.mail for letter in work(session, contacts, paris(2, 26, 10))] == ["opening"]
    assert ("invitation", "cancelled", "too-late") in rows(session)


def test_who_has_withdrawn_is_invited_to_nothing(session: Session, place: StudyAtSite, contacts: Contacts) -> None:
    participant = enrolled(session, place, contacts, paris(2, 15, 9))
    enrolment.withdraw(session, participant, on=date(2027, 2, 16), reason="asked", by=SYSTEM, at=paris(2, 16, 9))
    contacts.keep(session, participant.id, email="she@example.org", by=SYSTEM, at=paris(2, 17, 9))
    assert rows(session) == []


def test_a_study_that_does_not_ask_for_it_sends_none(session: Session, contacts: Contacts) -> None:
    place = factories.load_study(session)[0]
    enrolled(session, place, contacts, paris(2, 15, 9), "she@example.org")
    assert rows(session) == []


@pytest.mark.parametrize(
    ("enrolled_at", "leaves_at"),
    [(paris(2, 15, 9), paris(2, 15, 9)), (paris(2, 15, 21), paris(2, 16, 8)), (paris(2, 26, 9), None)],
)
def test_the_year_shows_it_as_it_then_leaves(
    session: Session, place: StudyAtSite, contacts: Contacts, enrolled_at: datetime, leaves_at: datetime | None
) -> None:
    year = foresee_year(place, date(2027, 3, 5), has_address=True, is_public_holiday=is_public_holiday, at=enrolled_at)
    shown = [each.at for visit in year for each in visit.mails if each.kind == "invitation"]
    assert shown == ([leaves_at] if leaves_at else [])
    enrolled(session, place, contacts, enrolled_at, "she@example.org")
    if leaves_at:
        assert [letter.mail for letter in work(session, contacts, leaves_at)] == ["invitation"]


def test_where_messages_leave_as_text_a_mobile_number_invites_and_a_second_way_does_not_invite_again(
    session: Session, contacts: Contacts
) -> None:
    place = change_study(session, messages={"invitation": True, "channel": "mail-then-sms"})
    participant = enrolled(session, place, contacts, paris(2, 15, 9))
    contacts.keep(session, participant.id, telephone="+33 1 99 00 21 35", by=SYSTEM, at=paris(2, 15, 10))
    assert rows(session) == []  # no text message reaches that telephone
    contacts.keep(session, participant.id, telephone="+33 6 39 98 01 02", by=SYSTEM, at=paris(2, 15, 11))
    (letter,) = work(session, contacts, paris(2, 15, 11))
    assert (letter.mail, letter.channel, letter.to) == ("invitation", "sms", "+33639980102")
    contacts.keep(
        session, participant.id, email="she@example.org", telephone="+33 6 39 98 01 02", by=SYSTEM, at=paris(2, 16, 9)
    )
    assert work(session, contacts, paris(2, 16, 9)) == []
