"""Signing: with a code that opens once, the current edition, once for each person; void when anything changes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.db.signature import Signature
from portal.db.staff import SignInAttempt, Staff
from portal.db.summary import LifeEvent, Summary
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import actor, audit, second_factor, signatures, staff, summaries
from tests import factories
from tests.web.staff_people import PASSWORD, make_staff

NOW = datetime(2027, 3, 3, 9, 0, 10, tzinfo=UTC)
NEXT = NOW + timedelta(seconds=30)


@pytest.fixture
def participant(session: Session) -> Participant:
    return factories.make_participant(session, factories.load_study(session)[0])


@pytest.fixture
def grace(session: Session, participant: Participant) -> Staff:
    return make_staff(session, (participant.site_id, Role.INVESTIGATOR), name="Dr Grace Hopper")


@pytest.fixture
def summary(session: Session, participant: Participant, grace: Staff) -> Summary:
    """The page of a visit with nothing received yet, which Grace has opened."""
    return _opened(session, _made(session, participant), grace)


def test_a_signature_is_bound_to_what_was_signed_and_counts_as_seen(
    session: Session, grace: Staff, summary: Summary
) -> None:
    (given,) = _sign(session, [summary], grace, Meaning.DISCUSSED)
    assert (given.printed_name, given.meaning, given.signed_at) == ("Dr Grace Hopper", Meaning.DISCUSSED, NOW)
    assert given.content_hash == summary.content_hash
    assert LifeEvent.SEEN in [line.kind for line in summaries.life(session, [summary.id])[summary.id]]
    assert signatures.signers(session, [summary.id]) == {summary.id: ["Dr Grace Hopper"]}
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SIGNATURE_GIVEN)).one()
    assert (event.new or {})["hash"] == summary.content_hash
    assert audit.first_broken(session) is None


def test_a_wrong_code_signs_nothing_and_is_on_the_trail(session: Session, grace: Staff, summary: Summary) -> None:
    with pytest.raises(second_factor.SignInRefusedError):
        _sign(session, [summary], grace, code="000000")
    assert session.scalars(select(Signature)).all() == []
    assert _refusals(session) == ["wrong"]


def test_the_code_of_signing_in_has_opened_once_already(session: Session, grace: Staff, summary: Summary) -> None:
    staff.sign_in(session, grace.email, PASSWORD, _code(grace), at=NOW)
    with pytest.raises(second_factor.CodeUsedError):
        _sign(session, [summary], grace)
    assert _refusals(session) == ["used"]
    assert len(_sign(session, [summary], grace, at=NEXT)) == 1


def test_wrong_codes_pause_signing_and_signing_in_alike(session: Session, grace: Staff, summary: Summary) -> None:
    for _ in range(second_factor.WRONG_TRIES):
        with pytest.raises(second_factor.SignInRefusedError):
            _sign(session, [summary], grace, code="000000")
    with pytest.raises(second_factor.SignInPausedError) as pause:
        _sign(session, [summary], grace)
    assert pause.value.until == NOW + second_factor.PAUSE
    with pytest.raises(second_factor.SignInPausedError):
        staff.sign_in(session, grace.email, PASSWORD, _code(grace), at=NOW)
    assert len(_sign(session, [summary], grace, at=NOW + second_factor.PAUSE)) == 1


def test_who_was_deactivated_signs_nothing(session: Session, grace: Staff, summary: Summary) -> None:
    staff.deactivate(session, grace.email, by=actor.SYSTEM, at=NOW)
    with pytest.raises(second_factor.SignInRefusedError):
        _sign(session, [summary], grace)


def test_a_person_signs_an_edition_once_and_the_code_stays_good(
    session: Session, grace: Staff, summary: Summary
) -> None:
    _sign(session, [summary], grace)
    with pytest.raises(signatures.AlreadySignedError):
        _sign(session, [summary], grace, at=NEXT)
    assert grace.last_totp_step == int(NOW.timestamp()) // second_factor.STEP
    assert len(session.scalars(select(Signature)).all()) == 1


def test_two_people_may_sign_the_same_page(session: Session, grace: Staff, summary: Summary) -> None:
    ada = make_staff(session, *[(role.site_id, role.role) for role in grace.roles], email="other@example.org")
    _sign(session, [summary], grace)
    _sign(session, [_opened(session, summary, ada)], ada, at=NEXT)
    assert signatures.signers(session, [summary.id]) == {summary.id: ["Dr Grace Hopper", "Ada Byron"]}


def test_what_was_not_opened_cannot_be_signed(session: Session, participant: Participant, grace: Staff) -> None:
    with pytest.raises(signatures.NotOpenedError):
        _sign(session, [_made(session, participant)], grace)


def test_many_are_signed_all_or_none_with_one_code(session: Session, grace: Staff, summary: Summary) -> None:
    place = factories.load_study(session)[0]
    others = [_made(session, factories.make_participant(session, place)) for _ in range(2)]
    _opened(session, others[0], grace)
    with pytest.raises(signatures.NotOpenedError):
        _sign(session, [summary, *others], grace)
    assert session.scalars(select(Signature)).all() == []
    _opened(session, others[1], grace)
    given = _sign(session, [summary, *others], grace)  # the code was not used up by the refusal
    assert {each.content_hash for each in given} == {each.content_hash for each in (summary, *others)}


def test_a_newer_edition_makes_a_signature_void_and_waits_to_be_signed_anew(
    session: Session, participant: Participant, grace: Staff, summary: Summary
) -> None:
    _sign(session, [summary], grace)
    factories.complete_visit(session, participant, at=NEXT)
    newer = summaries.find_current(session, summary.visit_id)
    assert newer is not None
    (signed,) = signatures.of_visit(session, summary.visit_id)
    assert (signed.number, signed.void_since, signed.is_open) == (1, 2, False)
    assert signatures.signers(session, [summary.id, newer.id]) == {}
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SIGNATURE_VOIDED)).one()
    assert (event.subject_id, event.new) == (signed.id, {"edition": 2})
    with pytest.raises(signatures.SupersededError) as refusal:
        _sign(session, [summary], grace, at=NEXT)
    assert refusal.value.newer == newer.id
    _sign(session, [_opened(session, newer, grace)], grace, at=NEXT)
    assert signatures.signers(session, [newer.id]) == {newer.id: ["Dr Grace Hopper"]}
    assert audit.first_broken(session) is None


def test_an_edition_that_says_the_same_leaves_the_signature(session: Session, grace: Staff, summary: Summary) -> None:
    _sign(session, [summary], grace)
    summaries.make(session, summary.visit_id, by=actor.SYSTEM, at=NEXT)
    assert [each.is_open for each in signatures.of_visit(session, summary.visit_id)] == [True]


def test_a_right_code_ends_a_row_of_wrong_ones(session: Session, grace: Staff, summary: Summary) -> None:
    with pytest.raises(second_factor.SignInRefusedError):
        _sign(session, [summary], grace, code="000000")
    _sign(session, [summary], grace)
    assert session.scalars(select(SignInAttempt.succeeded).order_by(SignInAttempt.succeeded)).all() == [False, True]


def _made(session: Session, participant: Participant) -> Summary:
    return summaries.make(session, factories.get_visit(session, participant).id, by=actor.SYSTEM, at=NOW)


def _opened(session: Session, summary: Summary, person: Staff) -> Summary:
    summaries.opened(session, summary, by=actor.staff(person.id), at=NOW)
    return summary


def _code(person: Staff, at: datetime = NOW) -> str:
    return pyotp.TOTP(person.totp_secret).at(at)


def _sign(
    session: Session,
    chosen: Sequence[Summary],
    person: Staff,
    meaning: Meaning = Meaning.SEEN,
    *,
    code: str = "",
    at: datetime = NOW,
) -> list[Signature]:
    code = code or _code(person, at)
    return signatures.sign(session, chosen, meaning, code, by=actor.staff(person.id), at=at)


def _refusals(session: Session) -> list[str | None]:
    refused = select(AuditEvent.reason).where(AuditEvent.deed == Deed.SIGNATURE_REFUSED).order_by(AuditEvent.id)
    return list(session.scalars(refused))
