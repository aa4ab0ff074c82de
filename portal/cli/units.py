"""Units of work as the worker does them: each in a transaction of its own, said in a line, its fault counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

OnFault = Callable[[Exception], None]


class Units:
    """What does units of work one after the other; one that fails is said and counted, and the others go on.

    Whoever does them has these fields: `now` is asked for each unit anew, `stopping` between units.
    """

    clinical: Engine
    now: Callable[[], datetime]
    say: Callable[[str], None]
    stopping: Callable[[], bool]
    faults: int

    @contextmanager
    def _unit(self, what: str, on_fault: OnFault | None = None) -> Iterator[Session]:
        with self._guarded(what, on_fault), Session(self.clinical, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def _guarded(self, what: str, on_fault: OnFault | None = None) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            # Another worker, or the participant herself, has just done the same: the next round looks again.
            self._say(f"{what}: done elsewhere at the same moment")
        except Exception as fault:  # whatever one unit meets must not stop the others
            self.faults += 1
            # A fault's text may quote what is nobody's business in a log; its kind is enough to find it.
            self._say(f"{what} FAILED: {name_of(fault)}")
            if on_fault:
                on_fault(fault)

    def _say(self, line: str) -> None:
        self.say(f"{self.now():%Y-%m-%d %H:%M:%SZ} {line}")


def name_of(fault: Exception) -> str:
    """Name the kind of a fault: its `code` where it has one, else its class."""
    return str(getattr(fault, "code", "") or type(fault).__name__)
