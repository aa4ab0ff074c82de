"""A batch of answers as JSON, read strictly: whatever is not as docs/answer-protocol.md says is named by its path."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any
from uuid import UUID

from portal.db.response import FilledInBy
from portal.services.answering import GivenAnswer, Seen

LARGEST_BATCH = 500
LARGEST_SEQ = 2**31 - 1
LARGEST_ROW_ID = 2**63 - 1
MOST_DEVICES = 50
LARGEST_PRESENTATION = 500  # characters of JSON

_KEYS = {"seq", "link_id", "value", "empty", "at", "language", "wording"}


class MalformedError(ValueError):
    """The JSON is not a batch; the text names the place and what is wanted there."""


@dataclass(frozen=True)
class Batch:
    """Answers of one device to one assignment.

    `seen` = what its page had been shown, `filled_in_by` = who filled it in; each None when it does not say.
    """

    assignment_id: UUID
    answers: tuple[GivenAnswer, ...]
    seen: Seen | None
    filled_in_by: FilledInBy | None


def parse(text: bytes) -> Batch:
    """Read a batch; raises MalformedError."""
    body = _object(text)
    try:
        assignment_id = UUID(_text(body, "assignment", 36))
    except ValueError:
        raise MalformedError("assignment: a UUID is wanted") from None
    device = _device(_text(body, "device", 64), "device")
    answers = body.get("answers")
    if not isinstance(answers, list) or len(answers) > LARGEST_BATCH:
        raise MalformedError(f"answers: a list of at most {LARGEST_BATCH} is wanted")
    return Batch(
        assignment_id,
        tuple(_answer(entry, device, f"answers[{n}]") for n, entry in enumerate(answers)),
        _seen(body.get("seen")),
        _filled_in_by(body.get("filled_in_by")),
    )


def _object(text: bytes) -> Mapping[str, Any]:
    """Read JSON as RFC 8259 has it: no NaN, nothing nested without end; and no key twice, as one would be lost."""
    try:
        body = json.loads(text, object_pairs_hook=_with_each_key_once, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise MalformedError("a JSON object is wanted, sent as application/json, with each key once")
    return body


def _with_each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _answer(entry: object, device: str, path: str) -> GivenAnswer:
    if not isinstance(entry, Mapping) or not set(entry) >= _KEYS or not set(entry) <= _KEYS | {"presentation"}:
        raise MalformedError(f"{path}: an object with {', '.join(sorted(_KEYS))} (and presentation) is wanted")
    if entry["empty"] is not None and not isinstance(entry["empty"], str):
        raise MalformedError(f'{path}.empty: null or "skipped" is wanted')
    return GivenAnswer(
        device=device,
        seq=_whole(entry["seq"], LARGEST_SEQ, f"{path}.seq"),
        link_id=_text(entry, "link_id", 64, path),
        value=_value(entry["value"], f"{path}.value"),
        empty=entry["empty"],
        at=_instant(entry["at"], f"{path}.at"),
        language=_text(entry, "language", 8, path),
        wording=_text(entry, "wording", 64, path),
        presentation=_presentation(entry.get("presentation"), f"{path}.presentation"),
    )


def _seen(seen: object) -> Seen | None:
    if seen is None:
        return None
    if not isinstance(seen, Mapping) or set(seen) != {"upto", "devices"} or not isinstance(seen["devices"], Mapping):
        raise MalformedError("seen: null or an object with devices (an object), upto is wanted")
    upto, devices = _whole(seen["upto"], LARGEST_ROW_ID, "seen.upto"), seen["devices"]
    if len(devices) > MOST_DEVICES:
        raise MalformedError(f"seen.devices: at most {MOST_DEVICES} are wanted")
    return Seen(
        upto,
        {
            _device(name, f"seen.devices[{n}]"): _whole(seq, LARGEST_SEQ, f"seen.devices[{n}]")
            for n, (name, seq) in enumerate(devices.items())
        },
    )


def _filled_in_by(code: object) -> FilledInBy | None:
    if code is None:
        return None
    if not isinstance(code, str) or code not in set(FilledInBy):
        raise MalformedError(f"filled_in_by: null or one of {', '.join(FilledInBy)} is wanted")
    return FilledInBy(code)


def _device(name: str, path: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", name):
        raise MalformedError(f"{path}: 1 to 64 letters, digits and hyphens are wanted")
    return name


def _whole(number: object, largest: int, path: str) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= largest:
        raise MalformedError(f"{path}: a whole number from 0 to {largest} is wanted")
    return number


def _text(mapping: Mapping[str, Any], key: str, longest: int, path: str = "") -> str:
    text = mapping.get(key)
    if not isinstance(text, str) or not 0 < len(text) <= longest or not (text.isascii() and text.isprintable()):
        where = f"{path}.{key}" if path else key
        raise MalformedError(f"{where}: a text of 1 to {longest} printable ASCII characters is wanted")
    return text


def _value(value: object, path: str) -> object:
    if isinstance(value, list | dict):  # several ticks on one question exist on paper only
        raise MalformedError(f"{path}: a number, a text, true, false or null is wanted")
    return value


def _instant(text: object, path: str) -> datetime:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        at = None
    # in the first and the last year of the calendar are days that other zones cannot tell
    if at is None or at.utcoffset() is None or not MINYEAR < at.year < MAXYEAR:
        raise MalformedError(f'{path}: an instant such as "2027-03-03T09:00:00.000Z" is wanted')
    return at.astimezone(UTC)


def _presentation(presentation: object, path: str) -> dict[str, Any] | None:
    if presentation is None:
        return None
    if not isinstance(presentation, dict) or not _is_storable(presentation):
        raise MalformedError(f"{path}: null or an object of at most {LARGEST_PRESENTATION} characters is wanted")
    return presentation


def _is_storable(presentation: dict[str, Any]) -> bool:
    """Say whether every database can keep it: short, no infinity, no control character, no half of a surrogate pair."""
    try:
        text = json.dumps(presentation, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return len(text) <= LARGEST_PRESENTATION and "\\u00" not in text
