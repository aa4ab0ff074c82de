"""A sent form laid out to be corrected: what each field holds, and what was typed read back as changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.domain.instruments.emptiness import Emptiness
from portal.domain.instruments.model import Instrument, Item, ItemType
from portal.services import answered_forms
from portal.services.answered_forms import Form
from portal.services.corrections import Change

SKIPPED = "skipped"
_TICKS = {"yes": True, "no": False}

Typed = Mapping[str, Sequence[str]]
"""What each field holds, by link id: codes for a choice, yes or no for a box, a text, and "skipped" for any."""


@dataclass(frozen=True)
class Given:
    """What was typed: the changes it makes, and by link id a code of what is wrong."""

    changes: Mapping[str, Change]
    faults: Mapping[str, str]


def typed_from(instrument: Instrument, form: Form) -> Typed:
    """Give what the fields hold before anything is typed."""
    return {item.link_id: _typed(answered_forms.stands(form, item.link_id)) for item in instrument.items}


def typed_again(instrument: Instrument, sent: MultiDict[str, str], form: Form) -> Typed:
    """Give the fields as they were sent."""
    held = typed_from(instrument, form)
    return {link_id: sent.getlist(link_id) if link_id in sent else held[link_id] for link_id in held}


def read(instrument: Instrument, sent: MultiDict[str, str], form: Form, *, several: bool) -> Given:
    """Read what was sent; a field that was not is left alone. `several` = a choice may hold several ticks (paper)."""
    changes: dict[str, Change] = {}
    faults: dict[str, str] = {}
    for item in instrument.items:
        if item.link_id not in sent:
            continue
        values = [value.strip() for value in sent.getlist(item.link_id) if value.strip()]
        try:
            change = _change(item, values, several=several)
        except ValueError as fault:
            faults[item.link_id] = str(fault)
            continue
        if change is None and answered_forms.stands(form, item.link_id)[1] and item.type is ItemType.TEXT:
            continue  # a text left blank stays empty in the way it was
        changes[item.link_id] = change
    return Given(changes, faults)


def _typed(stands: tuple[Any, str | None]) -> list[str]:
    value, empty = stands
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if value is None:
        return [SKIPPED] if empty == Emptiness.SKIPPED else []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _change(item: Item, values: list[str], *, several: bool) -> Change:
    """Give what a field says; ValueError with a code of what is wrong with it."""
    if not values:
        return None
    if item.type is ItemType.TEXT:
        return values[0]
    if SKIPPED in values:
        if len(values) > 1:
            raise ValueError("both")
        return Emptiness.SKIPPED
    if item.type is ItemType.VAS:
        if not values[0].isdecimal():
            raise ValueError("number")
        return int(values[0])
    if item.type is ItemType.TICK:
        return _TICKS.get(values[0])
    codes = [option.code for option in item.options if str(option.code) in values]
    if len(codes) != len(set(values)) or (len(codes) > 1 and not several):
        raise ValueError("choice")
    return codes[0] if len(codes) == 1 else list(codes)
