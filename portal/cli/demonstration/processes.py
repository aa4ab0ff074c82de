"""The two processes of a demonstration, the web server and the worker: started together, ended together."""

import os
import signal
import subprocess
import sys
import time

from portal.cli.run import SERVER_ENVIRONMENT, server_arguments
from portal.cli.settings import Refused
from portal.config import Settings

HOST = "127.0.0.1"
_GRACE = 30.0  # seconds for a process to end by itself once told to

Running = dict[str, "subprocess.Popen[bytes]"]


def serve(settings: Settings, port: int) -> None:
    """Run the web server and the worker until told to stop.

    Raises Refused, naming the one and its log, when one ended by itself; the other is ended first.
    """
    assert settings.demonstration
    folder = settings.demonstration.parent
    environment = SERVER_ENVIRONMENT | os.environ | settings.to_environment() | {"PYTHONUNBUFFERED": "1"}
    running: Running = {}
    told: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    for number in before:
        signal.signal(number, lambda number, _frame: told.append(number))
    for name, program in programs(port).items():
        with (folder / f"{name}.log").open("ab") as log:
            running[name] = subprocess.Popen([sys.executable, *program], env=environment, stdout=log, stderr=log)  # noqa: S603 - our own programs
    ended = _wait(running, told)
    _end(running)
    for number, handler in before.items():
        signal.signal(number, handler)
    if ended and not told:
        raise Refused(f"the {ended} process stopped by itself, and the other was stopped: see {folder / ended}.log")


def programs(port: int) -> dict[str, list[str]]:
    """Give what `python` is to run, by the name of its log."""
    return {"web": server_arguments(HOST, port, 2), "worker": ["-m", "portal.cli.main", "work"]}


def _wait(running: Running, told: list[int]) -> str | None:
    """Wait until told to stop, or until one ended by itself: give its name."""
    while not told:
        for name, process in running.items():
            if process.poll() is not None:
                return name
        time.sleep(0.2)
    return None


def _end(running: Running) -> None:
    for process in running.values():
        process.terminate()
    for process in running.values():
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
