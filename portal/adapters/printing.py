"""Has documents printed by a process of its own: warm between pages, killed when it hangs, ended with its parent.

The worker itself never loads the PDF engine, and a page that hangs or crashes takes down nothing but its printer.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, fields
from tempfile import TemporaryDirectory
from threading import Event, Timer
from typing import BinaryIO, cast

from portal.adapters import printing_wire
from portal.config import Settings
from portal.domain.instruments.wording import Wording
from portal.services.summaries import SummaryPage

SECONDS = 30.0
"""How long one document may take."""
_START_SECONDS = 60.0
_MODULE = "portal.adapters.printing_process"


class PrintFault(Exception):
    """A document did not come out; `code` is "hung", "died", or the class of what its printing raised."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Printer:
    """A process that prints one document after the other; started by the first one, and anew after a hang or crash.

    `module` is what it runs; it answers as portal.adapters.printing_process does.
    """

    seconds: float = SECONDS
    module: str = _MODULE
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _folder: "TemporaryDirectory[str] | None" = field(default=None, init=False)

    def summary(self, page: SummaryPage) -> bytes:
        """Print a summary.  Raises PrintFault."""
        return self._print(page)

    def blank(self, wording: Wording, large: bool) -> bytes:
        """Print a blank questionnaire.  Raises PrintFault."""
        return self._print((wording, large))

    def close(self) -> None:
        """End the process, also in the middle of a page; the next document starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                cast(BinaryIO, pipe).close()
        process.wait()
        if self._folder:
            self._folder.cleanup()

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        return self._process.pid if self._process else None

    def _print(self, order: object) -> bytes:
        if self._process is None or self._process.poll() is not None:
            self._start()
        done, content = self._within(self.seconds, lambda process: self._ask(process, order))
        if not done:
            raise PrintFault(content.decode())
        return content

    def _start(self) -> None:
        self.close()
        settings = {each.metadata["env"] for each in fields(Settings)}  # keys and addresses are none of its business
        kept = {name: value for name, value in os.environ.items() if name not in settings}
        self._folder = TemporaryDirectory(prefix="previsit-")  # a process that is killed cannot clear up its fonts
        self._process = subprocess.Popen(  # noqa: S603 - a module of our own
            [sys.executable, "-m", self.module],
            env=kept | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": self._folder.name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._within(_START_SECONDS, lambda process: printing_wire.receive(cast(BinaryIO, process.stdout)))

    def _ask(self, process: "subprocess.Popen[bytes]", order: object) -> tuple[bool, bytes]:
        printing_wire.send(cast(BinaryIO, process.stdin), True, pickle.dumps(order))
        return printing_wire.receive(cast(BinaryIO, process.stdout))

    def _within(
        self, seconds: float, deed: Callable[["subprocess.Popen[bytes]"], tuple[bool, bytes]]
    ) -> tuple[bool, bytes]:
        """Do something with the process and kill it when that takes longer; raises PrintFault then, or when it dies."""
        process, late = self._process, Event()
        assert process is not None

        def kill() -> None:
            late.set()
            process.kill()

        timer = Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            return deed(process)
        except (OSError, EOFError, ValueError):
            self.close()
            raise PrintFault("hung" if late.is_set() else "died") from None
        finally:
            timer.cancel()
