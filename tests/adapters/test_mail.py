"""Mails handed to a real SMTP server that accepts, refuses for now, refuses for good, hangs up or says nothing."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd import smtp as protocol
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from portal.adapters.local_mailbox import LocalMailbox
from portal.adapters.mail import MailSettingsError, SmtpMailer, SmtpServer, mailer
from portal.services.letters import Accepted, Outcome, Postponed, Rejected, Unknown


def a_mail(text: str = "Bonjour\n.\n.. et à bientôt\n", number: int = 1) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Previsit <previsit@example.org>"
    mail["To"] = "someone@example.org"
    mail["Subject"] = "Vos questionnaires"
    mail["Date"] = datetime(2027, 3, 3, 9, 0, number, tzinfo=UTC)
    mail["Message-ID"] = f"<00000000-0000-0000-0000-00000000000{number}@example.org>"
    mail.set_content(text, cte="quoted-printable")
    return mail


class Handler:
    """Answers each command as told, and keeps what it accepted; an answer of None hangs up."""

    def __init__(self, **answers: str | None) -> None:
        self.answers = answers
        self.received: list[Envelope] = []

    async def handle_MAIL(self, server: protocol.SMTP, _s: Session, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802 - aiosmtpd's name
        envelope.mail_from = address
        return self._answer(server, "MAIL", "250 OK")

    async def handle_RCPT(self, server: protocol.SMTP, _s: Session, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802 - aiosmtpd's name
        envelope.rcpt_tos.append(address)
        return self._answer(server, "RCPT", "250 OK")

    async def handle_DATA(self, server: protocol.SMTP, _s: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self._answer(server, "DATA", "250 taken")
        if answer.startswith("2"):
            self.received.append(envelope)
        return answer

    def _answer(self, server: protocol.SMTP, command: str, usual: str) -> str:
        answer = self.answers.get(command, usual)
        if answer is None:
            transport: Any = server.transport  # its declared type knows no way to hang up
            transport.abort()
            return "421 gone"
        return answer


@contextmanager
def serving(handler: Handler, **options: Any) -> Iterator[SmtpMailer]:
    controller = Controller(handler, hostname="127.0.0.1", port=_free_port(), **options)
    controller.start()
    try:
        yield SmtpMailer(SmtpServer("127.0.0.1", controller.port, start_tls=False), timeout=5)
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        port: int = each.getsockname()[1]
        return port


def test_what_the_server_takes_arrives_unchanged() -> None:
    handler = Handler()
    with serving(handler) as smtp:
        assert smtp.send(a_mail()) == Accepted()
    (envelope,) = handler.received
    assert envelope.mail_from == "previsit@example.org"
    assert envelope.rcpt_tos == ["someone@example.org"]
    assert envelope.content == a_mail().as_bytes()  # lines that begin with a dot too


def test_the_end_of_a_mail_is_not_kept_back_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """TCP would hold the last line until the server has confirmed the rest, which takes 40 ms of each mail."""
    at_once = []
    quit_ = smtplib.SMTP.quit

    def look(smtp: smtplib.SMTP) -> Any:
        assert smtp.sock
        at_once.append(smtp.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0)
        return quit_(smtp)

    monkeypatch.setattr(smtplib.SMTP, "quit", look)
    with serving(Handler()) as smtp:
        assert smtp.send(a_mail()) == Accepted()
    assert at_once == [True]


def test_what_does_not_arrive_comes_back_where_the_settings_say() -> None:
    handler = Handler()
    with serving(handler) as smtp:
        away = replace(smtp, bounces_to="Bounces <bounces@example.org>")
        assert away.send(a_mail()) == Accepted()
    assert handler.received[0].mail_from == "bounces@example.org"


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"RCPT": "450 try later"}, Postponed("smtp-450")),
        ({"RCPT": "550 no such person <someone@example.org>"}, Rejected("smtp-550")),
        ({"DATA": "451 try later"}, Postponed("smtp-451")),
        ({"DATA": "554 not this one"}, Rejected("smtp-554")),
        ({"MAIL": "451 not now"}, Postponed("smtp-451")),
        ({"MAIL": "550 not from you"}, Postponed("smtp-550")),  # our sender is refused, not this mail
        ({"RCPT": None}, Postponed("connection-lost")),
        ({"DATA": None}, Unknown("connection-lost")),
    ],
)
def test_each_refusal_is_told_for_what_it_is(answers: dict[str, str | None], outcome: Outcome) -> None:
    handler = Handler(**answers)
    with serving(handler) as smtp:
        assert smtp.send(a_mail()) == outcome
    assert handler.received == []


def test_when_nobody_listens_the_mail_may_go_another_time() -> None:
    smtp = SmtpMailer(SmtpServer("127.0.0.1", _free_port(), start_tls=False), timeout=5)
    assert smtp.send(a_mail()) == Postponed("connection-refused")


def _mute_server(says: list[bytes]) -> tuple[int, threading.Event]:
    """A server that says each of `says` in answer to one line, then nothing more; the event ends it."""
    listening = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with listening, connection:
            connection.sendall(says[0])
            reader = connection.makefile("rb")
            for answer in says[1:]:
                reader.readline()
                connection.sendall(answer)
            done.wait(10)
            reader.close()

    threading.Thread(target=serve, daemon=True).start()
    return listening.getsockname()[1], done


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ([b"220 hello\r\n"], Postponed("timeout")),
        (
            [b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"],
            Unknown("timeout"),
        ),
    ],
)
def test_a_server_that_falls_silent_is_left_after_a_while(says: list[bytes], outcome: Outcome) -> None:
    port, done = _mute_server(says)
    smtp = SmtpMailer(SmtpServer("127.0.0.1", port, start_tls=False), timeout=0.3)
    assert smtp.send(a_mail()) == outcome
    done.set()


def test_no_mail_goes_in_the_clear_to_another_machine() -> None:
    handler = Handler()
    with serving(handler) as smtp:
        strict = SmtpMailer(SmtpServer("127.0.0.1", smtp.server.port, start_tls=True), timeout=5)
        assert strict.send(a_mail()) == Postponed("SMTPNotSupportedError")
    assert handler.received == []


def test_it_signs_in_and_a_wrong_password_is_no_fault_of_the_mail() -> None:
    def authenticate(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == b"right", handled=False)

    handler = Handler()
    options = {"authenticator": authenticate, "auth_require_tls": False}
    with serving(handler, **options) as smtp:
        port = smtp.server.port
        right = SmtpServer("127.0.0.1", port, user="previsit", password="right", start_tls=False)
        wrong = SmtpServer("127.0.0.1", port, user="previsit", password="wrong", start_tls=False)
        assert SmtpMailer(right, timeout=5).send(a_mail()) == Accepted()
        assert SmtpMailer(wrong, timeout=5).send(a_mail()) == Postponed("smtp-535")
    assert len(handler.received) == 1


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", SmtpServer("mail.example.org", 587)),
        ("smtp://u%40x:p%3Aw@mail.example.org:25", SmtpServer("mail.example.org", 25, user="u@x", password="p:w")),
        ("smtp://localhost:2525", SmtpServer("localhost", 2525, start_tls=False)),
        ("smtp://relay.example.org:25?tls=off", SmtpServer("relay.example.org", 25, start_tls=False)),
        ("smtps://mail.example.org", SmtpServer("mail.example.org", 465, implicit_tls=True, start_tls=False)),
    ],
)
def test_the_setting_says_where_and_how(url: str, server: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == server
    assert "p:w" not in repr(server)


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port"])
def test_a_wrong_setting_is_named(url: str, tmp_path: Path) -> None:
    with pytest.raises(MailSettingsError, match="SMTP_URL must look like"):
        mailer(url, tmp_path)


def test_the_local_mailbox_keeps_each_mail_as_a_file_and_lists_the_latest_first(tmp_path: Path) -> None:
    box = LocalMailbox(tmp_path / "box")
    assert box.names() == []
    for number in (1, 2):
        assert box.send(a_mail(number=number)) == Accepted()
    assert box.names() == [
        "20270303T090002-00000000-0000-0000-0000-000000000002.eml",
        "20270303T090001-00000000-0000-0000-0000-000000000001.eml",
    ]
    found = box.find(box.names()[0])
    assert found is not None
    assert found["Subject"] == "Vos questionnaires"
    assert [path.suffix for path in box.folder.iterdir()] == [".eml", ".eml"]


def test_the_local_mailbox_opens_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    box = LocalMailbox(tmp_path / "box")
    assert box.find("../secret") is None
    assert box.find("20270303T090002-00000000-0000-0000-0000-000000000002.eml") is None


def test_a_mailbox_that_cannot_be_written_puts_the_mail_off(tmp_path: Path) -> None:
    (tmp_path / "box").write_text("a file where the folder should be")
    assert LocalMailbox(tmp_path / "box").send(a_mail()) == Postponed("FileExistsError")
