"""Doors: links and codes that open, and every refusal alike and in the trail."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import AccessLink, Device
from portal.domain.audit import Deed
from portal.services import actor, doors, enrolment
from portal.services.doors import CodeRefusedError, DoorKeys, TooManyCodesError, WithdrawnError
from tests import factories
from tests.services.statements import statements_of

KEYS = DoorKeys("a secret key for tests, long enough")
AT = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def link(session: Session) -> AccessLink:
    """The door of a participant of site 01."""
    participant = factories.make_participant(session, factories.load_study(session)[0])
    return doors.issue(session, participant, KEYS, by=actor.SYSTEM, at=AT)


def reasons(session: Session) -> list[str | None]:
    return list(
        session.scalars(select(AuditEvent.reason).where(AuditEvent.deed == Deed.DOOR_REFUSED).order_by(AuditEvent.id))
    )


def refusals(session: Session, link: AccessLink) -> list[tuple[UUID, str]]:
    """Every way of not getting in: nobody's door, a dead one with its right code, a withdrawn one and hers with wrong
    ones."""
    gone = factories.make_participant(session, factories.load_study(session)[0])
    withdrawn = doors.issue(session, gone, KEYS, by=actor.SYSTEM, at=AT)
    enrolment.withdraw(session, gone, on=date(2027, 3, 1), reason="her wish", by=actor.SYSTEM, at=AT)
    fresh = doors.issue(session, link.participant, KEYS, by=actor.SYSTEM, at=AT)
    return [
        (doors.read_token(KEYS, "made up"), "123456"),
        (link.id, doors.personal_code(KEYS, link)),
        (withdrawn.id, wrong(withdrawn)),
        (fresh.id, wrong(fresh)),
    ]


def refusal(session: Session, door: UUID, code: str) -> type[CodeRefusedError]:
    """Try a code that does not open; give the kind of refusal."""
    with pytest.raises(CodeRefusedError) as refused:
        doors.check_personal_code(session, KEYS, door, code, at=AT)
    return refused.type


def wrong(link: AccessLink) -> str:
    return "000000" if doors.personal_code(KEYS, link) != "000000" else "111111"


def test_link_and_short_code_lead_to_the_same_door(session: Session, link: AccessLink) -> None:
    assert doors.read_token(KEYS, doors.token(KEYS, link)) == link.id
    assert doors.read_short_code(session, KEYS, doors.short_code(KEYS, link).lower()) == link.id


def test_the_right_code_opens(session: Session, link: AccessLink) -> None:
    assert doors.check_personal_code(session, KEYS, link.id, doors.personal_code(KEYS, link), at=AT) is link


def test_a_door_issued_again_replaces_the_old_one_and_its_phones(session: Session, link: AccessLink) -> None:
    _, cookie = doors.enrol_device(session, link, at=AT)
    fresh = doors.issue(session, link.participant, KEYS, by=actor.SYSTEM, at=AT)
    assert doors.find_device(session, cookie) is None
    with pytest.raises(CodeRefusedError):
        doors.check_personal_code(session, KEYS, link.id, doors.personal_code(KEYS, link), at=AT)
    assert doors.check_personal_code(session, KEYS, fresh.id, doors.personal_code(KEYS, fresh), at=AT) is fresh
    assert reasons(session) == ["revoked"]


def test_each_refusal_is_the_same_error_and_the_trail_knows_why(session: Session, link: AccessLink) -> None:
    refused = [refusal(session, door, code) for door, code in refusals(session, link)]
    assert set(refused) == {CodeRefusedError}
    assert reasons(session) == ["unknown", "revoked", "wrong-code", "wrong-code"]


def test_every_refusal_sends_the_store_the_same_statements(session: Session, link: AccessLink) -> None:
    told = []
    for door, code in refusals(session, link):
        session.flush()
        session.expunge_all()  # as at the beginning of a request
        with statements_of(session.get_bind().engine) as sent:
            refusal(session, door, code)
        told.append(tuple(sent))
    assert len(told) == 4
    assert len(set(told)) == 1


def test_who_has_withdrawn_is_known_by_her_right_code_and_no_guess_is_counted(
    session: Session, link: AccessLink
) -> None:
    enrolment.withdraw(session, link.participant, on=date(2027, 3, 1), reason="her wish", by=actor.SYSTEM, at=AT)
    for _ in range(doors.WRONG_CODES + 1):
        with pytest.raises(WithdrawnError) as refused:
            doors.check_personal_code(session, KEYS, link.id, doors.personal_code(KEYS, link), at=AT)
    assert refused.value.participant is link.participant
    assert set(reasons(session)) == {"withdrawn"}
    assert session.scalars(select(Device)).all() == []


@pytest.mark.parametrize("known", [True, False])
def test_ten_wrong_codes_close_a_door_for_an_hour(session: Session, link: AccessLink, known: bool) -> None:
    door = link.id if known else doors.read_short_code(session, KEYS, "made up")
    for second in range(10):
        with pytest.raises(CodeRefusedError):
            doors.check_personal_code(session, KEYS, door, wrong(link), at=AT + timedelta(seconds=second))
    with pytest.raises(TooManyCodesError):
        doors.check_personal_code(session, KEYS, door, doors.personal_code(KEYS, link), at=AT + timedelta(minutes=59))
    assert reasons(session)[-1] == "too-many"
    if known:
        later = AT + timedelta(hours=1, seconds=1)
        assert doors.check_personal_code(session, KEYS, door, doors.personal_code(KEYS, link), at=later) is link


def test_a_phone_is_remembered_by_a_secret_that_is_not_kept(session: Session, link: AccessLink) -> None:
    device, cookie = doors.enrol_device(session, link, at=AT)
    assert doors.find_device(session, cookie) is device
    assert cookie not in (device.token_digest, str(device.id))
    assert doors.find_device(session, "another") is None


def test_a_forgotten_phone_is_nobodys(session: Session, link: AccessLink) -> None:
    device, cookie = doors.enrol_device(session, link, at=AT)
    doors.forget_device(session, device, by=actor.patient(link.participant_id), at=AT)
    assert doors.find_device(session, cookie) is None
    assert session.get_one(Device, device.id).forgotten_at == AT


def test_no_code_of_a_door_stands_in_the_store(session: Session, link: AccessLink) -> None:
    secrets = {doors.token(KEYS, link), doors.short_code(KEYS, link), doors.personal_code(KEYS, link)}
    assert secrets.isdisjoint(str(getattr(link, column.name)) for column in AccessLink.__table__.columns)
