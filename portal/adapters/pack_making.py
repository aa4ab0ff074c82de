"""Has a pack of paper made by a process of its own: what handles PDF files would stay in a web worker's memory.

It is killed with all that it has started when it takes too long, and nothing of its pack is handed over.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from tempfile import TemporaryDirectory
from threading import Event, Timer
from typing import BinaryIO

from portal.adapters.pack_contents import Order, to_json

SECONDS = 55.0
"""How long a pack may take: sixty visits take some 4 s, and proxies give up on an answer after a minute."""
_MODULE = "portal.adapters.packs"


class PackFailedError(Exception):
    """The pack could not be made; the text says how its maker ended, without a word of what was in it."""


class PackHungError(PackFailedError):
    """Its maker took too long and was killed."""


def make(
    out: BinaryIO, order: Order, documents: Iterable[bytes], *, seconds: float = SECONDS, module: str = _MODULE
) -> int:
    """Write the pack into `out`, a real file; gives its number of pages.  Raises PackFailedError.

    `documents` come in the order of the order's sizes, one at a time, and none is kept here.  `module` is what is run.
    """
    out.flush()
    with TemporaryDirectory(prefix="previsit-") as folder:  # the maker ends as it stands, and leaves its fonts
        maker = subprocess.Popen(  # noqa: S603 - a module of our own
            [sys.executable, "-m", module],
            env=os.environ | {"TMPDIR": folder, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that its own helpers can be killed with it
        )
        return _within(seconds, maker, order, documents)


def _within(seconds: float, maker: "subprocess.Popen[bytes]", order: Order, documents: Iterable[bytes]) -> int:
    late = Event()
    timer = Timer(seconds, _kill, [maker, late])
    timer.daemon = True
    timer.start()
    try:
        last_line = _order(maker, order, documents)
    finally:
        timer.cancel()
    if late.is_set():
        raise PackHungError(f"the maker of the pack was killed after {seconds:g} s")
    if maker.returncode:
        raise PackFailedError(f"the maker of the pack ended with {maker.returncode}: {last_line.partition(':')[0]}")
    return int(last_line)


def _order(maker: "subprocess.Popen[bytes]", order: Order, documents: Iterable[bytes]) -> str:
    """Tell the maker what is wanted and wait for its end; gives the last line that it wrote."""
    pipe, said = maker.stdin, maker.stderr
    assert pipe is not None
    assert said is not None
    try:
        pipe.write(json.dumps(to_json(order)).encode() + b"\n")
        for document in documents:
            pipe.write(document)
    except BrokenPipeError:
        pass  # it has ended already; its exit code says so
    except BaseException:
        _kill(maker)
        raise
    finally:
        with suppress(BrokenPipeError):
            pipe.close()
        last_line = said.read().decode(errors="replace").strip().rpartition("\n")[2]
        said.close()
        maker.wait()
    return last_line


def _kill(maker: "subprocess.Popen[bytes]", late: Event | None = None) -> None:
    """End the maker and what it has started; `late` says that it was for its taking too long."""
    if maker.poll() is None:
        if late is not None:
            late.set()
        with suppress(ProcessLookupError):
            os.killpg(maker.pid, signal.SIGKILL)
