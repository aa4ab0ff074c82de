"""A process that answers orders through its pipes, one after the other, within limits, as long as its worker lives."""

import ctypes
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

from portal.adapters import printing_wire

_MEMORY = 1024 * 1024 * 1024  # bytes of address space; a page takes a fifth of it
_NICE = 5  # whoever saves an answer goes first; more would starve it where much else runs
_SIGNAL_WHEN_PARENT_DIES = 1  # PR_SET_PDEATHSIG of Linux


def serve(make: Callable[[Any], bytes]) -> None:
    """Answer orders until there are no more."""
    _keep_within_limits()
    given = sys.stdin.buffer
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not stand between the answers
    printing_wire.send(out, True, b"ready")
    while True:
        try:
            _, order = printing_wire.receive(given)
        except EOFError:
            return
        try:
            done, content = True, make(pickle.loads(order))  # noqa: S301 - from the worker that started this process
        except Exception as fault:  # whatever it is, the worker is told, and the next page may go well
            done, content = False, type(fault).__name__.encode()
        printing_wire.send(out, done, content)


def _keep_within_limits() -> None:
    """Let this process die with the one that started it, give way to others, and take only so much memory."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SIGNAL_WHEN_PARENT_DIES, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which ends this when it is done
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold answers
