"""A summary's content as JSON and back, and its hash: the form in which it is kept for ever."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from portal.domain.summary import Content

_OF_A_SCALE = ("scale", "section", "value", "low", "high", "places")
_APART = {"number": None, "made_at": None, "replaces": None}


def to_json(content: Content) -> dict[str, Any]:
    """Give the content as plain JSON values: fractions as "3/8", instants and days in ISO 8601."""
    plain = _plain(content)
    assert isinstance(plain, dict)
    return plain


def from_json(plain: Mapping[str, Any]) -> Content:
    """Read back what to_json gave; an equal content."""
    content = _reader(Content)(plain)
    assert isinstance(content, Content)
    return content


def at_a_glance(plain: Mapping[str, Any]) -> Content:
    """Read back what a list tells of a content: what was received, what stands out, the words and scales it names.

    The rest is left out, for reading it takes ten times as long.
    """
    told = {(each["instrument"], each.get("scale")) for each in plain["observations"]}
    instruments = [
        {
            "code": each["code"],
            "arrival": each["arrival"],
            "words": each.get("words", {}),
            "scales": [
                {name: scale[name] for name in _OF_A_SCALE if name in scale}
                for scale in each.get("scales", ())
                if (each["code"], scale["scale"]) in told
            ],
        }
        for each in plain["instruments"]
    ]
    return from_json({**plain, "instruments": instruments})


def hash_of(plain: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of a content as JSON with sorted keys and no spaces, in UTF-8."""
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def says_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two contents, as JSON, differ in nothing but their edition, when it was made and what it replaces."""
    return {**one, **_APART} == {**other, **_APART}


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one return for each kind of value
    if is_dataclass(value):
        # What has its default value is left out, so that a field added later changes no old page's hash.
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if not _is_default(f, value)}
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def _is_default(field: Any, value: Any) -> bool:
    found = getattr(value, field.name)
    default = field.default_factory() if callable(field.default_factory) else field.default
    return type(found) is type(default) and bool(found == default)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:  # noqa: PLR0911 - one return for each kind of value
    """Give what reads one kind of value back; made once, for a content is some hundred of them."""
    origin = get_origin(kind)
    if kind is Any or kind in (str, int, bool):
        return lambda plain: plain
    if origin is UnionType:
        read = _reader(next(each for each in get_args(kind) if each is not NoneType))
        return lambda plain: None if plain is None else read(plain)
    if origin is tuple:
        read = _reader(get_args(kind)[0])
        return lambda plain: tuple(map(read, plain))
    if origin is Mapping:
        read = _reader(get_args(kind)[1])
        return lambda plain: {key: read(part) for key, part in plain.items()}
    if is_dataclass(kind):
        assert isinstance(kind, type)
        readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
        return lambda plain: kind(**{name: readers[name](part) for name, part in plain.items()})
    if kind in (datetime, date):
        read_iso: Callable[[Any], Any] = kind.fromisoformat
        return read_iso
    made: Callable[[Any], Any] = kind
    return made
