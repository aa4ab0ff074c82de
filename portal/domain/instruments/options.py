"""The named choices that a scoring rule leaves to a study, each with its default and what it may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

OptionValue = str | int | bool
Options = Mapping[str, OptionValue]


class OptionKind(StrEnum):
    CHOICE = "choice"
    INTEGER = "integer"
    FLAG = "flag"


class InvalidOption(ValueError):
    """A scoring option that does not exist or may not be what was given; `name` and `allowed` say which and what."""

    def __init__(self, name: str, allowed: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One option of a rule. `allowed` lists the values of a choice, or the lowest and highest integer."""

    name: str
    kind: OptionKind
    default: OptionValue
    allowed: tuple[str | int, ...] = ()

    @property
    def allowed_words(self) -> str:
        if self.kind is OptionKind.FLAG:
            return "true or false"
        if self.kind is OptionKind.INTEGER:
            return f"a whole number from {self.allowed[0]} to {self.allowed[1]}"
        return " or ".join(str(value) for value in self.allowed)

    def parse(self, given: object) -> OptionValue:
        """Read a value as written in study.toml (typed) or on a command line (text); raises InvalidOption."""
        value = self._read(given)
        if value is None:
            message = f"option {self.name}: {given!r} is not allowed; it may be {self.allowed_words}"
            raise InvalidOption(self.name, self.allowed_words, message)
        return value

    def _read(self, given: object) -> OptionValue | None:
        if self.kind is OptionKind.CHOICE:
            return given if isinstance(given, str) and given in self.allowed else None
        if self.kind is OptionKind.FLAG:
            if isinstance(given, bool):
                return given
            return {"true": True, "false": False}.get(given.lower()) if isinstance(given, str) else None
        if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 10:
            given = int(given)
        low, high = self.allowed
        if isinstance(given, int) and not isinstance(given, bool) and int(low) <= given <= int(high):
            return given
        return None


def parse(owner: str, specs: tuple[OptionSpec, ...], given: Mapping[str, object]) -> dict[str, OptionValue]:
    """Give every option of an instrument its value, the default where none is given; raises InvalidOption."""
    known = {spec.name: spec for spec in specs}
    for name in given:
        if name not in known:
            allowed = ", ".join(known)
            raise InvalidOption(name, allowed, f"option {name}: {owner} has no such option; it has {allowed}")
    return {name: spec.parse(given[name]) if name in given else spec.default for name, spec in known.items()}
