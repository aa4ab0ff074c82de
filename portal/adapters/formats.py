"""Numbers, dates and hours as a reader of each language expects them; template filters on screens and in PDFs."""

import base64
import re
from collections.abc import Callable
from datetime import date, datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location
from markupsafe import Markup

from portal.domain.rounding import exact, show

NARROW = "\u202f"
MINUS = "\u2212"


def number(value: float | Fraction | None, places: int = 2, *, locale: str) -> str:
    """Show `value` with `places` decimals, half up; decimal comma in French, a true minus sign; None is a dash."""
    if value is None:
        return "–"
    text = str(show(exact(value) if isinstance(value, float) else value, places))
    if text.startswith("-"):
        text = MINUS + text[1:]
    return text.replace(".", ",") if locale.startswith("fr") else text


def change(value: float | Fraction | None, places: int = 2, *, locale: str) -> str:
    """Show a difference with its sign: +4, −0.25, ±0."""
    if value is None:
        return "–"
    shown = number(value, places, locale=locale)
    if shown.strip("0.,") == "":
        return f"±{shown}"
    return shown if shown.startswith(MINUS) else f"+{shown}"


def share(value: Fraction | None, *, locale: str) -> str:
    """Show a share of 1 in whole hundredths: 67 %, in English 67%; None is a dash."""
    if value is None:
        return "–"
    return f"{show(value * 100, 0)}{NARROW if locale.startswith('fr') else ''}%"


def day(value: date, *, locale: str) -> str:
    """Show a day in full: 3 mars 2027, 3 March 2027; its parts never part at a line's end."""
    return _first_of_month(value, format_date(value, "d MMMM y", locale=locale), locale).replace(" ", "\u00a0")


def weekday(value: date, *, locale: str) -> str:
    """Show a day with its weekday, short: mer. 3 mars, Wed 3 March."""
    return _first_of_month(value, format_date(value, "EEE d MMMM", locale=locale), locale).replace(" ", "\u00a0")


def _first_of_month(value: date, shown: str, locale: str) -> str:
    """Write the first as French does, 1er mars; the library knows only 1 mars."""
    return re.sub(r"\b1 ", "1er ", shown) if value.day == 1 and locale.startswith("fr") else shown


def hour(value: datetime, zone: ZoneInfo, *, locale: str) -> str:
    """Show an instant's hour on the 24-hour clock in `zone`: 14:02, in French 14 h 02."""
    return time_of_day(value.astimezone(zone).time(), locale=locale)


def time_of_day(value: time, *, locale: str) -> str:
    """Show an hour of a day on the 24-hour clock: 09:30, in French 9 h 30."""
    return f"{value:%-H}\u00a0h\u00a0{value:%M}" if locale.startswith("fr") else f"{value:%H:%M}"


def moment(value: datetime, zone: ZoneInfo, *, locale: str) -> str:
    """Show an instant as day, hour and zone: 3 mars 2027, 14 h 02 (Paris)."""
    local = value.astimezone(zone)
    city = get_timezone_location(zone, locale=locale, return_city=True)
    return f"{day(local.date(), locale=locale)}, {hour(value, zone, locale=locale)} ({city})"


def data_uri(svg: str) -> Markup:
    """Wrap an SVG picture for an <img>: inline <svg> would break the accessibility of the PDF."""
    return Markup("data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii"))  # noqa: S704 - base64 holds no markup


FILTERS: dict[str, Callable[..., str]] = {
    "number": number,
    "change": change,
    "share": share,
    "day": day,
    "weekday": weekday,
    "hour": hour,
    "time_of_day": time_of_day,
    "moment": moment,
}
"""Filters that take the reader's locale; each environment binds it."""
