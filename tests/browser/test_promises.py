"""A broken promise reaches the nurse in real Chromium: from her list to the page of promises, to the summary, printed.

The clock stands at Wednesday 3 March 2027, 10:00 in Paris; the summary of a visit on the 4th was due on the 2nd.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext, ViewportSize
from sqlalchemy.orm import Session

from portal import clock
from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Message, MessageStatus
from portal.domain.roles import Role
from portal.services import pulse, shortfalls, summaries
from portal.services.actor import SYSTEM
from portal.services.message_plan import TO_NOBODY
from tests import factories
from tests.browser import axe
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff

PROMISES = {"staff/promises.html"}
"""The page that is shown to axe here."""

WORDS = {
    "fr": {
        "line": "1 synthèse n’est pas arrivée au centre à temps",
        "row": "Promesse non tenue : Aucun investigateur à prévenir",
        "why": "Non tenue : Aucun investigateur à prévenir",
        "act": "Imprimez la synthèse pour la visite, et demandez à l’administrateur d’ajouter un investigateur",
        "lost": "envois auraient dû partir et ne sont pas partis",
        "open": "Ouvrir la synthèse",
        "printed": "Je l’ai imprimée",
        "late": "Tenue en retard",
        "quiet": "Rien ne vous attend ici.",
    },
    "en": {
        "line": "1 summary is not at the site in time",
        "row": "Promise broken: No investigator to write to",
        "why": "Broken: No investigator to write to",
        "act": "Print the summary for the visit, and ask the administrator to add an investigator to this site.",
        "lost": "things should have left and did not",
        "open": "Open the summary",
        "printed": "I have printed it",
        "late": "Kept late",
        "quiet": "Nothing needs you here.",
    },
}
PHONE, DESK = ViewportSize(width=360, height=640), ViewportSize(width=1280, height=800)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_broken_promise_reaches_the_nurse_who_prints_the_summary(
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
    due = NOW - timedelta(days=1)
    summaries.make(store, visit.id, by=SYSTEM, at=due)
    mail = Message(visit_id=visit.id, kind="summary", recipient=TO_NOBODY, status=MessageStatus.FAILED, due_at=due)
    mail.reason = "no-recipient"
    store.add(mail)
    pulse.beat(store, "worker", at=NOW - timedelta(minutes=30))
    shortfalls.check(store, is_public_holiday, by=SYSTEM, at=NOW)
    person = make_staff(store, (place.site_id, Role.NURSE), language=language)
    store.commit()
    words, screen = WORDS[language], StaffAtScreen(new_context(viewport=PHONE).new_page(), base_url, person).sign_in()
    assert words["line"] in screen.text
    assert words["row"] in screen.text.replace("\xa0", " ")
    assert screen.sideways() == 0
    screen.press(words["line"])
    shown = screen.text.replace("\xa0", " ")
    assert words["why"] in shown
    assert words["act"] in shown
    assert words["lost"] in shown
    assert screen.sideways() == 0
    assert screen.small_targets() == []
    axe.check(screen.page)
    screen.page.set_viewport_size(DESK)
    axe.check(screen.page, by_night=False)
    screen.press(words["open"]).press(words["printed"])
    screen.open("/staff/promises")
    assert words["quiet"] in screen.text
    screen.page.locator(".states a", has_text=words["late"].lower() if language == "en" else "tenues en retard").click()
    screen.page.wait_for_url("**shown=late**")
    assert words["late"] in screen.text
