"""A worker's duty to send: its name, the lease that allows it, and the outcomes that it has still to write down."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from os import getpid
from socket import gethostname
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.services import leases
from portal.services.letters import Outcome

RENEWED_EVERY = 15.0  # seconds: three may fail before the lease runs out


def _new_name() -> str:
    """A name of its own for each worker that is started: another of the same host and number may have died before."""
    return f"{gethostname()[:40]}-{getpid()}-{secrets.token_hex(4)}"


@dataclass
class Duty:
    """Who sends, until when its lease runs (None = it has none), and who has the lease that it waits for.

    `unkept` are outcomes that could not be written down yet: they are known here and nowhere else.
    """

    name: str = field(default_factory=_new_name)
    until: datetime | None = None
    waits_for: str = ""
    unkept: dict[tuple[type[object], UUID], Outcome] = field(default_factory=dict)

    def is_held(self, at: datetime) -> bool:
        """Whether the lease runs for long enough to send something now."""
        return self.until is not None and at < self.until - leases.LASTS / 2 <= at + leases.LASTS

    def unkept_of(self, kind: type[object]) -> set[UUID]:
        """Give the ids of this kind whose outcomes could not be written down yet."""
        return {each for of_kind, each in self.unkept if of_kind is kind}

    def renew(self, clinical: Engine, at: datetime) -> None:
        """Let a lease that is held run on."""
        with Session(clinical) as session:
            held = leases.renew(session, self.name, at=at)
            session.commit()
        self.until = held.until if held else None

    def give_back(self, clinical: Engine) -> None:
        """Let another worker send at once."""
        if self.until is None:
            return
        with Session(clinical) as session:
            leases.give_back(session, self.name)
            session.commit()
        self.until = None

    @contextmanager
    def renewed(self, clinical: Engine, now: Callable[[], datetime]) -> Iterator[None]:
        """Renew the lease in a thread of its own, so that it outlasts a mail server that hangs; give it back after."""
        ended = threading.Event()

        def keep_renewing() -> None:
            while not ended.wait(RENEWED_EVERY):
                if self.until is not None:
                    with suppress(SQLAlchemyError):  # the next time, or the worker itself, will see to it
                        self.renew(clinical, now())

        thread = threading.Thread(target=keep_renewing, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.give_back(clinical)
