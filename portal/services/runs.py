"""Cuts a list into pages without reading it: only its runs, and how long each is, need be known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True)
class Run(Generic[Key]):
    """Rows that follow each other in a list and share `key`, in the order of the list."""

    key: Key
    length: int


@dataclass(frozen=True)
class Cut(Generic[Key]):
    """What a page lies in: the keys of its runs, and how many rows to pass over in the first of them."""

    keys: tuple[Key, ...]
    offset: int


def cut(runs: Sequence[Run[Key]], *, page: int, size: int) -> Cut[Key]:
    """Give where page `page` (from 1) of `size` rows lies; no keys past the end."""
    first = (page - 1) * size
    last, before, offset = first + size, 0, 0
    keys: list[Key] = []
    for run in runs:
        after = before + run.length
        if after > first and before < last:
            if not keys:
                offset = first - before
            keys.append(run.key)
        before = after
    return Cut(tuple(keys), offset)
