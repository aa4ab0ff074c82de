"""A summary is at the site by its day, with or without answers, and each edition is announced once.

The visit is planned on Friday 5 March 2027 in Paris; its summary is due on Wednesday 3 March at 07:00.
"""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.summary import LifeEvent
from portal.domain.roles import Role
from portal.services import (
    deadlines,
    enrolment,
    staff,
    summaries,
    summary_life,
)
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import paris, plan, rows, work


def test_at_its_deadline_a_visit_without_answers_has_a_summary_and_the_investigator_a_link(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    assert deadlines.due_visits(session, is_public_holiday, at=paris(3, 3, 6, 59)) == []
    at = paris(3, 3, 7)
    assert deadlines.due_visits(session, is_public_holiday, at=at) == [visit.id]
    summary = deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=at)
    assert summary is not None
    assert deadlines.due_visits(session, is_public_holiday, at=at) == []
    assert deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=at) is None
    letters = [letter for letter in work(session, contacts, at) if letter.mail == "summary"]
    assert [(letter.to, letter.language, letter.path) for letter in letters] == [
        ("doctor@example.org", "en", f"/investigator/summaries/{summary.id}")
    ]
    assert letters[0].values["edition"] == 1
    assert [line.kind for line in summary_life.life(session, [summary.id])[summary.id]] == [LifeEvent.DELIVERED]


def test_a_withdrawn_participant_has_no_summary_at_the_deadline(session: Session, participant: Participant) -> None:
    enrolment.withdraw(session, participant, on=date(2027, 3, 1), reason="asked", by=SYSTEM, at=paris(3, 1, 9))
    assert deadlines.due_visits(session, is_public_holiday, at=paris(3, 3, 7)) == []


def test_a_complete_set_is_announced_at_once_and_a_later_edition_again(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=paris(3, 3, 7))
    work(session, contacts, paris(3, 3, 7))
    factories.complete_visit(session, participant, at=paris(3, 3, 18))
    letters = [letter for letter in work(session, contacts, paris(3, 3, 18)) if letter.mail == "summary"]
    assert [letter.values["edition"] for letter in letters] == [2]
    assert work(session, contacts, paris(3, 4, 12)) == []


def test_an_edition_that_was_not_announced_before_the_next_is_passed_over(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=paris(3, 3, 7))
    plan(session, paris(3, 3, 7))
    factories.complete_visit(session, participant, at=paris(3, 3, 7, 1))
    letters = [letter for letter in work(session, contacts, paris(3, 3, 7, 2)) if letter.mail == "summary"]
    assert [letter.values["edition"] for letter in letters] == [2]
    assert ("summary", "cancelled", "superseded") in rows(session)


def test_without_an_investigator_the_summary_reaches_nobody_and_that_shows_until_there_is_one(
    session: Session, participant: Participant, place: StudyAtSite, contacts: Contacts, request: pytest.FixtureRequest
) -> None:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=paris(3, 3, 7))
    for minute in (0, 1):
        work(session, contacts, paris(3, 3, 7, minute))
    assert [row for row in rows(session) if row[0] == "summary"] == [("summary", "failed", "no-recipient")]
    request.getfixturevalue("investigator")
    letters = [letter for letter in work(session, contacts, paris(3, 3, 7, 2)) if letter.mail == "summary"]
    assert len(letters) == 1
    assert summaries.find_current(session, visit.id) is not None


@pytest.fixture
def nurse(session: Session, place: StudyAtSite) -> Staff:
    return staff.add(
        session,
        email="nurse@example.org",
        name="N. Urse",
        password="a long enough password",
        roles=[(place.site_id, Role.NURSE)],
        by=SYSTEM,
        at=factories.AT,
    )


def test_when_nothing_has_come_by_the_deadline_the_nurse_is_asked_to_ring_the_patient(
    session: Session, participant: Participant, investigator: Staff, nurse: Staff, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=paris(3, 3, 7))
    letters = {letter.to: letter for letter in work(session, contacts, paris(3, 3, 7)) if "example.org" in letter.to}
    letter = letters["nurse@example.org"]
    assert (letter.mail, letter.language, letter.path) == ("nothing_received", "fr", "/clinic/")
    assert set(letter.values) == {"visit_on", "site_name", "participant_number"}
    assert [each.to for each in work(session, contacts, paris(3, 3, 8)) if each.to == nurse.email] == []


def test_whoever_has_answered_is_no_silence(
    session: Session, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    factories.complete_visit(session, participant, at=paris(3, 2, 18))
    work(session, contacts, paris(3, 3, 7))
    assert "nothing-received" not in [kind for kind, _, _ in rows(session)]


def test_answers_that_come_before_the_nurse_was_told_spare_her_the_mail(
    session: Session, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    visit = factories.get_visit(session, participant)
    deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=paris(3, 3, 7))
    factories.complete_visit(session, participant, at=paris(3, 3, 7, 30))
    assert [letter.to for letter in work(session, contacts, paris(3, 3, 8)) if letter.to == nurse.email] == []
    assert ("nothing-received", "cancelled", "superseded") in rows(session)


def test_a_nurse_who_has_left_the_site_is_not_told(
    session: Session, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    deadlines.make_if_missing(session, factories.get_visit(session, participant).id, by=SYSTEM, at=paris(3, 3, 7))
    staff.deactivate(session, nurse.email, by=SYSTEM, at=paris(3, 3, 7))
    work(session, contacts, paris(3, 3, 8))
    assert ("nothing-received", "cancelled", "no-address") in rows(session)
