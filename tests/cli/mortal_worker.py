"""`portal work` in processes of their own that may be killed at any moment, under one clock that a test moves."""

import mmap
import multiprocessing
import os
import random
import signal
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from portal import clock
from portal.adapters.mail import Mailer, SmtpMailer, mailer
from portal.cli import work
from portal.cli.main import main
from portal.config import Settings
from portal.services import blank_forms

PATIENCE = 3.0  # seconds that a worker waits for the mail server
_context = multiprocessing.get_context("forkserver")


class SharedClock:
    """The instant that all workers see: the machine's, moved on by what stands in a file that they share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 8)

    def now(self) -> datetime:
        """Give the instant."""
        (seconds,) = struct.unpack("d", self._shared[:8])
        return datetime.now(UTC) + timedelta(seconds=seconds)

    def move_to(self, instant: datetime) -> None:
        """Move on to this instant; never back."""
        self.move_by(max(timedelta(0), instant - self.now()))

    def move_by(self, by: timedelta) -> None:
        """Move on by so much."""
        (seconds,) = struct.unpack("d", self._shared[:8])
        self._shared[:8] = struct.pack("d", seconds + by.total_seconds())


def run(environment: dict[str, str], clock_path: Path, log: Path) -> None:
    """Be `portal work`, with a worker that soon loses patience, and prints no blank questionnaires."""
    os.environ.update(environment)
    shared = SharedClock(clock_path)
    clock.now = shared.now

    def impatient(*arguments: Any) -> Mailer:
        made = mailer(*arguments)
        assert isinstance(made, SmtpMailer)
        return replace(made, timeout=PATIENCE)

    work.mailer = impatient  # type: ignore[assignment, attr-defined] # the name that `open_worker` looks up
    blank_forms.unrendered = lambda *_, **__: []
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(out, 1)
    os.dup2(out, 2)
    main(["work", "--interval", "0.1"])


@dataclass
class Crew:
    """Workers that share a store; one that was killed is replaced by a new one."""

    settings: Settings
    clock: SharedClock
    log: Path
    size: int
    chance: random.Random
    killed: int = 0
    _members: list[ForkServerProcess] = field(default_factory=list)

    def fill(self) -> int:
        """Start workers in the place of those that were killed; give how many."""
        ended = [each.exitcode for each in self._members if each.exitcode not in (None, -signal.SIGKILL)]
        assert not ended, f"a worker ended by itself with {ended}: {self.log.read_text()[-3000:]}"
        self._members = [each for each in self._members if each.is_alive()]
        missing = self.size - len(self._members)
        for _ in range(missing):
            environment = self.settings.to_environment()
            process = _context.Process(target=run, args=(environment, self.clock.path, self.log))
            process.start()
            self._members.append(process)
        return missing

    def kill(self) -> None:
        """Kill one of them, at whatever it is."""
        living = [each for each in self._members if each.is_alive()]
        if living:
            self.killed += 1
            self.chance.choice(living).kill()

    def end(self) -> list[int | None]:
        """Tell all of them to end; give their exit codes."""
        for each in self._members:
            each.terminate()
        for each in self._members:
            each.join(20)
        return [each.exitcode for each in self._members]

    def dismiss(self) -> None:
        """Kill whoever is left."""
        for each in self._members:
            each.kill()
            each.join()


@contextmanager
def crew(settings: Settings, folder: Path, size: int, chance: random.Random) -> Iterator[Crew]:
    """Give a crew that has not begun yet; none of it is left at the end."""
    _context.set_forkserver_preload([__name__])
    made = Crew(settings, SharedClock(folder / "clock"), folder / "log", size, chance)
    try:
        yield made
    finally:
        for each in made._members:
            each.kill()
            each.join()
