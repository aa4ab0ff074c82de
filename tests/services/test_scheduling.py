"""The year that is shown before the start is the year that the worker then keeps."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Message
from portal.db.participant import Visit
from portal.domain.messages import MessageKind
from portal.services import contacts as contact_store
from portal.services import deadlines, doors, enrolment, scheduling
from portal.services.actor import SYSTEM
from portal.services.contacts import ContactRefusedError, Contacts
from portal.services.enrolment import NumberFault, NumberRefusedError
from portal.services.scheduling import PlannedVisit
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import KEYS, paris, work


def foresee(place: StudyAtSite, on: date, at: datetime, *, has_address: bool = True) -> tuple[PlannedVisit, ...]:
    return scheduling.foresee_year(place, on, has_address=has_address, is_public_holiday=is_public_holiday, at=at)


def test_each_day_and_hour_of_a_visit_is_there(session: Session, place: StudyAtSite) -> None:
    """Visit on Friday 5 March 2027: open a week before, two days after; the summary three working days before."""
    visit = foresee(place, date(2027, 3, 5), paris(2, 1, 9))[0]
    assert (visit.opens_at, visit.closes_at) == (
        paris(2, 26, 0 + 1) - timedelta(hours=1),
        paris(3, 8, 1) - timedelta(hours=1),
    )
    assert [each.reason for each in visit.messages] == [None] * len(visit.messages)
    assert visit.messages[0].kind == "opening"
    assert visit.messages[0].at.date() == date(2027, 2, 26)
    assert visit.delivery is not None
    assert visit.delivery.at.date() == visit.summary_due_on
    assert visit.is_working_day
    assert len(foresee(place, date(2027, 3, 5), paris(2, 1, 9))) == len(place.definition.visits)


def test_what_leaves_is_told_in_the_order_of_its_hours(session: Session, place: StudyAtSite) -> None:
    """Month 1 on Sunday 4 April 2027: its summary is due by Thursday the 1st at seven, before a reminder at ten."""
    visit = foresee(place, date(2027, 3, 4), paris(3, 1, 9))[1]
    kinds = [each.kind for each in visit.in_time]
    assert [each.at for each in visit.in_time] == sorted(each.at for each in visit.in_time)
    assert kinds.index(MessageKind.SUMMARY) < kinds.index(MessageKind.REMINDER_2)
    assert "nothing-received" not in kinds


@pytest.mark.parametrize(
    "enrolled_at", [paris(2, 24, 9), paris(2, 26, 23), paris(3, 2, 10), paris(3, 5, 11), paris(3, 9, 9)]
)
def test_the_worker_does_what_was_foreseen(
    session: Session, place: StudyAtSite, contacts: Contacts, enrolled_at: datetime
) -> None:
    """Enrolled in time, at night, in the middle of the window, on the day, and after it: hour by hour."""
    foreseen = foresee(place, date(2027, 3, 5), enrolled_at)[0]
    participant = factories.make_participant(session, place, included_on=date(2027, 3, 5), at=enrolled_at)
    contacts.keep(session, participant.id, email="she@example.org", by=SYSTEM, at=enrolled_at)
    doors.issue(session, participant, KEYS, by=SYSTEM, at=enrolled_at)
    at = enrolled_at
    made: list[tuple[UUID, datetime]] = []
    while at < enrolled_at + timedelta(days=13):
        for visit_id in deadlines.due_visits(session, is_public_holiday, at=at):
            deadlines.make_if_missing(session, visit_id, by=SYSTEM, at=at)
            made.append((visit_id, at))
        work(session, contacts, at)
        at += timedelta(hours=1)
    first = factories.get_visit(session, participant).id
    rows = session.scalars(select(Message).where(Message.visit_id == first, Message.recipient == "participant"))
    done = {row.kind: (row.sent_at, row.reason) for row in rows}
    wanted = {
        each.kind.value: (None if each.reason else each.at, each.reason.value if each.reason else None)
        for each in foreseen.mails
    }
    assert done == wanted
    assert foreseen.delivery is not None
    assert [at for visit_id, at in made if visit_id == first] == (
        [] if foreseen.delivery.reason else [foreseen.delivery.at]
    )


def test_without_an_address_no_mail_is_promised(session: Session, place: StudyAtSite) -> None:
    visit = foresee(place, date(2027, 3, 5), paris(2, 1, 9), has_address=False)[0]
    assert {each.reason for each in visit.mails} == {"no-address"}
    assert visit.delivery is not None
    assert visit.delivery.reason is None


def test_a_number_is_refused_for_what_is_wrong_with_it(session: Session, place: StudyAtSite) -> None:
    assert enrolment.next_number(session, place) == "01-001"
    factories.make_participant(session, place)
    assert enrolment.next_number(session, place) == "01-002"
    for wanted, fault in (("02-001", NumberFault.FORM), ("01-001", NumberFault.TAKEN)):
        with pytest.raises(NumberRefusedError) as refusal:
            enrolment.check_number(session, place, wanted)
        assert refusal.value.fault is fault
    enrolment.check_number(session, place, "01-002")
    assert session.scalar(select(Visit.id)) is not None


def test_a_contact_can_be_checked_before_it_is_kept() -> None:
    assert contact_store.check(email=" a@b.org ", telephone="").email == "a@b.org"
    for wrong in ({"email": "no address", "telephone": None}, {"email": None, "telephone": "ring me"}):
        with pytest.raises(ContactRefusedError):
            contact_store.check(**wrong)
