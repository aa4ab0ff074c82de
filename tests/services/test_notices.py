"""Notices to staff of a site in Paris: on working days that have something to say, and on the week's first one.

The visit is planned on Friday 5 March 2027; its summary is due on Wednesday 3 March at 07:00. Notices leave at 08:00.
"""

from datetime import date, datetime
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.audit_event import AuditEvent
from portal.db.message import BounceKind, BounceSource, Message
from portal.db.notice import Notice, NoticeKind
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.watch import RenderSubject
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, bounces, deadlines, notice_choices, notices, render_faults, staff, summaries
from portal.services.actor import SYSTEM
from portal.services.bounces import Report
from portal.services.contacts import Contacts
from portal.services.letters import Letter, Rejected, Unknown
from portal.services.render_faults import Wanted
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import paris, work

AT = factories.AT
DAILY, WEEKLY = NoticeKind.DAILY, NoticeKind.WEEKLY


def add(session: Session, place: StudyAtSite, email: str, role: Role) -> Staff:
    return staff.add(
        session,
        email=email,
        name=email.partition("@")[0],
        password="a long enough password",
        roles=[(place.site_id, role)],
        by=SYSTEM,
        at=factories.AT,
    )


@pytest.fixture
def nurse(session: Session, place: StudyAtSite) -> Staff:
    return add(session, place, "nurse@example.org", Role.NURSE)


def told(session: Session, at: datetime) -> list[tuple[NoticeKind, str, Letter | None]]:
    """Plan, and fill what was planned: kind, to whom, and the letter."""
    made = notices.plan(session, is_public_holiday, "a worker", by=SYSTEM, at=at)
    rows = [session.get_one(Notice, each) for each in made]
    return [
        (
            row.kind,
            session.get_one(Staff, row.staff_id).email,
            notices.letter_for(session, row, is_public_holiday, at=at),
        )
        for row in rows
    ]


def numbers(session: Session, at: datetime) -> dict[str, object]:
    """Give what the one notice of a morning tells that is not nought."""
    ((_, _, letter),) = told(session, at)
    assert letter is not None
    return {name: value for name, value in letter.values.items() if value and name != "site_name"}


def test_on_a_day_without_trouble_nobody_is_written_to(
    session: Session, participant: Participant, nurse: Staff
) -> None:
    assert told(session, paris(2, 26, 8)) == []
    assert told(session, paris(2, 26, 12)) == []


def test_a_message_that_was_refused_is_told_the_next_morning_and_not_again(
    session: Session, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 10), Rejected("smtp-550"))  # the opening, on Friday
    assert told(session, paris(3, 1, 7, 59)) == []
    ((kind, to, letter),) = told(session, paris(3, 1, 8))
    assert (kind, to) == (DAILY, nurse.email)
    assert letter is not None
    assert (letter.mail, letter.path, letter.language) == ("daily_notice", "/staff/promises", "fr")
    numbers = {name: value for name, value in letter.values.items() if value and name != "site_name"}
    assert numbers == {"unsent": 1}
    assert told(session, paris(3, 1, 9)) == []
    assert told(session, paris(3, 2, 8)) == []


def test_no_day_of_rest_and_no_night_has_notices_and_what_happened_meanwhile_is_told_after_it(
    session: Session, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 10), Unknown("connection-lost"))
    assert told(session, paris(2, 27, 10)) == []
    assert told(session, paris(2, 28, 10)) == []
    assert told(session, paris(3, 1, 20, 1)) == []
    ((_, _, letter),) = told(session, paris(3, 2, 8))  # no worker was there on Monday
    assert letter is not None
    assert letter.values["unknown"] == 1


def test_a_mail_that_came_back_is_told(
    session: Session, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 10))
    message = session.scalars(select(Message).where(Message.kind == "opening")).one()
    report = Report(str(message.id), BounceKind.PERMANENT, "5.1.1", digest="0" * 64, at=paris(2, 26, 11))
    bounces.keep(session, report, BounceSource.MAILBOX, by=SYSTEM, at=paris(2, 26, 11))
    assert numbers(session, paris(3, 1, 8)) == {"bounced": 1}  # and not as one that was refused


def test_a_page_that_does_not_come_out_is_told_once_as_that_alone(
    session: Session, participant: Participant, nurse: Staff, contacts: Contacts, place: StudyAtSite
) -> None:
    add(session, place, "doctor@example.org", Role.INVESTIGATOR)
    visit_id = factories.get_visit(session, participant).id
    deadlines.make_if_missing(session, visit_id, by=SYSTEM, at=paris(3, 3, 7))
    work(session, contacts, paris(3, 3, 7))
    summary = summaries.find_current(session, visit_id)
    assert summary
    for minutes, language in product((0, 1, 6, 36), ("fr", "en")):  # both pages, the fourth try of each
        wanted = Wanted(RenderSubject.SUMMARY, str(summary.id), language)
        render_faults.note(session, wanted, "Killed", at=paris(3, 3, 7, minutes))
    assert numbers(session, paris(3, 3, 9)) == {"unprintable": 1}
    assert told(session, paris(3, 4, 9)) == []


def test_a_summary_that_reaches_nobody_is_told_while_there_is_time(
    session: Session, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    deadlines.make_if_missing(session, factories.get_visit(session, participant).id, by=SYSTEM, at=paris(3, 3, 7))
    work(session, contacts, paris(3, 3, 7))  # the site has no investigator
    ((_, _, letter),) = told(session, paris(3, 3, 9))
    assert letter is not None
    assert letter.values["endangered"] == 1


def test_the_week_is_told_on_monday_to_whoever_wishes_it(
    session: Session, place: StudyAtSite, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    doctor = add(session, place, "doctor@example.org", Role.INVESTIGATOR)
    assert told(session, paris(2, 22, 8)) == []
    notice_choices.choose(session, place.site_id, {(doctor.id, WEEKLY)}, by=actor.staff(nurse.id), at=paris(2, 22, 9))
    factories.complete_visit(session, participant, at=paris(2, 27, 18))
    work(session, contacts, paris(2, 27, 18))
    ((kind, to, letter),) = told(session, paris(3, 1, 8))
    assert (kind, to) == (WEEKLY, doctor.email)
    assert letter is not None
    assert (letter.mail, letter.path) == ("weekly_digest", "/investigator/")
    assert dict(letter.values) == {
        "site_name": place.site.name,
        "first": date(2027, 3, 1),
        "last": date(2027, 3, 7),
        "visits": 1,
        "complete": 1,
        "begun": 0,
        "nothing": 0,
        "received": 2,
        "unsigned": 1,
    }
    assert told(session, paris(3, 2, 8)) == []


def test_where_monday_is_a_holiday_the_week_is_told_on_tuesday(
    session: Session, place: StudyAtSite, nurse: Staff
) -> None:
    """Easter Monday is 29 March 2027; the visit is planned on Wednesday 31 March (summer time)."""
    factories.make_participant(session, place, included_on=date(2027, 3, 31), at=factories.AT)
    notice_choices.choose(session, place.site_id, {(nurse.id, WEEKLY)}, by=actor.staff(nurse.id), at=factories.AT)
    assert WEEKLY not in [kind for kind, _, _ in told(session, paris(3, 29, 9))]
    found = {kind: letter for kind, _, letter in told(session, paris(3, 30, 9))}
    letter = found[WEEKLY]
    assert letter is not None
    assert (letter.path, letter.values["first"]) == ("/clinic/", date(2027, 3, 29))


def test_a_week_with_nothing_to_say_is_not_told(session: Session, place: StudyAtSite, nurse: Staff) -> None:
    notice_choices.choose(session, place.site_id, {(nurse.id, WEEKLY)}, by=actor.staff(nurse.id), at=factories.AT)
    assert told(session, paris(2, 1, 8)) == []


def test_the_days_notice_goes_to_whom_the_site_has_ticked_and_else_to_its_nurses(
    session: Session, place: StudyAtSite, nurse: Staff
) -> None:
    doctor = add(session, place, "doctor@example.org", Role.INVESTIGATOR)
    elsewhere = staff.add(
        session, email="far@example.org", name="Far", password="a long enough password", roles=[], by=SYSTEM, at=AT
    )
    by = actor.staff(nurse.id)
    assert notice_choices.recipients(session, place.site_id, DAILY) == [nurse]
    assert notice_choices.recipients(session, place.site_id, WEEKLY) == []
    ticked = {(doctor.id, DAILY), (elsewhere.id, DAILY)}
    assert notice_choices.choose(session, place.site_id, ticked, by=by, at=AT)
    assert notice_choices.recipients(session, place.site_id, DAILY) == [doctor]
    assert not notice_choices.choose(session, place.site_id, ticked, by=by, at=AT)
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.NOTICES_CHOSEN)).one()
    assert (event.actor_id, event.old, event.new) == (
        nurse.id,
        {"daily": [], "weekly": []},
        {"daily": [str(doctor.id)], "weekly": []},
    )
    staff.deactivate(session, doctor.email, by=SYSTEM, at=AT)
    assert notice_choices.recipients(session, place.site_id, DAILY) == [nurse]


def test_whoever_is_unticked_before_it_leaves_is_sent_none(
    session: Session, place: StudyAtSite, participant: Participant, nurse: Staff, contacts: Contacts
) -> None:
    doctor = add(session, place, "doctor@example.org", Role.INVESTIGATOR)
    work(session, contacts, paris(2, 26, 10), Rejected("smtp-550"))
    (notice_id,) = notices.plan(session, is_public_holiday, "a worker", by=SYSTEM, at=paris(3, 1, 8))
    notice = session.get_one(Notice, notice_id)
    notice_choices.choose(session, place.site_id, {(doctor.id, DAILY)}, by=actor.staff(nurse.id), at=paris(3, 1, 8))
    assert notices.letter_for(session, notice, is_public_holiday, at=paris(3, 1, 8)) is None
