"""The table by which many are enrolled at once: its columns, and what each cell says or what is wrong with it; pure.

Nothing is guessed: a day that could be two days, a cell that is calculated and a heading that is not known are faults.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from portal.domain.enrolment_columns import Column, find_column, plain


class Flaw(StrEnum):
    """A cell that holds no value of its own: it is calculated, or shows an error."""

    FORMULA = "formula"
    ERROR = "error"


Cell = str | int | float | date | Flaw | None


REQUIRED = (Column.LANGUAGE, Column.DAY)

_LANGUAGES = {"fr": "fr", "french": "fr", "francais": "fr", "en": "en", "english": "en", "anglais": "en"}

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


class What(StrEnum):
    """What is wrong: of the whole file, of its headings, of a cell, or of two lines that do not go together."""

    NO_LINES = "no-lines"
    TOO_MANY = "too-many"
    COLUMN_MISSING = "column-missing"
    COLUMN_UNKNOWN = "column-unknown"
    COLUMN_TWICE = "column-twice"
    BESIDE = "beside"
    FORMULA = "formula"
    ERROR = "error"
    MISSING = "missing"
    FORM = "form"
    CHECK = "check"
    TAKEN = "taken"
    TWICE = "twice"
    IMPOSSIBLE = "impossible"
    AMBIGUOUS = "ambiguous"
    FAR = "far"
    NO_KEY = "no-key"
    DIGITS = "digits"


@dataclass(frozen=True)
class Fault:
    """One thing wrong: on which row of the file (counted from 1, as a spreadsheet does), in which column, and what.

    about: a heading, or the number of the row that says the same; never what stands in a cell.
    """

    what: What
    row: int = 1
    column: Column | None = None
    about: str = ""


@dataclass
class Line:
    """One participant to be enrolled, as her row says; None where it says nothing, or nothing sound."""

    row: int
    participant_number: str | None = None
    language: str | None = None
    included_on: date | None = None
    email: str | None = field(default=None, repr=False)
    telephone: str | None = field(default=None, repr=False)


@dataclass
class Sheet:
    """What was read of a table: its lines in their order, and every fault so far."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read(rows: Sequence[Sequence[Cell]], *, languages: Iterable[str], most: int) -> Sheet:
    """Read a table whose first row that is not empty holds the headings; empty rows are passed over.

    languages: the study's.  most: how many lines may be enrolled at once.
    """
    sheet = Sheet()
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(_is_filled(cell) for cell in row)]
    if len(filled) < 2:
        sheet.faults.append(Fault(What.NO_LINES))
        return sheet
    (head_row, head), *body = filled
    if len(body) > most:
        sheet.faults.append(Fault(What.TOO_MANY, about=str(len(body))))
        return sheet
    places = _places(head, head_row, sheet.faults)
    if sheet.faults:
        return sheet
    day_first = any(_shows_day_first(row[place]) for _, row in body for place in _at(places, Column.DAY, row))
    for number, row in body:
        if any(_is_filled(cell) for place, cell in enumerate(row) if place not in places):
            sheet.faults.append(Fault(What.BESIDE, number))
        cells = {column: row[place] for place, column in places.items() if place < len(row)}
        sheet.lines.append(_line(number, cells, set(languages), day_first, sheet.faults))
    sheet.faults += _repeated(sheet.lines)
    return sheet


def read_day(cell: Cell, *, day_first: bool = False) -> date | What:
    """Give the day that a cell says, or what is wrong with it.

    day_first: another cell has shown that of two numbers between slashes the first is the day.
    """
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time(0) else What.FORM
    if isinstance(cell, date):
        return cell
    return _written_day(cell, day_first=day_first) if isinstance(cell, str) else What.FORM


def _written_day(text: str, *, day_first: bool) -> date | What:
    if found := _ISO.fullmatch(text):
        return _day(found[3], found[2], found[1])
    if found := _DOTTED.fullmatch(text):
        return _day(found[1], found[2], found[3])
    found = _SLASHED.fullmatch(text)
    if found is None:
        return What.FORM
    first, second = int(found[1]), int(found[2])
    if not day_first and first != second and first <= 12 and second <= 12:
        return What.AMBIGUOUS
    return _day(found[1], found[2], found[3])


def _day(day: str, month: str, year: str) -> date | What:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return What.IMPOSSIBLE


def _shows_day_first(cell: Cell) -> bool:
    found = _SLASHED.fullmatch(cell) if isinstance(cell, str) else None
    if found is None or int(found[1]) <= 12:
        return False
    return isinstance(_day(found[1], found[2], found[3]), date)


def _places(head: Sequence[Cell], row: int, faults: list[Fault]) -> dict[int, Column]:
    """Give which column stands where; a column without a heading is found when something stands in it."""
    places: dict[int, Column] = {}
    for place, cell in enumerate(head):
        if not _is_filled(cell):
            continue
        column = find_column(_text(cell)) if not isinstance(cell, Flaw) else None
        if column is None:
            faults.append(Fault(What.COLUMN_UNKNOWN, row, about="" if isinstance(cell, Flaw) else _text(cell)[:60]))
        elif column in places.values():
            faults.append(Fault(What.COLUMN_TWICE, row, column, _text(cell)[:60]))
        else:
            places[place] = column
    faults += [Fault(What.COLUMN_MISSING, row, column) for column in REQUIRED if column not in places.values()]
    return places


def _at(places: Mapping[int, Column], wanted: Column, row: Sequence[Cell]) -> list[int]:
    return [place for place, column in places.items() if column is wanted and place < len(row)]


def _line(row: int, cells: Mapping[Column, Cell], languages: set[str], day_first: bool, faults: list[Fault]) -> Line:
    line = Line(row)
    for column in Column:
        cell = cells.get(column)
        if isinstance(cell, Flaw):
            faults.append(Fault(What(cell.value), row, column))
        elif not _is_filled(cell):
            faults += [Fault(What.MISSING, row, column)] if column in REQUIRED else []
        else:
            value = _value(column, cell, languages, day_first)
            if isinstance(value, What):
                faults.append(Fault(value, row, column))
            else:
                setattr(line, column.value, value)
    return line


def _value(column: Column, cell: Cell, languages: set[str], day_first: bool) -> str | date | What:
    if column is Column.DAY:
        return read_day(cell.strip() if isinstance(cell, str) else cell, day_first=day_first)
    if isinstance(cell, date):
        return What.FORM
    text = _text(cell)
    if column is Column.LANGUAGE:
        found = _LANGUAGES.get(plain(text))
        return found if found in languages and found is not None else What.FORM
    if column is Column.TELEPHONE:
        # A spreadsheet that took it for a number has dropped its + or its first 0: nobody can tell which.
        return text if text.startswith(("+", "0")) and isinstance(cell, str) else What.DIGITS
    return text.upper() if column is Column.NUMBER else text


def _repeated(lines: Sequence[Line]) -> list[Fault]:
    """Find numbers and addresses that stand on two lines; a telephone may be shared by a household."""
    faults = []
    for column in (Column.NUMBER, Column.EMAIL):
        first: dict[str, int] = {}
        for line in lines:
            value = getattr(line, column.value)
            if value is None:
                continue
            before = first.setdefault(value.casefold(), line.row)
            if before != line.row:
                faults.append(Fault(What.TWICE, line.row, column, str(before)))
    return faults


def _is_filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
