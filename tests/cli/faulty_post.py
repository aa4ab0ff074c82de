"""A mail server that refuses, hangs, hangs up and ends the worker in the middle of it, all by chance, and by a seed."""

import asyncio
import os
import random
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from typing import Any
from uuid import UUID

from aiosmtpd import smtp as protocol
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

# What may happen to one mail, and how often of a thousand.
AT_RECIPIENT = {"450 later": 50, "550 no such person": 25, "hang up": 50}
AT_DATA = {
    "451 later": 40,
    "554 not this one": 25,
    "hang up": 40,
    "take, then hang up": 25,
    "kill": 4,
    "take, then kill": 4,
    "answer, then kill": 4,
}
HANGS = 2  # of each kind, at first: each costs a worker its whole patience


@dataclass
class FaultyPost:
    """Keeps by Message-ID how often it answered that it took a mail, and how often it took one, said so or not.

    `kill` ends one of the workers, as kill -9 does.
    """

    kill: Callable[[], None]
    chance: random.Random
    acknowledged: Counter[UUID] = field(default_factory=Counter)
    taken: Counter[UUID] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)

    async def handle_RCPT(self, server: protocol.SMTP, _s: Session, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802 - aiosmtpd's name
        envelope.rcpt_tos.append(address)
        fate = self._draw(AT_RECIPIENT, "recipient")
        await self._suffer(server, fate)
        return fate if fate[0].isdigit() else "250 OK"

    async def handle_DATA(self, server: protocol.SMTP, _s: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        name = UUID(BytesHeaderParser().parsebytes(envelope.content)["Message-ID"].strip("<>").partition("@")[0])
        fate = self._draw(AT_DATA, "data")
        if fate.startswith("take"):
            self.taken[name] += 1
        await self._suffer(server, fate)
        if fate in ("take", "answer, then kill"):
            self.acknowledged[name] += 1
            self.taken[name] += fate != "take"
            return "250 taken"
        return fate if fate[0].isdigit() else "421 gone"

    async def _suffer(self, server: protocol.SMTP, fate: str) -> None:
        transport: Any = server.transport  # its declared type knows no way to hang up
        if fate.endswith("hang up"):
            transport.abort()
        elif fate == "hang":
            await asyncio.sleep(60)
        elif fate == "answer, then kill":
            asyncio.get_running_loop().call_later(self.chance.uniform(0, 0.02), self.kill)
        elif fate.endswith("kill"):
            self.kill()
            transport.abort()

    def _draw(self, fates: dict[str, int], where: str) -> str:
        """Draw what happens; hangs come at first, and nothing at all most of the time."""
        drawn, number = "take", self.chance.randrange(1000)
        if self.met[f"{where}: hang"] < HANGS and self.chance.randrange(40) == 0:
            drawn = "hang"
        else:
            for fate, thousandths in fates.items():
                if 0 <= number < thousandths:
                    drawn = fate
                number -= thousandths
        self.met[f"{where}: {drawn}"] += 1
        return drawn


@contextmanager
def serving(post: FaultyPost) -> Iterator[int]:
    """Serve on a port of its own, which is given."""
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        port: int = each.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        with suppress(Exception):  # connections may be in the middle of a hang
            controller.stop()


def kill_process(pid: int) -> None:
    """End a process as the kernel or a power cut would."""
    os.kill(pid, signal.SIGKILL)
