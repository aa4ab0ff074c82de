"""Guessing: wrong codes are slips until there are many within the hour; then staff are told, until a new door."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.db.door import AccessLink
from portal.db.participant import Participant
from portal.services import actor, code_attempts, doors, enrolment
from portal.services.code_attempts import Guesses
from portal.services.doors import CodeRefusedError, DoorKeys, TooManyCodesError
from tests import factories

KEYS = DoorKeys("a secret key for tests, long enough")
AT = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def link(session: Session) -> AccessLink:
    """The door of a participant of site 01."""
    participant = factories.make_participant(session, factories.load_study(session)[0])
    return doors.issue(session, participant, KEYS, by=actor.SYSTEM, at=AT)


def guess(session: Session, link: AccessLink, *minutes: int) -> None:
    """Type a wrong code so many minutes after nine."""
    code = doors.personal_code(KEYS, link)
    for each in minutes:
        with pytest.raises((CodeRefusedError, TooManyCodesError)):
            doors.check_personal_code(
                session, KEYS, link.id, f"{999999 - int(code):06}", at=AT + timedelta(minutes=each)
            )


def told(session: Session, participant: Participant, at: datetime = AT + timedelta(days=2)) -> Guesses | None:
    """What staff are told beside her inclusion visit."""
    visit_ids: list[UUID] = [visit.id for visit in participant.visits]
    return code_attempts.guesses_by_visit(session, visit_ids, at=at).get(visit_ids[0])


def test_four_slips_in_an_hour_and_five_in_a_day_are_no_guessing(session: Session, link: AccessLink) -> None:
    guess(session, link, 0, 1, 2, 3, 64)
    assert told(session, link.participant) is None


def test_five_within_an_hour_are_told_with_all_of_that_day(session: Session, link: AccessLink) -> None:
    guess(session, link, 0, 300, 315, 330, 345, 360)
    assert told(session, link.participant) == Guesses(6, AT + timedelta(hours=6))


def test_when_the_limit_is_reached_what_is_refused_unread_does_not_count(session: Session, link: AccessLink) -> None:
    guess(session, link, *range(15))
    assert told(session, link.participant) == Guesses(10, AT + timedelta(minutes=9))


def test_her_own_right_code_is_no_guess_and_does_not_hide_the_others(session: Session, link: AccessLink) -> None:
    guess(session, link, *range(5))
    doors.check_personal_code(session, KEYS, link.id, doors.personal_code(KEYS, link), at=AT + timedelta(minutes=6))
    assert told(session, link.participant) == Guesses(5, AT + timedelta(minutes=4))


def test_it_is_told_for_two_weeks_or_until_she_has_a_new_door(session: Session, link: AccessLink) -> None:
    guess(session, link, *range(5))
    assert told(session, link.participant, AT + timedelta(days=14, minutes=3)) is not None
    assert told(session, link.participant, AT + timedelta(days=14, minutes=4)) is None
    doors.issue(session, link.participant, KEYS, by=actor.SYSTEM, at=AT)
    assert told(session, link.participant) is None


def test_of_who_has_withdrawn_nothing_is_told(session: Session, link: AccessLink) -> None:
    guess(session, link, *range(5))
    enrolment.withdraw(session, link.participant, on=date(2027, 3, 3), reason="", by=actor.SYSTEM, at=AT)
    assert told(session, link.participant) is None
