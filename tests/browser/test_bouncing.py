"""A mail to a patient came back: her nurse sees it on list and page, and changes the address; in real Chromium."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.message import BounceKind, BounceSource, Message, MessageStatus
from portal.db.participant import Participant
from portal.domain.messages import MessageKind
from portal.domain.roles import Role
from portal.services import bounces
from portal.services.actor import SYSTEM
from portal.services.bounces import Report
from portal.services.contacts import Contacts
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

WORDS = {
    "fr": {
        "listed": "Les courriels à ce patient reviennent, le dernier le mer. 3 mars : téléphoner au patient",
        "told": "Les courriels envoyés à l’adresse de ce patient reviennent, le dernier le 3 mars 2027",
        "change": "Changer l’adresse",
        "keep": "Garder",
        "kept": "gardée, non testée",
    },
    "en": {
        "listed": "Mails to this patient come back, last on Wed 3 March: ring the patient, and change the address",
        "told": "Mails to this patient’s address come back, the last on 3 March 2027",
        "change": "Change the address",
        "keep": "Keep it",
        "kept": "kept, not tested",
    },
}


@pytest.fixture
def participant(store: Session, settings: Settings) -> Participant:
    """Somebody whose opening left and came back: there is no such address."""
    made = factories.make_participant(store, factories.load_study(store)[0])
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as contact_session:
        kept = Contacts(contact_session, settings.contact_key)
        kept.keep(store, made.id, email="she@example.org", by=SYSTEM, at=factories.AT)
        contact_session.commit()
    engine.dispose()
    left = NOW - timedelta(days=5)
    gone = {"status": MessageStatus.SENT, "due_at": left, "claimed_at": left, "sent_at": left, "attempts": 1}
    visit_id = factories.get_visit(store, made).id
    opening = Message(visit_id=visit_id, kind=MessageKind.OPENING, recipient="participant", **gone)
    store.add(opening)
    store.flush()
    report = Report(str(opening.id), BounceKind.PERMANENT, "5.1.1", digest="0" * 64, at=NOW)
    bounces.keep(store, report, BounceSource.MAILBOX, by=SYSTEM, at=NOW)
    return made


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_nurse_sees_it_and_changes_the_address(
    new_context: Callable[..., BrowserContext],
    base_url: str,
    store: Session,
    participant: Participant,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    words = WORDS[language]
    person = make_staff(store, (participant.site_id, Role.NURSE), language=language)
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    page = new_context(viewport={"width": 360, "height": 640}).new_page()
    screen = StaffAtScreen(page, base_url, person).sign_in()
    assert words["listed"] in screen.text
    axe.check(page)
    assert screen.sideways() <= 0
    screen.press(participant.participant_number)
    assert words["told"] in screen.text
    axe.check(page)
    assert screen.sideways() <= 0
    assert screen.small_targets() == []
    screen.press(words["change"])
    page.locator("#email").focus()
    for field in ("email", "email_again"):
        page.locator(f"#{field}").fill("hers@example.org")
    screen.press(words["keep"])
    screen.open(f"/clinic/participants/{participant.id}")
    assert words["told"] not in screen.text
    assert words["kept"] in screen.text
