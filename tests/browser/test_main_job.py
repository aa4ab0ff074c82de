"""The main job: mail → link → questions → receipt → worker → mail → sign-in → page, PDF → signed, in each language."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import BrowserContext
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal import clock
from portal.adapters import pdf
from portal.adapters.mail import mailer
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.domain.roles import Role
from portal.services import actor, studies
from portal.services.contacts import Contacts
from tests.browser.navigators import PatientOnPhone
from tests.browser.staff_navigator import StaffAtScreen
from tests.conftest import NOW
from tests.web.patients import Patient
from tests.web.staff_people import make_staff

OPENING = datetime(2027, 2, 26, 9, 1, tzinfo=UTC)
"""A minute after the questionnaires of a visit on 5 March open: 26 February, 10:00 in Paris."""

SIGNED = {
    "fr": ("Signer l’édition 1", "Signée électroniquement par Dr Hélène Roux", "effet très important"),
    "en": ("Sign edition 1", "Signed electronically by Dr Hélène Roux", "very large effect"),
}


def work(settings: Settings, at: datetime) -> None:
    """Let the worker do one round at an instant."""
    clinical, contact = for_writing(open_engine(settings.database_url)), open_engine(settings.contact_database_url)
    said: list[str] = []
    outlet = mailer("", settings.mailbox)
    faults = Worker(clinical, contact, settings, outlet, pdf.render, lambda: at, say=said.append).round()
    clinical.dispose()
    contact.dispose()
    assert faults == 0, said


def newest_mail(settings: Settings, to: str) -> EmailMessage:
    """Read the last mail to an address."""
    mails = [
        message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(settings.mailbox.glob("*.eml"))
    ]
    return [mail for mail in mails if mail["To"] == to][-1]


def link_in(mail: EmailMessage, base_url: str) -> str:
    """Give the first link of a mail's text, as reached at the server of the test."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://localhost(/\S+)", body.get_content())
    assert found is not None
    return base_url + found[1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_main_job(
    language: str,
    app: Flask,
    settings: Settings,
    store: Session,
    base_url: str,
    new_context: Callable[..., BrowserContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    person = Patient(app, store, language=language)
    contact = for_writing(open_engine(settings.contact_database_url))
    with Session(contact) as contact_session:
        contacts = Contacts(contact_session, settings.contact_key)
        contacts.keep(store, person.participant.id, email="she@example.org", by=actor.SYSTEM, at=OPENING)
        contact_session.commit()
    contact.dispose()
    (place, _) = studies.list_sites(store)
    roles = (place.site_id, Role.INVESTIGATOR)
    doctor = make_staff(store, roles, name="Dr Hélène Roux", email="roux@example.org", language=language)
    store.commit()

    work(settings, OPENING)
    patient = PatientOnPhone(new_context(locale=language).new_page(), base_url, person)
    patient.page.goto(link_in(newest_mail(settings, "she@example.org"), base_url))
    patient.page.fill("#code", person.code)
    patient.page.tap(".code .go")
    for _ in ("DLQI", "SHAQ"):
        patient.begin().answer_all(1).next().expect_receipt()  # Send

    work(settings, NOW + timedelta(minutes=1))
    mail = newest_mail(settings, "roux@example.org")
    address = link_in(mail, base_url)
    assert person.participant.participant_number in mail["Subject"]
    reader = StaffAtScreen(new_context(locale=language).new_page(), base_url, doctor)
    reader.sign_in_by_keyboard(address.removeprefix(base_url))
    assert reader.page.url == address
    button, signed, band = SIGNED[language]
    assert band in reader.text
    printed = reader.page.request.get(f"{address}.pdf?language={language}")
    assert printed.headers["content-type"] == "application/pdf"
    page = PdfReader(BytesIO(printed.body())).pages[0].extract_text()
    assert person.participant.participant_number in page
    assert band in " ".join(page.split())
    reader.page.fill("#code", pyotp.TOTP(doctor.totp_secret).at(NOW + timedelta(seconds=30)))
    reader.press(button)
    assert signed in reader.text
