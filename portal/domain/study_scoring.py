"""The parts of study.toml that an instrument decides on: thresholds per scale and options of scoring."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from portal.domain import instruments
from portal.domain.checked_table import CheckedTable, propose, show
from portal.domain.instruments.options import InvalidOption


def read_thresholds(table: CheckedTable, codes: tuple[str, ...]) -> dict[str, dict[str, Fraction]]:
    """Read from which change each scale matters: the instrument's own thresholds, and the file's in their place."""
    found = {}
    given = _by_instrument(table, "thresholds", codes)
    for code in codes:
        scales = {scale.code: scale for scale in instruments.get(code).scales}
        values = {scale.code: scale.threshold for scale in scales.values() if scale.threshold is not None}
        for name, value in given.get(code, {}).items():
            key = f"thresholds.{code}.{name}"
            if name not in scales:
                table.fault(key, f"is no scale of {code}", propose(name, scales))
            elif (number := _as_fraction(value)) is None or not 0 < number <= scales[name].high - scales[name].low:
                what = f"Give a number above 0 and at most {scales[name].high - scales[name].low}"
                table.fault(key, f"{show(value)} is no difference on this scale", what)
            else:
                values[name] = number
        found[code] = values
    return found


def read_scoring(table: CheckedTable, codes: tuple[str, ...]) -> dict[str, Mapping[str, object]]:
    """Read each instrument's scoring options, all of them: the defaults stand where the file says nothing."""
    found: dict[str, Mapping[str, object]] = {}
    given = _by_instrument(table, "scoring", codes)
    for code in codes:
        instrument = instruments.get(code)
        options: dict[str, object] = dict(instrument.parse_options())
        known = [spec.name for spec in instrument.option_specs]
        for name, value in given.get(code, {}).items():
            key = f"scoring.{code}.{name}"
            try:
                options[name] = instrument.parse_options({name: value})[name]
            except InvalidOption as error:
                if name in known:
                    table.fault(key, f"{show(value)} is not allowed", f"Give {error.allowed}")
                else:
                    table.fault(key, f"is no scoring option of {code}", propose(name, known))
        found[code] = options
    return found


def _by_instrument(table: CheckedTable, key: str, codes: tuple[str, ...]) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    given = table.values.get(key, {})
    if not isinstance(given, Mapping):
        table.fault(key, f"must be a table, not {show(given)}", f"Write [{key}.{'DLQI'}]")
        return found
    for code, values in given.items():
        if code not in codes:
            table.fault(f"{key}.{code}", "is none of the study's instruments", propose(code, codes))
        elif not isinstance(values, Mapping):
            table.fault(f"{key}.{code}", f"must be a table, not {show(values)}", f"Write [{key}.{code}]")
        else:
            found[code] = values
    return found


def _as_fraction(value: object) -> Fraction | None:
    """Take a number as it is written: 0.14 is 14/100, not the nearest binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return Fraction(number) if number.is_finite() and -9 <= int(number.as_tuple().exponent) <= 9 else None
