"""Who gets in: the right address, password and code, once; everyone else reads the same refusal."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.staff import SignInAttempt, Staff
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, staff
from tests.factories import load_study
from tests.remembered import REAL_HASHER

AT = datetime(2027, 3, 3, 9, 0, 10, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _as_in_earnest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at their full cost; other tests do it cheaply."""
    monkeypatch.setattr(staff, "_hasher", REAL_HASHER)


@pytest.fixture
def ada(session: Session) -> Staff:
    """A nurse at site 01 who is an investigator at site 02."""
    first, second = load_study(session)
    return _add(session, "Ada@Example.org", [(first.site_id, Role.NURSE), (second.site_id, Role.INVESTIGATOR)])


def test_a_person_signs_in_with_address_password_and_code(session: Session, ada: Staff) -> None:
    assert staff.sign_in(session, " ada@example.ORG ", PASSWORD, _code(ada), at=AT) is ada
    assert _deeds(session)[-1] == Deed.STAFF_SIGNED_IN


def test_the_code_may_be_typed_in_two_groups(session: Session, ada: Staff) -> None:
    code = _code(ada)
    assert staff.sign_in(session, ada.email, PASSWORD, f"{code[:3]} {code[3:]}", at=AT) is ada


@pytest.mark.parametrize("seconds", [-30, 30])
def test_a_clock_that_is_half_a_minute_wrong_still_opens(session: Session, ada: Staff, seconds: int) -> None:
    code = _code(ada, AT + timedelta(seconds=seconds))
    assert staff.sign_in(session, ada.email, PASSWORD, code, at=AT) is ada


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_code_of_another_minute_does_not_open(session: Session, ada: Staff, seconds: int) -> None:
    with pytest.raises(staff.SignInRefusedError):
        staff.sign_in(session, ada.email, PASSWORD, _code(ada, AT + timedelta(seconds=seconds)), at=AT)


def test_a_code_opens_once(session: Session, ada: Staff) -> None:
    staff.sign_in(session, ada.email, PASSWORD, _code(ada), at=AT)
    with pytest.raises(staff.SignInRefusedError):
        staff.sign_in(session, ada.email, PASSWORD, _code(ada), at=AT + timedelta(seconds=5))


def test_an_older_code_does_not_open_after_a_newer_one(session: Session, ada: Staff) -> None:
    staff.sign_in(session, ada.email, PASSWORD, _code(ada), at=AT)
    with pytest.raises(staff.SignInRefusedError):
        staff.sign_in(session, ada.email, PASSWORD, _code(ada, AT - timedelta(seconds=30)), at=AT)


def test_every_refusal_reads_the_same_and_is_kept(session: Session, ada: Staff) -> None:
    gone = _add(session, "gone@example.org", [])
    staff.deactivate(session, gone.email, by=actor.SYSTEM, at=AT)
    tries = [
        (ada.email, "wrong password", _code(ada)),
        (ada.email, PASSWORD, "000000"),
        (ada.email, PASSWORD, ""),
        ("nobody@example.org", PASSWORD, _code(ada)),
        (gone.email, PASSWORD, _code(gone)),
    ]
    for email, password, code in tries:
        with pytest.raises(staff.SignInRefusedError) as refusal:
            staff.sign_in(session, email, password, code, at=AT)
        assert (type(refusal.value), str(refusal.value)) == (staff.SignInRefusedError, "")
    assert len(session.scalars(select(SignInAttempt)).all()) == 5
    assert _deeds(session)[-5:] == [Deed.STAFF_SIGN_IN_REFUSED] * 5


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_after_five_wrong_tries_an_address_waits_a_quarter_of_an_hour(session: Session, ada: Staff, email: str) -> None:
    _try_wrongly(session, email, 5)
    with pytest.raises(staff.SignInPausedError) as pause:
        staff.sign_in(session, email, PASSWORD, _code(ada), at=AT + timedelta(minutes=5))
    # The first of the five was made at AT, one a minute.
    assert pause.value.until == AT + timedelta(minutes=15)


def test_the_right_code_opens_once_the_pause_is_over(session: Session, ada: Staff) -> None:
    _try_wrongly(session, ada.email, 5)
    later = AT + timedelta(minutes=15)
    assert staff.sign_in(session, ada.email, PASSWORD, _code(ada, later), at=later) is ada


def test_tries_during_the_pause_do_not_prolong_it(session: Session, ada: Staff) -> None:
    _try_wrongly(session, ada.email, 5)
    for _ in range(3):
        with pytest.raises(staff.SignInPausedError):
            staff.sign_in(session, ada.email, "wrong password", "", at=AT + timedelta(minutes=14))
    later = AT + timedelta(minutes=15)
    assert staff.sign_in(session, ada.email, PASSWORD, _code(ada, later), at=later) is ada


def test_signing_in_forgives_the_wrong_tries_before(session: Session, ada: Staff) -> None:
    _try_wrongly(session, ada.email, 4)
    later = AT + timedelta(minutes=4)
    staff.sign_in(session, ada.email, PASSWORD, _code(ada, later), at=later)
    with pytest.raises(staff.SignInRefusedError) as refusal:
        staff.sign_in(session, ada.email, "wrong password", "", at=later)
    assert not isinstance(refusal.value, staff.SignInPausedError)


def test_no_password_and_no_address_reach_the_trail_of_a_refusal(session: Session, ada: Staff) -> None:
    with pytest.raises(staff.SignInRefusedError):
        staff.sign_in(session, "typo@example.org", "a secret typed into the wrong field", "", at=AT)
    told = str([(event.new, event.reason) for event in session.scalars(select(AuditEvent))])
    assert "typo@example.org" not in told
    assert "a secret" not in told


def test_the_password_is_kept_as_an_argon2_hash_only(session: Session, ada: Staff) -> None:
    assert ada.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")  # OWASP's smaller profile
    assert PASSWORD not in ada.password_hash


def test_an_address_is_used_once_whatever_its_capitals(session: Session, ada: Staff) -> None:
    with pytest.raises(staff.EmailTakenError, match=r"ada@example\.org"):
        _add(session, "ADA@example.org", [])


def test_a_short_password_is_refused(session: Session, ada: Staff) -> None:
    with pytest.raises(staff.WeakPasswordError):
        staff.add(session, email="b@example.org", name="B", password="eleven char", roles=[], by=actor.SYSTEM, at=AT)


def test_only_active_investigators_of_the_site_are_its_investigators(session: Session, ada: Staff) -> None:
    first, second = load_study(session)
    grace = _add(session, "grace@example.org", [(second.site_id, Role.INVESTIGATOR)])
    gone = _add(session, "gone@example.org", [(second.site_id, Role.INVESTIGATOR)])
    staff.deactivate(session, gone.email, by=actor.SYSTEM, at=AT)
    assert staff.investigators_of(session, second.site_id) == [ada, grace]
    assert staff.investigators_of(session, first.site_id) == []


def test_deactivating_again_changes_nothing(session: Session, ada: Staff) -> None:
    staff.deactivate(session, ada.email, by=actor.SYSTEM, at=AT)
    staff.deactivate(session, ada.email, by=actor.SYSTEM, at=AT)
    assert _deeds(session).count(Deed.STAFF_DEACTIVATED) == 1


def test_nobody_can_be_deactivated_who_is_not_there(session: Session) -> None:
    with pytest.raises(staff.StaffNotFoundError, match=r"nobody@example\.org"):
        staff.deactivate(session, "nobody@example.org", by=actor.SYSTEM, at=AT)


def _add(session: Session, email: str, roles: Sequence[tuple[UUID, Role]]) -> Staff:
    return staff.add(session, email=email, name="A Person", password=PASSWORD, roles=roles, by=actor.SYSTEM, at=AT)


def _code(person: Staff, at: datetime = AT) -> str:
    return str(pyotp.TOTP(person.totp_secret).at(at))


def _try_wrongly(session: Session, email: str, times: int) -> None:
    for minute in range(times):
        with pytest.raises(staff.SignInRefusedError):
            staff.sign_in(session, email, "wrong password", "", at=AT + timedelta(minutes=minute))


def _deeds(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.deed).order_by(AuditEvent.id)))
