"""The mailbox page: a demonstration shows what it sent; a live portal has no such page."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from portal.adapters.letters import compose
from portal.adapters.local_mailbox import LocalMailbox
from portal.app import create_app
from portal.config import Settings
from portal.services.letters import Letter


@pytest.fixture
def visitor(settings: Settings, tmp_path: Path) -> FlaskClient:
    demonstration = tmp_path / "demo.json"
    demonstration.write_text('{"participants": [], "staff": []}')
    app = create_app(replace(settings, demonstration=demonstration))
    app.testing = True
    return app.test_client()


def send(settings: Settings, number: int) -> None:
    values: dict[str, str | int | date] = {
        "visit_on": date(2027, 3, 5),
        "site_name": "A & B",
        "telephone": "15",
        "emergency": "",
    }
    letter = Letter(UUID(int=number), "opening", "fr", "she@example.org", f"/o/TOKEN{number}", values, "/stop/T")
    at = datetime(2027, 2, 26, 9, 0, number, tzinfo=UTC)
    mail = compose(letter, base_url="http://localhost", sender="Previsit <p@example.org>", at=at)
    LocalMailbox(settings.mailbox).send(mail)


@pytest.mark.parametrize(("language", "nothing"), [("fr", "Aucun message"), ("en", "No mail yet")])
def test_an_empty_mailbox_says_so(visitor: FlaskClient, language: str, nothing: str) -> None:
    page = visitor.get("/demonstration/mailbox", headers={"Accept-Language": language})
    assert nothing in page.text


def test_a_mail_is_listed_and_its_link_can_be_followed(visitor: FlaskClient, settings: Settings) -> None:
    send(settings, 1)
    page = visitor.get("/demonstration/mailbox", headers={"Accept-Language": "fr"})
    assert "she@example.org" in page.text
    assert "Vos questionnaires avant la visite du 5" in page.text
    address = page.text.split('href="/demonstration/mailbox/')[1].split('"')[0]
    mail = visitor.get(f"/demonstration/mailbox/{address}")
    assert '<a href="http://localhost/o/TOKEN1">http://localhost/o/TOKEN1</a>' in mail.text
    assert '<article lang="fr">' in mail.text
    assert "A &amp; B" in mail.text


def test_many_mails_stand_on_several_pages(visitor: FlaskClient, settings: Settings) -> None:
    for number in range(1, 53):
        send(settings, number)
    first = visitor.get("/demonstration/mailbox", headers={"Accept-Language": "en"})
    assert first.text.count("she@example.org") == 50
    assert "Older mails" in first.text
    second = visitor.get("/demonstration/mailbox?first=50", headers={"Accept-Language": "en"})
    assert second.text.count("she@example.org") == 2
    assert "Newer mails" in second.text


def test_an_unknown_name_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/demonstration/mailbox/..%2Fdemo.json").status_code == 404
    assert visitor.get("/demonstration/mailbox/nothing.eml").status_code == 404


def test_a_live_portal_has_no_mailbox(client: FlaskClient) -> None:
    assert client.get("/demonstration/mailbox").status_code == 404
