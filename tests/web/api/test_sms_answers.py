"""Answers to text messages as a provider passes them on: signed, told nothing, and STOP stops."""

import hmac
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.stop import Stop, StopWay
from portal.services import actor
from portal.services.contacts import Contacts
from tests import factories

SECRET = "a secret of the provider's"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A portal that takes answers to text messages."""
    return replace(settings, sms_secret=SECRET)


@pytest.fixture
def kept(store: Session, settings: Settings) -> None:
    """A participant with a telephone."""
    participant = factories.make_participant(store, factories.load_study(store)[0])
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as opened:
        contacts = Contacts(opened, settings.contact_key)
        contacts.keep(store, participant.id, telephone="06 12 34 56 78", by=actor.SYSTEM, at=factories.AT)
        opened.commit()
    engine.dispose()
    store.commit()


def told(app: Flask, body: str, secret: str | None = SECRET) -> int:
    headers = {}
    if secret is not None:
        headers["X-Previsit-Signature"] = f"sha256={hmac.digest(secret.encode(), body.encode(), 'sha256').hex()}"
    return app.test_client().post("/api/sms", data=body, headers=headers).status_code


def stops(store: Session) -> list[StopWay]:
    found = list(store.scalars(select(Stop.way)))
    store.rollback()
    return found


@pytest.mark.parametrize(
    "body",
    [
        '{"from": "+33612345678", "text": "Stop"}',
        '{"msisdn": "33612345678", "message": "ARRET", "id": 7}',
        "From=%2B33612345678&Body=STOP",
    ],
)
def test_stop_is_taken_as_json_or_as_a_form(app: Flask, store: Session, kept: None, at: object, body: str) -> None:
    assert told(app, body) == 204
    assert told(app, body) == 204
    assert stops(store) == [StopWay.SMS]


def test_start_undoes_it(app: Flask, store: Session, kept: None, at: object) -> None:
    assert told(app, '{"from": "+33612345678", "text": "STOP"}') == 204
    assert told(app, "From=%2B33612345678&Body=Start") == 204
    assert store.scalars(select(Stop.lifted_at)).one() is not None


def test_any_other_answer_and_a_strangers_are_taken_in_the_same_way(
    app: Flask, store: Session, kept: None, at: object
) -> None:
    assert told(app, '{"from": "+33612345678", "text": "merci"}') == 204
    assert told(app, '{"from": "+33699999999", "text": "STOP"}') == 204
    assert stops(store) == []


@pytest.mark.parametrize(("secret", "status"), [(None, 400), ("another", 403), ("", 403)])
def test_what_is_not_signed_is_refused(app: Flask, store: Session, kept: None, secret: str | None, status: int) -> None:
    assert told(app, '{"from": "+33612345678", "text": "STOP"}', secret) == status
    assert stops(store) == []


@pytest.mark.parametrize("body", ["", "{", "[]", '{"text": "STOP"}', "ÿ"])
def test_what_is_no_answer_is_refused(app: Flask, kept: None, body: str) -> None:
    assert told(app, body) == 400


def test_without_a_secret_nothing_is_believed(app: Flask, store: Session, kept: None) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], sms_secret="")
    assert told(app, '{"from": "+33612345678", "text": "STOP"}', "") == 403
    assert stops(store) == []
