"""The web server is killed without warning while phones save: what it acknowledged is there, once, and whole."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.cli.run import server_arguments
from portal.config import Settings
from portal.db.response import Answer, Response
from portal.domain.instruments import wordings
from portal.services import audit
from tests.conftest import NOW
from tests.web.patients import Patient

PATIENCE = 30  # seconds
PHONES = 4
ENOUGH = 40  # acknowledged answers before each blow


class Server:
    """A real gunicorn, as `portal run` starts it, on a port of its own and in a process group of its own."""

    def __init__(self, settings: Settings, log: Path) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port: int = found.getsockname()[1]
        shift = replace(settings, clock_shift=NOW - datetime.now(UTC))
        self._environment = os.environ | shift.to_environment()
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [sys.executable, *server_arguments("127.0.0.1", self.port, 2)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._listens, self._log)

    def kill_web_processes(self) -> None:
        """Kill the processes that answer; their parent starts others."""
        assert self._process
        parent = self._process.pid
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)

    def kill(self) -> None:
        """Kill everything at once, as a failing machine would."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)
            self._process = None

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except OSError:
            return False
        return True


def wait_until(happened: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.01)


class Phone:
    """One phone that taps without end, sends whatever is not acknowledged, and notes what the server acknowledged."""

    def __init__(self, server: Server, patient: Patient, name: str) -> None:
        self.name = name
        self.tapped: list[dict[str, Any]] = []
        self.acknowledged: set[int] = set()
        self._server = server
        self._assignment = str(patient.assignment())
        session = patient.phone.get_cookie("previsit")
        assert session
        self._headers = {
            "Cookie": f"previsit={session.value}",
            "X-CSRFToken": patient.csrf(),
            "Content-Type": "application/json",
        }

    def tap_until(self, over: threading.Event) -> None:
        wording = wordings.demonstration("DLQI", "fr").hash
        while not over.is_set():
            seq = len(self.tapped)
            answer = {"seq": seq, "link_id": f"DLQI10{seq % 6 + 1}", "value": seq % 4, "empty": None}
            self.tapped.append(answer | {"at": NOW.isoformat(), "language": "fr", "wording": wording})
            waiting = [each for each in self.tapped if each["seq"] not in self.acknowledged]
            if not self.is_answered(waiting[-100:]):
                over.wait(0.02)  # nobody answered

    def is_answered(self, answers: list[dict[str, Any]]) -> bool:
        """Send a batch as phones do: what breaks off (a dying process may still hold the port) is to be sent again."""
        try:
            self.send(answers)
        except (OSError, HTTPException):
            return False
        return True

    def send(self, answers: list[dict[str, Any]]) -> None:
        """Send a batch and take note of what is acknowledged."""
        connection = HTTPConnection("127.0.0.1", self._server.port, timeout=PATIENCE)
        try:
            body = {"assignment": self._assignment, "device": self.name, "answers": answers}
            connection.request("POST", "/api/answers", json.dumps(body), self._headers)
            reply = connection.getresponse()
            told = json.loads(reply.read())
        finally:
            connection.close()
        assert reply.status == 200, told
        self.acknowledged |= set(told["acknowledged"])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "web.log"


@pytest.fixture
def server(settings: Settings, log: Path) -> Iterator[Server]:
    server = Server(settings, log)
    server.start()
    yield server
    server.kill()


def held(store: Session) -> list[tuple[str, int, str, Any]]:
    """All answers that the store holds."""
    rows = store.execute(select(Answer.device, Answer.seq, Answer.link_id, Answer.value)).all()
    store.rollback()
    return [(row.device, row.seq, row.link_id, row.value) for row in rows]


def test_what_was_acknowledged_survives_kill_9(
    app: Flask, store: Session, at: datetime, server: Server, log: Path
) -> None:
    patients = [Patient(app, store).come_in() for _ in range(PHONES // 2)]
    phones = [Phone(server, patients[n // 2], f"phone-{n}") for n in range(PHONES)]  # two of each patient
    over = threading.Event()
    threads = [threading.Thread(target=phone.tap_until, args=(over,)) for phone in phones]
    for thread in threads:
        thread.start()
    for blow in (server.kill_web_processes, server.kill):
        before = sum(len(phone.acknowledged) for phone in phones)
        wait_until(lambda: sum(len(phone.acknowledged) for phone in phones) >= before + ENOUGH, log)  # noqa: B023 - called at once
        blow()
    over.set()
    for thread in threads:
        thread.join()

    server.start()
    kept = {(device, seq): (link_id, value) for device, seq, link_id, value in held(store)}
    for phone in phones:
        for answer in phone.tapped:
            if answer["seq"] in phone.acknowledged:
                assert kept[phone.name, answer["seq"]] == (answer["link_id"], answer["value"])

    for phone in phones:
        wait_until(partial(phone.is_answered, phone.tapped[-500:]), log)
    tapped = [(phone.name, each["seq"], each["link_id"], each["value"]) for phone in phones for each in phone.tapped]
    assert sorted(held(store)) == sorted(tapped)
    assert len(store.scalars(select(Response.id)).all()) == PHONES // 2
    assert store.scalar(text("PRAGMA integrity_check")) == "ok"
    assert audit.first_broken(store) is None
