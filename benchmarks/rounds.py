"""Measuring on a noisy machine: subject and reference take turns in short rounds, and the medians are compared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import bare
from benchmarks.browser import Browser
from benchmarks.server import Server, served

Deed = Callable[[], object]
Clock = Callable[[], float]


@dataclass
class Course:
    """One deed and the clock that it is measured by; `seconds` are those of one deed, one entry a round."""

    deed: Deed
    clock: Clock
    seconds: list[float] = field(default_factory=list)

    def run(self, times: int) -> None:
        """Run one round."""
        before = self.clock()
        for _ in range(times):
            self.deed()
        self.seconds.append((self.clock() - before) / times)

    @property
    def milliseconds(self) -> float:
        """The median of the rounds."""
        return median(self.seconds) * 1000


def take_turns(*courses: Course, rounds: int, times: int, warm_up: int) -> None:
    """Run each course once a round, after `warm_up` deeds of each that do not count."""
    for course in courses:
        course.run(warm_up)
        course.seconds.clear()
    for _ in range(rounds):
        for course in courses:
            course.run(times)


@contextmanager
def bare_insert() -> Iterator[Course]:
    """Serve the bare view for as long as the block lasts; its deed is one insert over HTTP, its clock the server's."""
    with (
        TemporaryDirectory(prefix="previsit-bench-") as folder,
        served({bare.DATABASE: f"sqlite:///{folder}/bare.db"}, bare.APPLICATION) as server,
    ):
        yield Course(_inserter(server), server.cpu_seconds)


def _inserter(server: Server) -> Deed:
    browser = Browser(server.port)

    def insert() -> None:
        reply = browser.post_json("/rows", {"name": "DLQI101", "value": "2"})
        assert reply.status == 200, f"the bare view answered {reply.status}"

    return insert
