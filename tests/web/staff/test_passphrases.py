"""The passphrase of a site's attached pages: proposed, kept, and shown to nobody afterwards."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.engine import open_engine
from portal.domain.roles import Role
from portal.domain.study import SummaryMail
from portal.services import actor, studies
from portal.services.contacts import Contacts
from portal.services.site_passphrases import SitePassphrases
from portal.services.studies import StudyAtSite
from tests import factories
from tests.web.staff_people import StaffBrowser, make_staff

LISTS = {Role.NURSE: "/clinic/", Role.INVESTIGATOR: "/investigator/"}


@pytest.fixture
def place(store: Session) -> StudyAtSite:
    """Site 01 of a study that attaches pages."""
    study = factories.demonstration_study()
    attaching = replace(study, summary=replace(study.summary, mail=SummaryMail.ATTACHED))
    studies.load(store, attaching, by=actor.SYSTEM, at=factories.AT)
    return studies.list_sites(store)[0]


def person(app: Flask, store: Session, place: StudyAtSite, role: Role) -> StaffBrowser:
    made = make_staff(store, (place.site_id, role), email=f"{role}@example.org")
    store.commit()
    return StaffBrowser(app, made)


def kept(settings: Settings, place: StudyAtSite) -> str | None:
    engine = open_engine(settings.contact_database_url)
    with Session(engine) as opened:
        found = SitePassphrases(Contacts(opened, settings.contact_key)).find(place.site_id)
    engine.dispose()
    return found


@pytest.mark.parametrize("role", LISTS)
def test_it_is_found_from_the_list_proposed_kept_and_not_shown_again(
    app: Flask, store: Session, settings: Settings, at: object, place: StudyAtSite, role: Role
) -> None:
    reader, address = person(app, store, place, role), f"/staff/passphrase/{place.site_id}"
    assert "No passphrase is set for Hôpital des Tilleuls, Paris: mails hold no page." in reader.get(LISTS[role]).text
    assert address in reader.links()
    assert "○ None: mails hold the link alone" in reader.get(address).text
    proposed = re.search(r'name="passphrase" type="text" value="([^"]+)"', reader.page.text)
    assert proposed
    assert LISTS[role] in reader.links()[-1:]
    reader.press(address).follow()
    assert kept(settings, place) == proposed[1]
    assert "● Set on 3 March 2027, 10:00 (Paris)" in reader.text.replace("\u00a0", " ")
    assert proposed[1] not in reader.page.text
    assert "No passphrase is set" not in reader.get(LISTS[role]).text


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("short", "Give at least 12 signs."),
        ("mot de passe chiffré", "Use letters without accents"),
        ("aaaaaaaaaaaa", "easily guessed"),
    ],
)
def test_what_would_not_do_is_named_at_the_field_and_stays_in_it(
    app: Flask, store: Session, settings: Settings, at: object, place: StudyAtSite, typed: str, fault: str
) -> None:
    nurse, address = person(app, store, place, Role.NURSE), f"/staff/passphrase/{place.site_id}"
    nurse.get(address).press(address, passphrase=typed)
    assert nurse.page.status_code == 422
    assert fault in nurse.text
    assert f'value="{typed}"' in nurse.page.text
    assert kept(settings, place) is None


def test_a_study_that_sends_links_says_so_and_its_lists_are_silent(app: Flask, store: Session, at: object) -> None:
    place = factories.load_study(store)[0]
    nurse = person(app, store, place, Role.NURSE)
    assert "assphrase" not in nurse.get("/clinic/").text
    assert "a passphrase would not be used" in nurse.get(f"/staff/passphrase/{place.site_id}").text


def test_without_a_key_nothing_can_be_kept_and_the_page_says_so(
    app: Flask, store: Session, at: object, place: StudyAtSite
) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], contact_key="")
    nurse, address = person(app, store, place, Role.NURSE), f"/staff/passphrase/{place.site_id}"
    assert "has set no key" in nurse.get(address).text
    assert '<form class="form"' not in nurse.page.text
