"""What is still to happen in a simulation, taken in the order of time."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

Deed = Callable[[datetime], object]

NOTHING_DUE = "nothing due"
"""What a deed gives back after which the worker has nothing to do that it had not before."""


@dataclass
class Agenda:
    """Deeds by instant; those of one instant in the order in which they were put in.

    A deed that is put in under a `name` is there once for its instant.
    """

    _heap: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _named: set[tuple[str, datetime]] = field(default_factory=set)
    _order: "count[int]" = field(default_factory=count)

    def put(self, at: datetime, deed: Deed, name: str = "") -> None:
        """Put a deed in; nothing happens before the clock is there."""
        if name and (name, at) in self._named:
            return
        self._named.add((name, at))
        heapq.heappush(self._heap, (at, next(self._order), deed))

    def take(self, until: datetime) -> tuple[datetime, Deed] | None:
        """Take out the next deed before `until`; None when there is none."""
        if not self._heap or self._heap[0][0] >= until:
            return None
        at, _, deed = heapq.heappop(self._heap)
        return at, deed
