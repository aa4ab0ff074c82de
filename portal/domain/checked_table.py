"""Reading a table of a configuration file while gathering every fault in it, each under its full key."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from portal.domain.study_keys import KEYS

T = TypeVar("T")
_HOUR = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file: under which key (lists count from 1), what is wrong, and what to do about it."""

    key: str
    problem: str
    what_to_do: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.key}: {self.problem}. {self.what_to_do}{'?' if self.what_to_do.startswith('Did ') else '.'}"


def show(value: object) -> str:
    """Show a value as the file would write it, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    return cut(f'"{value}"' if isinstance(value, str) else str(value))


def cut(text: str) -> str:
    """Show what a file holds on one line, and not too much of it."""
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= 60 else f"{text[:57]}…"


def propose(word: str, known: Iterable[str]) -> str:
    """Propose the known word nearest to a wrong one, or list what is known."""
    choices = list(known)
    near = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(word.lower(), near, n=1)
    return f'Did you mean "{near[found[0]]}"' if found else f"Known here: {', '.join(choices)}"


class CheckedTable:
    """One table of the file; each method reads one key, and answers a harmless value after noting a fault."""

    def __init__(self, values: object, shape: str, path: str, faults: list[Fault]) -> None:
        """Take the table at `path` ("" is the whole file), which may hold the keys that KEYS lists for `shape`."""
        self.shape, self.path, self.faults = shape, path, faults
        self.whole = isinstance(values, Mapping)
        self.values: Mapping[str, object] = values if isinstance(values, Mapping) else {}
        if not self.whole:
            faults.append(Fault(path or "the file", f"must be a table, not {show(values)}", "See docs/study-file.md"))
        for key in self.values:
            if key not in KEYS[shape]:
                self.fault(key, "is no key that is known here", propose(str(key), KEYS[shape]))

    def full(self, key: str) -> str:
        """Write a key with the path that leads to it."""
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, problem: str, what_to_do: str) -> None:
        """Note that something is wrong under a key of this table ("" is the table itself)."""
        self.faults.append(Fault(self.full(key) if key else self.path, problem, what_to_do))

    def has(self, key: str) -> bool:
        """Whether the file gives this key."""
        return key in self.values

    def is_sound(self, key: str) -> bool:
        """Whether the file gives this key, and nothing is wrong with it or in it so far."""
        full = self.full(key)
        return self.has(key) and not any(re.match(rf"{re.escape(full)}($|[.\[])", fault.key) for fault in self.faults)

    def _read(self, key: str, kind: type[T], default: T | None, what: str) -> T | None:
        """Answer the value if it is of this kind; else note the fault. None: there is nothing more to check."""
        if key not in self.values:
            if default is None and self.whole:
                self.fault(key, "is missing", f"Give {what}")
            return None
        value = self.values[key]
        # A bool is an int to Python, and never one to the person who wrote the file; a datetime likewise is a date.
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        self.fault(key, f"{show(value)} will not do", f"Write {what}")
        return None

    def text(self, key: str, what: str, *, pattern: str = r"[^\x00-\x1f]{1,200}", default: str | None = None) -> str:
        """Read a text that matches the pattern; required unless there is a default ("" for none)."""
        value = self._read(key, str, default, what)
        if value is None:
            return default or ""
        value = value.strip()
        if not re.fullmatch(pattern, value):
            self.fault(key, f"{show(value)} will not do", f"Give {what}")
        return value

    def find_text(self, key: str, what: str, *, pattern: str = r"[^\x00-\x1f]{1,200}") -> str | None:
        """Read a text that may be absent."""
        return self.text(key, what, pattern=pattern) if self.has(key) else None

    def integer(self, key: str, low: int, high: int, *, default: int | None = None) -> int:
        """Read a whole number from low to high."""
        what = f"a whole number from {low} to {high}"
        value = self._read(key, int, default, what)
        if value is None:
            return default or 0
        if not low <= value <= high:
            self.fault(key, f"{show(value)} is out of range", f"Give {what}")
            return low
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Read true or false."""
        value = self._read(key, bool, default, "true or false")
        return default if value is None else value

    def choice(self, key: str, allowed: Iterable[str], *, default: str | None = None) -> str:
        """Read one of some words."""
        words = tuple(allowed)
        value = self._read(key, str, default, f"one of {', '.join(words)}")
        if value is None:
            return default or words[0]
        if value not in words:
            self.fault(key, f"{show(value)} is not known", propose(value, words))
            return words[0]
        return value

    def hour(self, key: str, *, default: time) -> time:
        """Read an hour of the day such as "10:00"."""
        value = self.values.get(key, default)
        if isinstance(value, time) and value.tzinfo is None and not value.second and not value.microsecond:
            return value
        if isinstance(value, str) and (found := _HOUR.fullmatch(value)):
            return time(int(found[1]), int(found[2]))
        self.fault(key, f"{show(value)} is no hour of the day", 'Write hours and minutes from "00:00" to "23:59"')
        return default

    def choices(self, key: str, allowed: Iterable[str], *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Read a list of at least one word, each known and none twice."""
        words = tuple(allowed)
        found = self._list(key, f"a list of some of {', '.join(words)}", required=default is None)
        if found is None:
            return default or ()
        if not found:
            self.fault(key, "is empty", f"Give at least one of {', '.join(words)}")
        for position, value in enumerate(found, 1):
            if value not in words:
                self.fault(f"{key}[{position}]", f"{show(value)} is not known", propose(str(value), words))
            elif value in found[: position - 1]:
                self.fault(f"{key}[{position}]", f"{show(value)} stands here twice", "Take one away")
        return tuple(str(value) for value in found if value in words)

    def integers(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """Read a list of whole numbers from low to high, each once; empty when absent; given back ascending."""
        found = self._list(key, "a list of whole numbers", required=False) or []
        for position, value in enumerate(found, 1):
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                what = f"Give a whole number from {low} to {high}"
                self.fault(f"{key}[{position}]", f"{show(value)} will not do", what)
            elif value in found[: position - 1]:
                self.fault(f"{key}[{position}]", f"{show(value)} stands here twice", "Take one away")
        return tuple(sorted({value for value in found if isinstance(value, int)}))

    def dates(self, key: str) -> tuple[date, ...]:
        """Read a list of days such as 2027-08-16, in TOML's own form or as text; given back ascending, each once."""
        days = set()
        for position, value in enumerate(self._list(key, "a list of days", required=False) or [], 1):
            if (day := _as_day(value)) is None:
                self.fault(f"{key}[{position}]", f"{show(value)} is no day", "Write a day such as 2027-08-16")
            else:
                days.add(day)
        return tuple(sorted(days))

    def _list(self, key: str, what: str, *, required: bool) -> list[object] | None:
        value = self._read(key, list, None if required else [], what)
        return None if value is None else list(value)

    def table(self, key: str) -> "CheckedTable":
        """Open the table under a key; one that is absent is empty, so that its own keys are named as missing."""
        shape = KEYS[self.shape][key]
        return CheckedTable(self.values.get(key, {}), shape or "", self.full(key), self.faults)

    def tables(self, key: str) -> list["CheckedTable"]:
        """Open each table of a list of at least one."""
        shape = KEYS[self.shape][key] or ""
        found = self._list(key, f"at least one [[{key}]]", required=True)
        if found == []:
            self.fault(key, "is empty", f"Give at least one [[{key}]]")
        full = self.full(key)
        return [
            CheckedTable(value, shape, f"{full}[{position}]", self.faults)
            for position, value in enumerate(found or [], 1)
        ]


def _as_day(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
