"""What 200 queued summaries do to the saving of answers, while the worker prints them: p99 of a save, busy and idle."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle
from statistics import quantiles
from time import perf_counter, sleep

from sqlalchemy import func, select

from benchmarks import clinic
from benchmarks.clinic import Patient
from benchmarks.figure import Figure
from benchmarks.processes import children, cpu_seconds
from benchmarks.server import served
from portal.config import Settings
from portal.db.summary import SummaryDocument
from tests.factories import complete_visit, load_study, make_participant

_SUMMARIES = 200
_LANGUAGES = 2
_TURNS = 24
_SAVES = 50  # in each turn, idle and busy
_PAUSE = 0.02  # seconds between a save's answer and the next: some thirty saves a second
_PHONES = 12


def measure() -> list[Figure]:
    """Give the p99 of a save while the worker prints, as a multiple of what it is while its printer is stopped.

    Both take turns, so that whatever else the machine does weighs on both.
    """
    with clinic.settings() as settings:
        patients = clinic.enrol_patients(settings, _PHONES)
        with served(settings.to_environment()) as portal, _worker(settings) as worker:
            saves = _saves(portal.port, patients)
            _times(saves, 100)  # warm
            (printer,) = children(worker.pid)
            _queue(settings)
            idle: list[float] = []
            busy: list[float] = []
            before, cpu, seconds = _printed(settings), cpu_seconds(printer), 0.0
            while len(busy) < _TURNS * _SAVES and _printed(settings) < _SUMMARIES * _LANGUAGES:
                os.kill(printer, signal.SIGSTOP)  # it holds no lock, and the worker waits for it
                idle += _times(saves, _SAVES)
                os.kill(printer, signal.SIGCONT)
                began = perf_counter()
                busy += _times(saves, _SAVES)
                seconds += perf_counter() - began
            printed, cpu = _printed(settings) - before, cpu_seconds(printer) - cpu
    return [
        Figure(
            name=f"a save while {_SUMMARIES} summaries are printed: p99",
            value=_p99(busy),
            unit="ms",
            reference=_p99(idle),
            limit=1.5,
            limits_ratio=True,
        ),
        Figure(name="  half of the saves are quicker than", value=_half(busy), unit="ms", reference=_half(idle)),
        Figure(name="  documents a second meanwhile", value=printed / seconds, unit=""),
        Figure(name="  the printer's CPU for each", value=1000 * cpu / printed, unit="ms"),
    ]


def _queue(settings: Settings) -> None:
    """Let as many participants as there are summaries to be answer everything, at once."""
    with clinic.writing(settings) as session:
        place, at = load_study(session)[0], datetime.now(UTC)
        for _ in range(_SUMMARIES):
            complete_visit(session, make_participant(session, place, included_on=at.date(), at=at), at=at)


@contextmanager
def _worker(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the worker as a hospital does, and let it first print what it prints anyway."""
    command = [sys.executable, "-m", "portal.cli.main", "work"]
    environment = os.environ | settings.to_environment()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        sleep(30)  # blank questionnaires, one a round
        yield process
    finally:
        process.terminate()
        process.wait()


def _printed(settings: Settings) -> int:
    with clinic.writing(settings) as session:
        return session.scalar(select(func.count()).select_from(SummaryDocument)) or 0


def _times(saves: Iterator[None], number: int) -> list[float]:
    """Give the milliseconds of each of the next saves."""
    taken = []
    for _ in range(number):
        began = perf_counter()
        next(saves)
        taken.append((perf_counter() - began) * 1000)
        sleep(_PAUSE)
    return taken


def _saves(port: int, patients: list[Patient]) -> Iterator[None]:
    """Save one answer at each step, for ever: the phones take turns, and each changes her mind again and again."""
    phones = [clinic.enrolled_phone(port, patient) for patient in patients]
    tokens = [phone.csrf_of(f"/answer/{patient.dlqi}") for phone, patient in zip(phones, patients, strict=True)]
    for number, (phone, patient, csrf) in enumerate(cycle(zip(phones, patients, tokens, strict=True))):
        seq = number // len(patients)
        screen = clinic.DLQI_SCREENS[seq % len(clinic.DLQI_SCREENS)]
        answer = {screen: clinic.dlqi_answer(screen, 1 + seq % 2)}
        reply = phone.post_json("/api/answers", clinic.batch(patient.dlqi, seq, answer), csrf)
        assert reply.status == 200, f"saving answered {reply.status}: {reply.body!r}"
        yield


def _p99(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=100)[98]


def _half(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=2)[0]
