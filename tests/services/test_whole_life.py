"""The life of a summary with all that became of it: announced to how many, come back, replaced, each with its time.

The visit is planned on Friday 5 March 2027 in Paris; its summary is due on the 3rd at 07:00.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.message import Bounce, BounceKind, BounceSource, Message
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.summary import LifeEvent
from portal.domain.roles import Role
from portal.services import actor, deadlines, staff, summaries, whole_life
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.letters import Unknown
from portal.services.studies import StudyAtSite
from portal.services.summary_life import Mishap
from tests import factories
from tests.services.mailing import paris, work

DUE_AT = paris(3, 3, 7)


def test_two_investigators_one_mail_that_came_back_and_a_newer_edition(
    session: Session, place: StudyAtSite, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    staff.add(
        session,
        email="other@example.org",
        name="O. Ther",
        password="a long enough password",
        roles=[(place.site_id, Role.INVESTIGATOR)],
        by=SYSTEM,
        at=factories.AT,
    )
    visit = factories.get_visit(session, participant)
    first = deadlines.make_if_missing(session, visit.id, by=SYSTEM, at=DUE_AT)
    assert first is not None
    work(session, contacts, DUE_AT)
    mail = session.scalars(select(Message.id).where(Message.kind == "summary").limit(1)).one()
    came_back = {"code": "5.1.1", "source": BounceSource.MAILBOX, "report": "0" * 64}
    session.add(Bounce(message_id=mail, kind=BounceKind.PERMANENT, at=paris(3, 3, 8), **came_back))
    summaries.opened(session, first, by=actor.staff(investigator.id), at=paris(3, 3, 9))
    factories.complete_visit(session, participant, at=paris(3, 3, 18))
    lines = whole_life.read(session, first)
    assert [(line.kind, line.at, line.times, line.number) for line in lines] == [
        (LifeEvent.DELIVERED, DUE_AT, 2, 0),
        (Mishap.BOUNCED, paris(3, 3, 8), 1, 0),
        (LifeEvent.OPENED, paris(3, 3, 9), 1, 0),
        (Mishap.SUPERSEDED, paris(3, 3, 18), 1, 2),
    ]
    second = summaries.find_current(session, visit.id)
    assert second is not None
    assert whole_life.read(session, second) == []


def test_a_mail_of_unknown_fate_is_told(
    session: Session, participant: Participant, investigator: Staff, contacts: Contacts
) -> None:
    summary = deadlines.make_if_missing(session, factories.get_visit(session, participant).id, by=SYSTEM, at=DUE_AT)
    assert summary is not None
    work(session, contacts, DUE_AT, Unknown("connection-lost"))
    assert [(line.kind, line.at) for line in whole_life.read(session, summary)] == [(Mishap.UNKNOWN, DUE_AT)]


def test_that_there_is_nobody_to_write_to_is_told(
    session: Session, participant: Participant, contacts: Contacts
) -> None:
    summary = deadlines.make_if_missing(session, factories.get_visit(session, participant).id, by=SYSTEM, at=DUE_AT)
    assert summary is not None
    work(session, contacts, DUE_AT)
    assert [line.kind for line in whole_life.read(session, summary)] == [Mishap.NOBODY]
