"""Any answers, and any options, that an instrument accepts."""

from typing import Any

from hypothesis import strategies as st

from portal.domain.instruments.model import Instrument, Item, ItemType
from portal.domain.instruments.options import OptionKind, OptionSpec


def values(item: Item) -> st.SearchStrategy[Any]:
    if item.type is ItemType.CHOICE:
        codes = st.sampled_from([option.code for option in item.options])
        return codes | st.lists(codes, min_size=1, max_size=3)
    if item.type is ItemType.VAS:
        return st.integers(0, 100)
    return st.booleans() if item.type is ItemType.TICK else st.just("another thing")


def responses(instrument: Instrument) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={item.link_id: st.none() | values(item) for item in instrument.items})


def choices(spec: OptionSpec) -> st.SearchStrategy[Any]:
    if spec.kind is OptionKind.FLAG:
        return st.booleans()
    if spec.kind is OptionKind.INTEGER:
        return st.integers(int(spec.allowed[0]), int(spec.allowed[1]))
    return st.sampled_from(spec.allowed)


def options(instrument: Instrument) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={spec.name: choices(spec) for spec in instrument.option_specs})
