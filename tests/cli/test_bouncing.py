"""The worker looks now and then for what came back, keeps it, and goes on when a mailbox or a mail is not fit."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import bounce_mails
from portal.cli.work import open_worker
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.message import Bounce, Message, MessageStatus
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from tests import factories
from tests.adapters import reports
from tests.cli.conftest import Portal
from tests.conftest import NOW


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    folder = tmp_path / "came-back"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def worker(settings: Settings, store: Session, maildir: Path, said: list[str]) -> Iterator[Worker]:
    """A worker at an hour at which an opening is due, which has sent it."""
    participant = factories.make_participant(store, factories.load_study(store)[0])
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as contact_session:
        contacts = Contacts(contact_session, settings.contact_key)
        contacts.keep(store, participant.id, email="she@example.org", by=SYSTEM, at=factories.AT)
        contact_session.commit()
    engine.dispose()
    store.commit()
    made = open_worker(replace(settings, bounce_mailbox=f"maildir:{maildir}"), threading.Event())
    made.now, made.say, made.render, made.render_blank = lambda: NOW, said.append, None, None
    assert made.round() == 0
    said.clear()
    yield made
    made.clinical.dispose()
    made.contact.dispose()


def opening(store: Session) -> Any:
    """Id, status and reason of what was sent to her."""
    chosen = select(Message.id, Message.status, Message.reason)
    message = store.execute(chosen.where(Message.kind == "opening", Message.attempts > 0)).one()
    store.rollback()  # it holds the one writer's place, which the worker wants
    return message


def arrive(maildir: Path, raw: bytes, name: str = "1.mx") -> None:
    (maildir / "new" / name).write_bytes(raw)


def later(worker: Worker, minutes: int) -> int:
    worker.now = lambda: NOW + timedelta(minutes=minutes)
    return worker.round()


def test_what_came_back_is_read_within_minutes_and_said_without_an_address(
    worker: Worker, store: Session, maildir: Path, said: list[str]
) -> None:
    about = opening(store)
    assert about.status is MessageStatus.SENT
    arrive(maildir, reports.postfix(name=f"{about.id}@localhost"))
    later(worker, 4)
    assert list((maildir / "cur").iterdir()) == []
    assert later(worker, 5) == 0
    assert (opening(store).status, opening(store).reason) == (MessageStatus.FAILED, "bounced")
    assert [line for line in said if "came back" in line] == [
        f"2027-03-03 09:05:00Z message {about.id} came back (permanent, 5.1.1): kept"
    ]
    assert "@" not in "".join(said)
    assert [path.name for path in (maildir / "cur").iterdir()] == ["1.mx:2,S"]


def test_mails_that_report_nothing_are_passed_over(
    worker: Worker, store: Session, maildir: Path, said: list[str]
) -> None:
    about = opening(store)
    arrive(maildir, reports.out_of_office(), "1.mx")
    arrive(maildir, reports.postfix(), "2.mx")
    arrive(maildir, reports.postfix(name=f"{about.id}@localhost"), "3.mx")
    assert later(worker, 6) == 0
    assert len(list((maildir / "cur").iterdir())) == 3
    assert len(store.scalars(select(Bounce)).all()) == 1
    assert "reports nothing of ours" in said[0]
    assert "none of ours" in said[1]


def test_a_mail_that_nobody_can_read_does_not_hold_up_those_behind_it(
    worker: Worker, store: Session, maildir: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    about, read = opening(store), bounce_mails.read

    def stumbling(raw: bytes, **more: object) -> object:
        if raw == b"nonsense":
            raise KeyError("with something that is nobody's business")
        return read(raw, **more)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(bounce_mails, "read", stumbling)
    arrive(maildir, b"nonsense", "1.mx")
    arrive(maildir, reports.postfix(name=f"{about.id}@localhost"), "2.mx")
    assert later(worker, 6) == 0
    assert "cannot be read: KeyError" in said[0]
    assert opening(store).status is MessageStatus.FAILED


def test_a_mailbox_that_is_gone_is_counted_and_the_rest_of_the_round_is_done(
    worker: Worker, maildir: Path, said: list[str]
) -> None:
    maildir.rename(maildir.with_name("moved"))
    assert later(worker, 6) == 1
    assert "reading the mailbox of what came back FAILED: FileNotFoundError" in said[0]
    assert later(worker, 7) == 0  # its turn comes again in five minutes
    maildir.with_name("moved").rename(maildir)
    assert later(worker, 11) == 0


def test_what_cannot_be_kept_now_is_read_again(
    worker: Worker, store: Session, maildir: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    about = opening(store)
    arrive(maildir, reports.postfix(name=f"{about.id}@localhost"))
    with monkeypatch.context() as broken:
        broken.setattr("portal.services.bounces.keep", lambda *_, **__: 1 / 0)
        assert later(worker, 6) == 1
    assert "keeping what came back FAILED: ZeroDivisionError" in said[0]
    assert later(worker, 11) == 0
    assert opening(store).reason == "bounced"


def test_a_mailbox_that_cannot_be_used_is_refused_at_start_and_by_the_doctor(portal: Portal) -> None:
    for command in ("work", "doctor"):
        done = portal(command, BOUNCE_MAILBOX="pop3://b:open-sesame@mail.example")
        assert done.code == 2
        assert "BOUNCE_MAILBOX must look like" in done.out + done.err
        assert "open-sesame" not in done.out + done.err
