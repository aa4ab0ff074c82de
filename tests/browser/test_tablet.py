"""Staff at a tablet held upright: every list fits, in French, whose words are the longer ones."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.roles import Role
from portal.services import actor, summaries
from tests import factories
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.staff_people import make_staff


@pytest.mark.parametrize("role", [Role.NURSE, Role.INVESTIGATOR])
def test_no_list_is_wider_than_a_tablet(
    base_url: str,
    new_context: Callable[..., BrowserContext],
    store: Session,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
    role: Role,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place, included_on=date(2027, 2, 5))
    factories.complete_visit(store, participant)
    factories.make_participant(store, place, included_on=date(2027, 3, 5))
    person = make_staff(store, (place.site_id, role), language="fr", name="Dr Marie-Antoinette Lenoir-Dubois")
    summary = summaries.find_current(store, factories.get_visit(store, participant).id)
    assert summary is not None
    for told in (summaries.opened, summaries.printed, summaries.seen):
        told(store, summary, by=actor.staff(person.id), at=NOW)
    store.commit()
    store.expunge(person)  # so that reading its address does not hold the one writer's place
    screen = StaffAtScreen(new_context(viewport={"width": 768, "height": 1024}).new_page(), base_url, person).sign_in()
    pages = {
        Role.NURSE: ("/clinic/", f"/clinic/participants/{participant.id}", "/staff/site-copy", "/staff/progress"),
        Role.INVESTIGATOR: ("/investigator/?shown=all", "/investigator/sign", "/staff/progress?part=scores"),
    }
    assert {address: screen.open(address).sideways() for address in pages[role]} == dict.fromkeys(pages[role], 0)
