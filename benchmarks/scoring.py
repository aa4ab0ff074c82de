"""What scoring one response costs, trace included."""

import json
from time import process_time

from benchmarks.figure import Figure
from benchmarks.rounds import Course, take_turns
from portal.domain import instruments
from tests.factories import full_answers

_TIMES = 300


def measure() -> list[Figure]:
    """Give the time to check and score a full response of each instrument; the reference is to read it from JSON."""
    return [_measure(code) for code in instruments.CODES]


def _measure(code: str) -> Figure:
    instrument = instruments.get(code)
    answers = full_answers(instrument, level=2)
    text = json.dumps(answers)
    score = Course(lambda: instrument.score(answers), process_time)
    read = Course(lambda: json.loads(text), process_time)
    take_turns(score, read, rounds=15, times=_TIMES, warm_up=_TIMES)
    return Figure(
        name=f"scoring a {code}",
        value=score.milliseconds * 1000,
        unit="µs",
        reference=read.milliseconds * 1000,
        limit=200,
    )
