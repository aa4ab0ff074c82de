"""The mail about a summary came back: from her list to its page, the nurse has it sent again; in real Chromium."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.db.message import BounceKind, BounceSource, Message, MessageStatus
from portal.domain.messages import MessageKind
from portal.domain.roles import Role
from portal.services import bounces, message_plan, pulse, summaries
from portal.services.actor import SYSTEM
from portal.services.bounces import Report
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

WORDS = {
    "fr": (
        "Le courriel à l’investigateur est revenu.",
        "Ouvrir la synthèse pour renvoyer le courriel.",
        "Renvoyer le courriel",
        "Le courriel à l’investigateur est en route",
    ),
    "en": (
        "The mail to the investigator came back.",
        "Open the summary to send the mail again.",
        "Send the mail again",
        "The mail to the investigator is on its way",
    ),
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_nurse_has_it_sent_again(
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    language: str,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    (place, _) = factories.load_study(store)
    visit = factories.get_visit(store, factories.make_participant(store, place, included_on=date(2027, 3, 4)))
    left = NOW - timedelta(days=1)
    summary_id = summaries.make(store, visit.id, by=SYSTEM, at=left).id
    doctor = make_staff(store, (place.site_id, Role.INVESTIGATOR), email="doctor@example.org")
    gone = {"status": MessageStatus.SENT, "due_at": left, "claimed_at": left, "sent_at": left, "attempts": 1}
    to_doctor = message_plan.recipient_of(doctor.id)
    mail = Message(visit_id=visit.id, kind=MessageKind.SUMMARY, recipient=to_doctor, **gone)
    store.add(mail)
    store.flush()
    report = Report(str(mail.id), BounceKind.PERMANENT, "5.1.1", digest="0" * 64, at=NOW)
    bounces.keep(store, report, BounceSource.MAILBOX, by=SYSTEM, at=NOW)
    pulse.beat(store, "worker", at=NOW)
    person = make_staff(store, (place.site_id, Role.NURSE), language=language)
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    (came_back, advice, button, on_its_way) = WORDS[language]
    page = new_context(viewport={"width": 360, "height": 640}).new_page()
    screen = StaffAtScreen(page, base_url, person).sign_in()
    assert came_back.removesuffix(".") in screen.text
    assert advice in screen.text
    screen.open(f"/clinic/summaries/{summary_id}")
    assert came_back in screen.text
    assert screen.sideways() <= 0
    axe.check(page)
    screen.press(button)
    assert on_its_way in screen.text
    assert came_back not in screen.text
