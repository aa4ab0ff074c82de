"""Text messages handed to a real HTTP server that accepts, refuses, is busy, hangs up or says nothing; and their words.

`PIN=1 pytest tests/adapters/test_sms.py` writes the pinned words anew, to be read before they are committed.
"""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from portal.adapters.letters import compose_text
from portal.adapters.outlets import Outlet
from portal.adapters.sms import (
    HttpTexter,
    LocalTexter,
    NoTexter,
    SmsSettingsError,
    TextMessage,
    texter,
)
from portal.config import Settings
from portal.db.message import Channel
from portal.domain import sms
from portal.domain.blind import MAIL_PLACEHOLDERS, BlindBrokenError, forbidden_words
from portal.resources import templates_folder
from portal.services.letters import Accepted, Outcome, Postponed, Rejected, Unknown
from portal.services.sms_costs import Allowance
from tests.adapters.test_letters import AT, letter
from tests.adapters.test_mail import _free_port

PINNED = templates_folder() / "sms" / "pinned"
BODY = '{"from": "{from}", "to": "{to}", "text": "{text}", "reference": "{id}"}'
MESSAGE = TextMessage(UUID(int=7), "+33612345678", 'Prêts : "oui" {to} \\ https://x.example/o/T', "fr", AT)


@dataclass
class Provider:
    """A provider of text messages: what it answers, and what it was sent."""

    status: int = 200
    reply: bytes = b'{"messages": [{"to": "+33612345678", "messageId": "abc-1"}]}'
    hangs_up: bool = False
    says_nothing: bool = False
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Listen on this machine; gives the address."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                provider.received.append((self.path, dict(self.headers.items()), body))
                if provider.says_nothing:
                    provider.done.wait(10)
                if provider.hangs_up or provider.says_nothing:
                    self.close_connection = True
                    return
                self.send_response(provider.status)
                if provider.status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", str(len(provider.reply)))
                self.end_headers()
                self.wfile.write(provider.reply)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/messages?account=7"
        finally:
            self.done.set()
            server.shutdown()
            thread.join()
            server.server_close()


def sent(provider: Provider, body: str = BODY, token: str = "secret", timeout: float = 5) -> Outcome:
    with provider.serving() as url:
        return HttpTexter(url, body, "Previsit", token, timeout=timeout).send(MESSAGE)


def test_the_provider_is_told_number_text_and_reference_and_its_own_name_for_it_is_kept() -> None:
    provider = Provider()
    assert sent(provider) == Accepted(provider_id="abc-1")
    ((path, headers, body),) = provider.received
    assert path == "/v1/messages?account=7"
    assert headers["Authorization"] == "Bearer secret"
    assert json.loads(body) == {
        "from": "Previsit",
        "to": "+33612345678",
        "text": MESSAGE.text,  # what looks like a place to fill stays as it is
        "reference": str(UUID(int=7)),
    }


def test_a_provider_that_wants_a_form_gets_one() -> None:
    provider = Provider(status=201, reply=b'{"sid": "SM9", "status": "queued"}')
    assert sent(provider, "To={to}&From={from}&Body={text}&Empty=", "Basic dTpw") == Accepted(provider_id="SM9")
    ((_, headers, body),) = provider.received
    assert headers["Authorization"] == "Basic dTpw"
    fields = parse_qs(body.decode(), keep_blank_values=True)
    assert fields == {"To": ["+33612345678"], "From": ["Previsit"], "Body": [MESSAGE.text], "Empty": [""]}


def test_a_provider_that_wants_a_header_of_its_own_gets_it_and_a_wordless_one_is_believed() -> None:
    provider = Provider(status=204, reply=b"")
    assert sent(provider, token="api-key: k1") == Accepted()
    assert provider.received[0][1]["api-key"] == "k1"
    assert "Authorization" not in provider.received[0][1]


@pytest.mark.parametrize(
    ("provider", "outcome"),
    [
        (Provider(status=400), Rejected("http-400")),
        (Provider(status=422, reply=b"no such number +33612345678"), Rejected("http-422")),
        (Provider(status=401), Postponed("http-401")),  # our token is refused, not this message
        (Provider(status=402), Postponed("http-402")),
        (Provider(status=404), Postponed("http-404")),
        (Provider(status=429), Postponed("http-429")),
        (Provider(status=500), Postponed("http-500")),
        (Provider(status=503), Postponed("http-503")),
        (Provider(status=504), Unknown("http-504")),
        (Provider(status=302), Postponed("http-302")),
        (Provider(hangs_up=True), Unknown("connection-lost")),
    ],
    ids=lambda value: value.reason if isinstance(value, Rejected | Postponed | Unknown) else "",
)
def test_each_answer_is_told_for_what_it_is(provider: Provider, outcome: Outcome) -> None:
    assert sent(provider) == outcome
    assert len(provider.received) == 1


def test_a_provider_that_says_nothing_is_left_after_a_while() -> None:
    assert sent(Provider(says_nothing=True), timeout=0.3) == Unknown("timeout")


def test_when_nobody_listens_it_may_go_another_time() -> None:
    assert HttpTexter(f"http://127.0.0.1:{_free_port()}/", BODY).send(MESSAGE) == Postponed("connection-refused")


@pytest.mark.parametrize(
    ("url", "body", "fault"),
    [
        ("provider.example", BODY, "SMS_URL must look like"),
        ("https://provider.example:port/", BODY, "SMS_URL must look like"),
        ("ftp://provider.example", BODY, "SMS_URL must look like"),
        ("http://provider.example", BODY, "SMS_URL must start with https"),
        ("https://provider.example", '{"to": "{to}"}', "SMS_BODY must hold"),
        ("https://provider.example", '{"to": "{to}", "text": {text}}', "SMS_BODY begins like JSON"),
    ],
)
def test_a_wrong_setting_is_named(settings: Settings, url: str, body: str, fault: str) -> None:
    with pytest.raises(SmsSettingsError, match=fault):
        texter(replace(settings, sms_url=url, sms_body=body))


def test_where_no_provider_is_set_up_a_trial_keeps_files_and_a_real_portal_waits(settings: Settings) -> None:
    assert texter(settings) == LocalTexter(settings.mailbox)
    real = texter(replace(settings, smtp_url="smtp://mail.example"))
    assert real == NoTexter()
    assert real.send(MESSAGE) == Postponed("sms-not-set-up")


def test_the_folder_keeps_each_text_message_as_a_file_and_opens_no_other(tmp_path: Path) -> None:
    kept = LocalTexter(tmp_path / "box")
    later = replace(MESSAGE, id=UUID(int=8), at=datetime(2027, 3, 3, 9, 0, tzinfo=UTC))
    for message in (MESSAGE, later):
        assert kept.send(message) == Accepted()
    assert [kept.find(name) for name in kept.names()] == [later, MESSAGE]
    (tmp_path / "secret.sms").write_text("x")
    assert kept.find("../secret.sms") is None
    assert kept.find(kept.names()[0].replace("8.sms", "9.sms")) is None
    (tmp_path / "file").write_text("where the folder should be")
    assert LocalTexter(tmp_path / "file").send(MESSAGE) == Postponed("FileExistsError")


def test_a_text_message_shows_neither_number_nor_words() -> None:
    assert "+33" not in repr(MESSAGE)
    assert "https" not in repr(MESSAGE)


MAILS = sorted(mail for mail, names in MAIL_PLACEHOLDERS.items() if "stop_link" in names)
CASES = [(mail, language) for mail in MAILS for language in ("fr", "en")]
HOST = "https://previsit.hopital-des-tilleuls.example"


def written(mail: str, language: str, *, takes_answers: bool = False, **more: str) -> str:
    made = letter(mail, language, **({"site_name": "Hôpital des Tilleuls, Paris"} | more))
    made = replace(made, path=f"/o/{'k' * 43}", stop_path=f"/stop/{'k' * 43}")
    return compose_text(made, base_url=HOST, takes_answers=takes_answers)


@pytest.mark.parametrize(("mail", "language"), CASES)
def test_the_words_are_the_pinned_ones_cheap_and_short_and_say_how_to_stop(mail: str, language: str) -> None:
    text = written(mail, language)
    path = PINNED / f"{mail}.{language}.txt"
    if os.environ.get("PIN"):
        path.write_text(text + "\n", encoding="utf-8")
    assert f"{text}\n" == path.read_text(encoding="utf-8")
    assert f"{HOST}/o/{'k' * 43} " in text
    assert text.endswith(f"{HOST}/stop/{'k' * 43}")
    assert sms.is_cheap(text)
    assert sms.parts(text) <= 2
    assert forbidden_words(text) == []
    answering = written(mail, language, takes_answers=True)
    assert answering.endswith("STOP")
    assert "/stop/" not in answering


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_test_of_a_number_is_one_cheap_part_and_leads_nowhere(language: str) -> None:
    made = letter("contact_test", language, site_name="Hôpital des Tilleuls, Paris")
    text = compose_text(replace(made, path=""), base_url=HOST, takes_answers=True)
    path = PINNED / f"contact_test.{language}.txt"
    if os.environ.get("PIN"):
        path.write_text(text + "\n", encoding="utf-8")
    assert f"{text}\n" == path.read_text(encoding="utf-8")
    assert sms.is_cheap(text)
    assert sms.parts(text) == 1
    assert "STOP" not in text
    assert HOST not in text
    assert forbidden_words(text) == []


def test_a_text_message_filled_with_more_than_it_may_carry_is_not_made() -> None:
    with pytest.raises(BlindBrokenError):
        written("opening", "fr", participant_number="01-001")


@pytest.mark.parametrize(
    ("allowance", "outcome"),
    [
        (Allowance(most_parts=2, left=2), Accepted(parts=2)),
        (Allowance(most_parts=1, left=1000), Rejected("sms-too-long")),
        (Allowance(most_parts=2, left=1), Rejected("sms-limit")),
        (Allowance(most_parts=2, left=0), Rejected("sms-limit")),
    ],
)
def test_what_would_cost_too_much_does_not_leave(settings: Settings, allowance: Allowance, outcome: Outcome) -> None:
    kept = LocalTexter(settings.mailbox)
    of_her = replace(letter("opening", "fr"), to="+33612345678", channel=Channel.SMS, allowance=allowance)
    of_her = replace(of_her, path=f"/o/{'k' * 43}", stop_path=f"/stop/{'k' * 43}")

    class NoMailer:
        """A mail server that must not be asked."""

        def send(self, mail: object) -> Outcome:
            raise AssertionError(mail)

    assert Outlet(settings, NoMailer(), kept).write(of_her, at=AT)() == outcome
    assert len(kept.names()) == isinstance(outcome, Accepted)
