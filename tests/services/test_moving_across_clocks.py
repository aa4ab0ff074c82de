"""A visit moved across a clock change: its hours stay ten o'clock for the patient, whatever UTC says."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Message
from portal.db.participant import Participant
from portal.services import moving
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import work

KINDS = ("opening", "reminder-1", "reminder-2")


def utc(month: int, day: int, hour: int) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=UTC)


def due(session: Session, edition: int) -> dict[str, datetime]:
    rows = session.scalars(select(Message).where(Message.edition == edition, Message.kind.in_(KINDS)))
    return {row.kind: row.due_at for row in rows}


def test_forward_in_spring_and_back_again(session: Session, place: StudyAtSite, contacts: Contacts) -> None:
    """In Paris clocks go from UTC+1 to UTC+2 on Sunday 28 March 2027."""
    she = factories.make_participant(session, place, included_on=date(2027, 3, 26))
    contacts.keep(session, she.id, email="she@example.org", by=SYSTEM, at=factories.AT)
    visit = factories.get_visit(session, she)
    # Friday 26 March: opens on the 19th, reminders on the 21st and the 23rd, all at UTC+1.
    assert [letter.mail for letter in work(session, contacts, utc(3, 19, 9))] == ["opening"]
    assert due(session, 1) == {
        "opening": utc(3, 19, 9),
        "reminder-1": utc(3, 21, 9),
        "reminder-2": utc(3, 23, 9),
    }
    # Moved on the 20th to Friday 2 April: opened anew on the 26th, at UTC+1. The reminders are two days after that,
    # Sunday the 28th at ten by the new clock, and three days before the visit, Tuesday the 30th.
    there = _move(session, she, date(2027, 4, 2), utc(3, 20, 12))
    assert there.after.opens_at == utc(3, 25, 23)  # midnight, still at UTC+1
    assert there.after.closes_at == utc(4, 4, 22)  # midnight after the 4th, at UTC+2
    assert due(session, there.edition) == {
        "opening": utc(3, 26, 9),
        "reminder-1": utc(3, 28, 8),
        "reminder-2": utc(3, 30, 8),
    }
    assert len(work(session, contacts, utc(3, 26, 9))) == 1
    assert work(session, contacts, utc(3, 28, 7)) == []  # nine o'clock by the new clock
    assert len(work(session, contacts, utc(3, 28, 8))) == 1
    # Back on the 29th to Wednesday the 31st: three days before it is the 28th, which is past; she is told of the move.
    back = _move(session, she, date(2027, 3, 31), utc(3, 29, 12))
    assert due(session, back.edition) == {"opening": utc(3, 29, 12)}
    assert visit.planned_on == date(2027, 3, 31)
    assert [letter.mail for letter in work(session, contacts, utc(3, 30, 8))] == ["moved"]
    assert work(session, contacts, utc(3, 31, 8)) == []


def test_back_in_autumn(session: Session, place: StudyAtSite, contacts: Contacts) -> None:
    """Clocks go from UTC+2 to UTC+1 on Sunday 31 October 2027."""
    she = factories.make_participant(session, place, included_on=date(2027, 10, 29))
    contacts.keep(session, she.id, email="she@example.org", by=SYSTEM, at=factories.AT)
    # Friday 29 October opens on the 22nd (UTC+2). Moved before that to Friday 5 November: opens on the 29th at UTC+2,
    # reminds on the 31st at ten by the new clock (UTC+1), and on Tuesday the 2nd.
    moved = _move(session, she, date(2027, 11, 5), utc(10, 20, 12))
    assert moved.renewed == ()  # nothing was planned yet: the worker plans the new days
    rounds = ((10, 22, 8), (10, 29, 7), (10, 29, 8), (10, 31, 8), (10, 31, 9), (11, 2, 9))
    assert [len(work(session, contacts, utc(*at))) for at in rounds] == [0, 0, 1, 0, 1, 1]


def _move(session: Session, she: Participant, to: date, at: datetime) -> moving.Move:
    visit = factories.get_visit(session, she)
    return moving.move(session, visit, to, reason="away", is_public_holiday=is_public_holiday, by=SYSTEM, at=at)
