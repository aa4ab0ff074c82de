"""Handing over: whose visit may be, which code opens, and what the trail says of it."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.door import AccessLink, Device
from portal.db.participant import Participant
from portal.domain.audit import ActorKind, Deed
from portal.domain.roles import Role
from portal.services import actor, doors, enrolment, hand_over, staff
from portal.services.actor import Actor
from portal.services.doors import CodeRefusedError, DoorKeys, TooManyCodesError
from portal.services.hand_over import NothingToAnswerError, VisitNotFoundError
from portal.services.studies import StudyAtSite
from tests import factories

KEYS = DoorKeys("a secret key for tests, long enough")
AT = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def places(session: Session) -> list[StudyAtSite]:
    """The two sites."""
    return factories.load_study(session)


@pytest.fixture
def participant(session: Session, places: list[StudyAtSite]) -> Participant:
    """Somebody of site 01, two days before her inclusion visit."""
    return factories.make_participant(session, places[0])


@pytest.fixture
def nurse(session: Session, places: list[StudyAtSite]) -> Actor:
    """A nurse of site 01."""
    roles = [(places[0].site_id, Role.NURSE)]
    made = staff.add(
        session, email="n@example.org", name="N", password="p" * 12, roles=roles, language="fr", by=actor.SYSTEM, at=AT
    )
    return actor.staff(made.id)


def prepare(session: Session, participant: Participant, nurse: Actor, *, visit: str = "INC") -> hand_over.HandOver:
    visit_id = factories.get_visit(session, participant, visit).id
    return hand_over.prepare(session, [participant.site_id], visit_id, KEYS, by=nurse, at=AT)


def open_door(session: Session, participant: Participant, nurse: Actor, typed: str) -> Device:
    assert nurse.id
    return hand_over.open_door(session, KEYS, participant.id, nurse.id, typed, at=AT)


def short_code(session: Session, participant: Participant) -> str:
    link = doors.find_open(session, participant.id)
    assert link
    return doors.short_code(KEYS, link)


def test_a_participant_without_a_door_gets_one_and_keeps_the_one_she_has(
    session: Session, participant: Participant, nurse: Actor
) -> None:
    first = prepare(session, participant, nurse).link
    assert prepare(session, participant, nurse).link is first
    assert session.scalars(select(AccessLink)).all() == [first]


def test_no_other_sites_visit_is_handed_over(
    session: Session, participant: Participant, places: list[StudyAtSite], nurse: Actor
) -> None:
    ours = factories.get_visit(session, participant).id
    for site_ids, visit_id in (([places[1].site_id], ours), ([], ours), ([places[0].site_id], uuid4())):
        with pytest.raises(VisitNotFoundError):
            hand_over.prepare(session, site_ids, visit_id, KEYS, by=nurse, at=AT)


def test_only_an_open_visit_with_something_to_answer_is_handed_over(
    session: Session, participant: Participant, nurse: Actor
) -> None:
    with pytest.raises(NothingToAnswerError):
        prepare(session, participant, nurse, visit="M1")
    factories.complete_visit(session, participant, at=AT)
    with pytest.raises(NothingToAnswerError):
        prepare(session, participant, nurse)


def test_nothing_is_handed_over_to_who_has_withdrawn(session: Session, participant: Participant, nurse: Actor) -> None:
    enrolment.withdraw(session, participant, on=date(2027, 3, 2), reason="", by=actor.SYSTEM, at=AT)
    with pytest.raises(NothingToAnswerError):
        prepare(session, participant, nurse)


def test_her_short_code_opens_and_the_device_says_who_lent_it(
    session: Session, participant: Participant, nurse: Actor
) -> None:
    hand_over.note(session, prepare(session, participant, nurse), by=nurse, at=AT)
    device = open_door(session, participant, nurse, short_code(session, participant).lower().replace("-", " "))
    assert (device.handed_over_by, device.access_link.participant_id) == (nurse.id, participant.id)
    noted = session.execute(
        select(AuditEvent.deed, AuditEvent.actor_kind, AuditEvent.actor_id, AuditEvent.reason)
        .where(AuditEvent.participant_id == participant.id)
        .order_by(AuditEvent.id.desc())
        .limit(2)
    ).all()
    assert [tuple(event) for event in noted] == [
        (Deed.DEVICE_ENROLLED, ActorKind.PATIENT, participant.id, None),
        (Deed.DEVICE_HANDED_OVER, ActorKind.STAFF, nurse.id, None),
    ]


@pytest.mark.parametrize("whose", ["nobody's", "another's", "her old one"])
def test_no_other_code_opens(
    session: Session, participant: Participant, places: list[StudyAtSite], nurse: Actor, whose: str
) -> None:
    old = prepare(session, participant, nurse).link
    typed = doors.short_code(KEYS, old) if whose == "her old one" else "7KQ2-M4XX"
    if whose == "another's":
        other = factories.make_participant(session, places[0])
        typed = doors.short_code(KEYS, doors.issue(session, other, KEYS, by=nurse, at=AT))
    if whose == "her old one":
        doors.issue(session, participant, KEYS, by=nurse, at=AT)
    with pytest.raises(CodeRefusedError):
        open_door(session, participant, nurse, typed)
    assert session.scalars(select(Device)).all() == []


def test_who_has_withdrawn_in_between_is_not_let_in(session: Session, participant: Participant, nurse: Actor) -> None:
    typed = doors.short_code(KEYS, prepare(session, participant, nurse).link)
    enrolment.withdraw(session, participant, on=date(2027, 3, 2), reason="", by=actor.SYSTEM, at=AT)
    with pytest.raises(doors.WithdrawnError):
        open_door(session, participant, nurse, typed)


def test_nobody_without_a_door_comes_in(session: Session, nurse: Actor) -> None:
    assert nurse.id
    with pytest.raises(CodeRefusedError):
        hand_over.open_door(session, KEYS, UUID(int=0), nurse.id, "7KQ2-M4XD", at=AT)


def test_wrong_codes_are_limited_together_with_the_personal_code(
    session: Session, participant: Participant, nurse: Actor
) -> None:
    link = prepare(session, participant, nurse).link
    for _ in range(doors.WRONG_CODES):
        with pytest.raises(CodeRefusedError):
            open_door(session, participant, nurse, "7KQ2-M4XX")
    with pytest.raises(TooManyCodesError):
        open_door(session, participant, nurse, doors.short_code(KEYS, link))
    with pytest.raises(TooManyCodesError):
        doors.check_personal_code(session, KEYS, link.id, doors.personal_code(KEYS, link), at=AT)
    later = AT + doors.WITHIN + timedelta(seconds=1)
    assert hand_over.open_door(
        session, KEYS, participant.id, nurse.id or uuid4(), doors.short_code(KEYS, link), at=later
    )
