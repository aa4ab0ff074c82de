"""`portal demo`, started as a stranger would: doors in a file, open pages, a worker at work, data that stays."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cli.demonstration import processes
from portal.cli.demonstration.folder import held, inventing, is_unfinished, open_folder, throw_away
from portal.cli.demonstration.people import PEOPLE
from portal.cli.settings import Refused
from portal.db.audit_event import AuditEvent
from portal.db.correction import Correction, CorrectionRequest
from portal.db.engine import open_engine
from portal.db.message import Message
from portal.db.notice import Notice, NoticeKind
from portal.db.participant import Participant
from portal.db.query import Query
from portal.domain.messages import REMINDERS, MessageKind
from portal.services import audit

START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, *options: str) -> Iterator[dict[str, Any]]:
    """Start a demonstration, give its demo.json once its pages answer, and stop it as Ctrl-C would."""
    port = free_port()
    command = [sys.executable, "-m", "portal.cli.main", "demo", "--data", str(folder), "--port", str(port), *options]
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        doors = _await_doors(process, folder, f"http://127.0.0.1:{port}")
        yield doors
    finally:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out


def _await_doors(process: "subprocess.Popen[str]", folder: Path, base_url: str) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "the demonstration did not start"
        try:
            with urllib.request.urlopen(f"{base_url}/demonstration", timeout=5) as page:
                assert page.status == 200
            doors: dict[str, Any] = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
            if doors["base_url"] == base_url:
                return doors
        except OSError:
            time.sleep(0.2)  # the server is another process: there is nothing to wait on but itself


def second_thoughts(folder: Path) -> dict[str, int]:
    """Count what was asked about, corrected and wished to be corrected."""
    engine = open_engine(f"sqlite:///{folder}/previsit.db")
    with Session(engine) as session:
        counts = {
            kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) or 0
            for kind in (Query, Correction, CorrectionRequest)
        }
    engine.dispose()
    return counts


def sent(folder: Path) -> set[str]:
    """Give the kinds of messages and notices that have left, and by which of two ways a test of a contact did."""
    engine = open_engine(f"sqlite:///{folder}/previsit.db")
    with Session(engine) as session:
        messages = session.execute(select(Message.kind, Message.channel).where(Message.sent_at.is_not(None))).all()
        notices = session.scalars(select(Notice.kind).where(Notice.sent_at.is_not(None))).all()
    engine.dispose()
    tests = {f"{kind} by {channel}" for kind, channel in messages if kind == MessageKind.CONTACT_TEST}
    return {str(kind) for kind, _ in messages} | {str(kind) for kind in notices} | tests


def await_documents(folder: Path) -> int:
    """Wait until the worker has rendered something, and give how many documents there are."""
    deadline = time.monotonic() + START_SECONDS
    engine = open_engine(f"sqlite:///{folder}/previsit.db")
    while True:
        with engine.connect() as connection:
            counts = [
                connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0
                for table in ("summary_document", "signed_document")  # which comes first is the worker's own affair
            ]
        if any(counts) or time.monotonic() > deadline:
            engine.dispose()
            return sum(counts)
        time.sleep(0.2)


def test_a_demonstration_starts_works_and_keeps_its_data(tmp_path: Path) -> None:
    folder = tmp_path / "demonstration"
    with running(folder, "--at", "2027-03-05") as doors:
        people = {each["participant_number"]: each for each in doors["participants"]}
        assert len(people) == len(PEOPLE) == 28
        states = {each["state"] for each in people.values()}
        assert states >= {"not-yet-open", "open", "started", "late", "sent", "nothing-received", "withdrawn"}
        assert {each["language"] for each in people.values()} == {"fr", "en"}
        assert {(each["role"], each["site"]) for each in doors["staff"]} == {
            (role, site) for role in ("nurse", "investigator") for site in ("01", "02")
        } | {("data-manager", "01,02")}
        assert second_thoughts(folder) == {"query": 3, "correction": 1, "correction_request": 1}
        mails = [path.read_text() for path in Path(doors["mailbox"]).glob("*.eml")]
        assert any("Subject: Your visit is now on" in mail for mail in mails)
        assert sent(folder) == {
            *(kind for kind in MessageKind if kind not in REMINDERS[2:]),  # it reminds twice
            *NoticeKind,
            "contact-test by mail",
            "contact-test by sms",
        }
        assert await_documents(folder) > 0
        patient = next(each for each in people.values() if each["state"] == "open")
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = browser.open(patient["link"]).read().decode()
        token = page.split('name="csrf_token" value="')[-1].split('"')[0]
        entered = browser.open(
            f"{doors['base_url']}/door", urlencode({"csrf_token": token, "code": patient["code"]}).encode()
        )
        assert entered.url == f"{doors['base_url']}/visit"
    first_links = {number: each["link"].rpartition("/")[2] for number, each in people.items()}

    with running(folder) as doors:
        assert {each["participant_number"]: each["link"].rpartition("/")[2] for each in doors["participants"]} == (
            first_links
        )
    engine = open_engine(f"sqlite:///{folder}/previsit.db")
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Participant)) == 28
        assert audit.first_broken(session) is None
        instants = session.scalars(select(AuditEvent.at).order_by(AuditEvent.id)).all()
    engine.dispose()
    assert list(instants) == sorted(instants), "the demonstration's clock went back"

    back = subprocess.run(
        [sys.executable, "-m", "portal.cli.main", "demo", "--data", str(folder), "--at", "2027-03-01"],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    assert back.returncode == 2
    assert "--reset" in back.stderr
    assert back.stderr.count("\n") == 1


def demonstrate(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Start a demonstration that is expected to refuse."""
    command = [sys.executable, "-m", "portal.cli.main", "demo", "--data", str(folder), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=START_SECONDS)


def test_what_it_cannot_do_is_said_at_once_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = demonstrate(tmp_path / "new", "--port", str(taken.getsockname()[1]))
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    assert "Address already in use" in said.stderr
    assert not (tmp_path / "new").exists(), "a demonstration was made that nobody can open"
    said = demonstrate(tmp_path / "new", "--port", str(free_port()), "--at", "9999-12-31")
    assert (said.returncode, said.stderr) == (2, "portal: --at 9999-12-31: give a day within ten years of today\n")
    (tmp_path / "new" / "secrets.json").write_text("{")
    said = demonstrate(tmp_path / "new", "--port", str(free_port()))
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    assert "secrets.json is damaged" in said.stderr
    with held(tmp_path / "new"):
        said = demonstrate(tmp_path / "new", "--port", str(free_port()), "--reset")
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    assert "another demonstration is running" in said.stderr


def test_people_who_were_not_all_invented_are_invented_anew(tmp_path: Path) -> None:
    settings = open_folder(tmp_path, free_port()).settings
    with pytest.raises(KeyboardInterrupt), inventing(settings):
        raise KeyboardInterrupt
    assert is_unfinished(tmp_path)
    throw_away(tmp_path)
    with inventing(settings):
        assert is_unfinished(tmp_path)
    assert not is_unfinished(tmp_path)


@pytest.mark.parametrize("name", ["web", "worker"])
def test_when_one_process_ends_by_itself_the_other_is_ended_and_the_log_is_named(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = open_folder(tmp_path, free_port()).settings
    ends, lasts = ["-c", "raise SystemExit(3)"], ["-c", "import time; time.sleep(600)"]
    programs = {each: ends if each == name else lasts for each in ("web", "worker")}
    monkeypatch.setattr(processes, "programs", lambda _port: programs)
    with pytest.raises(Refused, match=f"the {name} process stopped by itself.*/{name}.log"):
        processes.serve(settings, 8000)


def test_reset_does_not_touch_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    command = [sys.executable, "-m", "portal.cli.main", "demo", "--data", str(tmp_path), "--reset"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert (tmp_path / "thesis.txt").read_text() == "precious"


def test_a_folder_that_is_older_than_a_colleague_opens_and_keeps_its_sign_ins(tmp_path: Path) -> None:
    made = open_folder(tmp_path, 8000)
    kept = tmp_path / "secrets.json"
    content = json.loads(kept.read_text(encoding="utf-8"))
    newest = list(content["sign_ins"])[-1]
    del content["sign_ins"][newest]
    kept.write_text(json.dumps(content), encoding="utf-8")
    again = open_folder(tmp_path, 8000)
    assert again.sign_ins.keys() == made.sign_ins.keys()
    assert {email for email, known in again.sign_ins.items() if known != made.sign_ins[email]} == {newest}
    assert open_folder(tmp_path, 8000).sign_ins == again.sign_ins  # the new one is kept, too
