"""An invitation is replaced once, whoever taps twice, and ends what the old one opened."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.door import AccessLink
from portal.db.participant import Participant
from portal.services import doors, invitations, participants
from portal.services.actor import SYSTEM
from tests import factories
from tests.services.mailing import KEYS, paris

AT = paris(2, 26, 10)


def test_of_two_replacements_of_one_door_only_the_first_counts(session: Session, participant: Participant) -> None:
    old = doors.find_open(session, participant.id)
    assert old is not None
    _phone, cookie = doors.enrol_device(session, old, at=AT)
    assert invitations.count_phones(session, old) == 1
    for _ in range(2):
        invitations.replace(session, [participant.site_id], participant.id, KEYS, replaced_id=old.id, by=SYSTEM, at=AT)
    links = session.scalars(select(AccessLink).where(AccessLink.participant_id == participant.id)).all()
    assert len(links) == 2
    (new,) = [link for link in links if link.revoked_at is None]
    assert new.id != old.id
    assert doors.find_device(session, cookie) is None
    with pytest.raises(doors.CodeRefusedError):
        doors.check_personal_code(session, KEYS, old.id, doors.personal_code(KEYS, old), at=AT)
    assert invitations.count_phones(session, new) == 0


def test_another_sites_participant_is_not_invited(session: Session, participant: Participant) -> None:
    elsewhere = factories.load_study(session)[1].site_id
    with pytest.raises(participants.ParticipantNotFoundError):
        invitations.open_sheet(session, [elsewhere], participant.id, KEYS, by=SYSTEM, at=AT)
