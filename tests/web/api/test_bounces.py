"""What a sending service reports: taken when it is signed, once; refused when forged, malformed or not expected."""

import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.config import Settings
from portal.db.message import Bounce, BounceKind, BounceSource, Message, MessageStatus
from portal.domain.messages import MessageKind
from tests import factories
from tests.conftest import NOW

SECRET = "what the service and the portal know"
Post = Callable[..., TestResponse]


@pytest.fixture
def sent(store: Session) -> Message:
    """An opening that the mail server has taken."""
    participant = factories.make_participant(store, factories.load_study(store)[0])
    message = Message(
        visit_id=factories.get_visit(store, participant).id,
        kind=MessageKind.OPENING,
        recipient="participant",
        status=MessageStatus.SENT,
        due_at=NOW,
        sent_at=NOW,
        attempts=1,
    )
    store.add(message)
    store.commit()
    return message


@pytest.fixture
def listening(settings: Settings, at: object) -> Flask:
    """The portal, which a sending service may tell of bounces."""
    made = create_app(replace(settings, bounce_secret=SECRET))
    made.testing = True
    return made


@pytest.fixture
def post(listening: Flask) -> Post:
    def send(body: Any, *, secret: str = SECRET, **headers: str) -> TestResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        signature = "sha256=" + hmac.digest(secret.encode(), raw, "sha256").hex()
        return listening.test_client().post(
            "/api/bounces", data=raw, headers={"X-Previsit-Signature": signature, **headers}
        )

    return send


def told(message: Message, **other: Any) -> dict[str, Any]:
    return {"message_id": f"<{message.id}@localhost>", "status": "5.1.1", "at": "2027-03-03T09:00:00+01:00"} | other


def bounces(store: Session) -> list[tuple[BounceKind, str, BounceSource]]:
    store.expire_all()
    found = store.execute(select(Bounce.kind, Bounce.code, Bounce.source).order_by(Bounce.id)).all()
    store.rollback()
    return [(row.kind, row.code, row.source) for row in found]


def test_a_signed_report_is_kept_once(post: Post, store: Session, sent: Message) -> None:
    answers = [post(told(sent)), post(told(sent)), post(told(sent, message_id=str(sent.id), at="2027-03-03T09:00:00Z"))]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json for answer in answers] == [{"result": "kept"}, {"result": "repeated"}, {"result": "kept"}]
    assert bounces(store) == [(BounceKind.PERMANENT, "5.1.1", BounceSource.WEBHOOK)] * 2
    store.refresh(sent)
    assert (sent.status, sent.reason) == (MessageStatus.FAILED, "bounced")


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        ("4.4.1", [(BounceKind.DELAYED, "4.4.1", BounceSource.WEBHOOK)]),
        ("550", [(BounceKind.PERMANENT, "550", BounceSource.WEBHOOK)]),
        ("2.0.0", []),
    ],
)
def test_the_code_tells_what_became_of_it(
    post: Post, store: Session, sent: Message, status: str, kept: list[object]
) -> None:
    assert post(told(sent, status=status)).status_code == 200
    assert bounces(store) == kept


def test_what_is_not_of_ours_is_acknowledged_so_that_it_stops_coming(post: Post, store: Session, sent: Message) -> None:
    assert post(told(sent, message_id=str(uuid4()))).json == {"result": "of-no-message"}
    assert bounces(store) == []


def test_a_forged_report_is_refused(post: Post, store: Session, sent: Message) -> None:
    for forged in (post(told(sent), secret="guessed"), post(told(sent), **{"X-Previsit-Signature": "sha256=é"})):
        assert forged.status_code == 403
    assert bounces(store) == []


def test_without_a_secret_or_a_signature_nothing_is_taken(app: Flask, store: Session, sent: Message) -> None:
    raw = json.dumps(told(sent)).encode()
    signature = "sha256=" + hmac.digest(b"", raw, "sha256").hex()
    client = app.test_client()
    assert client.post("/api/bounces", data=raw, headers={"X-Previsit-Signature": signature}).status_code == 403
    assert client.post("/api/bounces", data=raw).status_code == 400
    assert bounces(store) == []


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"no JSON", "JSON"),
        (b"[" * 100_000, "JSON"),
        ([], "JSON"),
        ({"message_id": ""}, "message_id"),
        ({"message_id": "a\x00b"}, "message_id"),
        ({"message_id": "x" * 201}, "message_id"),
        ({"message_id": "x", "status": "bounced"}, "status"),
        ({"message_id": "x", "status": 550}, "status"),
        ({"message_id": "x", "status": "5.1.1", "at": "yesterday"}, "at"),
        ({"message_id": "x", "status": "5.1.1", "at": "0001-01-01T00:00:00+23:00"}, "at"),
    ],
)
def test_what_is_malformed_is_named(post: Post, body: Any, names: str) -> None:
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json
    assert names in answer.json["message"]
