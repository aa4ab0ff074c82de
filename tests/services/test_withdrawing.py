"""Paused, nothing is sent; taken in again, what is still of use; and the database refuses states that cannot be."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.states import WithdrawalExtent
from portal.services import audit, enrolment, withdrawing
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.withdrawing import ReasonMissingError, StateRefusedError
from tests.services.mailing import paris, plan, rows, work


def test_a_pause_that_begins_after_planning_holds_the_mail_back(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    plan(session, paris(2, 25, 12))
    withdrawing.pause(session, participant, reason="in hospital", by=SYSTEM, at=paris(2, 25, 13))
    assert work(session, contacts, paris(2, 26, 12)) == []
    assert ("opening", "cancelled", "paused") in rows(session)


def test_taken_in_again_she_gets_the_opening_that_was_held_back(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    withdrawing.pause(session, participant, reason="in hospital", by=SYSTEM, at=paris(2, 25, 13))
    work(session, contacts, paris(2, 26, 12))
    withdrawing.reinclude(session, participant, reason="back", by=SYSTEM, at=paris(2, 27, 11))
    assert [letter.mail for letter in work(session, contacts, paris(2, 27, 12))] == ["opening"]
    assert participant.paused_on is None
    told = session.execute(
        select(AuditEvent.deed, AuditEvent.reason)
        .where(AuditEvent.deed.in_(["participant.paused", "participant.reincluded"]))
        .order_by(AuditEvent.id)
    ).all()
    assert [tuple(each) for each in told] == [
        (Deed.PARTICIPANT_PAUSED, "in hospital"),
        (Deed.PARTICIPANT_REINCLUDED, "back"),
    ]
    assert audit.first_broken(session) is None


def test_what_was_sent_before_a_pause_is_not_sent_again(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    work(session, contacts, paris(2, 26, 12))
    withdrawing.pause(session, participant, reason="away", by=SYSTEM, at=paris(2, 26, 13))
    withdrawing.reinclude(session, participant, reason="back", by=SYSTEM, at=paris(2, 26, 14))
    assert work(session, contacts, paris(2, 26, 15)) == []


def test_a_withdrawal_keeps_its_extent_and_can_be_undone(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    enrolment.withdraw(
        session,
        participant,
        on=date(2027, 2, 20),
        reason="her wish",
        extent=WithdrawalExtent.STUDY_AND_DATA,
        by=SYSTEM,
        at=paris(2, 21, 9),
    )
    assert participant.withdrawal_extent is WithdrawalExtent.STUDY_AND_DATA
    assert work(session, contacts, paris(2, 26, 12)) == []
    withdrawing.reinclude(session, participant, reason="a mistake", by=SYSTEM, at=paris(2, 27, 9))
    session.refresh(participant)
    kept = vars(participant)
    assert (kept["withdrawn_on"], kept["withdrawal_extent"]) == (None, None)
    assert len(work(session, contacts, paris(2, 27, 12))) == 1


def test_a_reason_and_a_fitting_state_are_asked_for(session: Session, participant: Participant) -> None:
    with pytest.raises(ReasonMissingError):
        withdrawing.pause(session, participant, reason=" ", by=SYSTEM, at=paris(2, 21, 9))
    with pytest.raises(StateRefusedError):
        withdrawing.reinclude(session, participant, reason="back", by=SYSTEM, at=paris(2, 21, 9))
    withdrawing.pause(session, participant, reason="away", by=SYSTEM, at=paris(2, 21, 9))
    with pytest.raises(StateRefusedError):
        withdrawing.pause(session, participant, reason="away", by=SYSTEM, at=paris(2, 21, 9))


@pytest.mark.parametrize(
    "impossible",
    [
        {"withdrawal_extent": "study"},
        {"status": "withdrawn", "withdrawn_on": date(2027, 2, 1), "paused_on": date(2027, 2, 1)},
    ],
    ids=["an extent without a withdrawal", "withdrawn and paused"],
)
def test_the_database_refuses(session: Session, participant: Participant, impossible: dict[str, object]) -> None:
    with pytest.raises(IntegrityError):
        session.execute(update(Participant).where(Participant.id == participant.id).values(**impossible))
