"""A web server with one worker, started just as `portal run` starts it, whose CPU time can be read."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.processes import children, cpu_seconds
from portal.cli.run import SERVER_ENVIRONMENT, server_arguments

_START_SECONDS = 30
_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """A running server and the process that answers."""

    port: int
    worker: int

    def cpu_seconds(self) -> float:
        """Give the CPU time that the worker has used so far."""
        return cpu_seconds(self.worker)


@contextmanager
def served(environment: Mapping[str, str], application: str = "") -> Iterator[Server]:
    """Serve the portal, or another `module:app`, until the block ends."""
    port = _free_port()
    arguments = server_arguments(_HOST, port, workers=1)
    if application:
        arguments[-1] = application
    variables = {**SERVER_ENVIRONMENT, **os.environ, **environment}
    process = subprocess.Popen([sys.executable, *arguments], env=variables, stderr=subprocess.PIPE, text=True)  # noqa: S603 - a command of our own making
    try:
        yield Server(port, _await_worker(process, port))
    finally:
        process.terminate()
        process.communicate(timeout=_START_SECONDS)


def _await_worker(process: subprocess.Popen[str], port: int) -> int:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        found = children(process.pid)
        if found:
            with socket.socket() as probe:
                if probe.connect_ex((_HOST, port)) == 0:
                    return found[0]
        time.sleep(0.05)
    process.terminate()
    raise AssertionError(f"the server did not start: {process.communicate()[1]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
    return port
