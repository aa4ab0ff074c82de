"""Tables as files that a spreadsheet opens: CSV in the habits of each language, and XLSX with real types.

A cell's own type says what it is: text, a number, a day, an instant (shown on the clock of its own zone), or nothing.
"""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

Cell = str | int | float | Decimal | date | None

_COULD_BE_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARK = "'"


class WorkbookFailedError(Exception):
    """The XLSX could not be written; the text says how its writer ended."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in characters, and how many decimals XLSX shows (None: as many as there are)."""

    heading: str
    width: int = 12
    places: int | None = None


def write_csv(out: BinaryIO, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, language: str) -> int:
    """Write UTF-8 with its mark (BOM) and CRLF; gives the number of rows.

    French: semicolons between cells and a decimal comma; else commas and a point. Days and instants are ISO 8601.
    """
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    comma = language.startswith("fr")
    writer = csv.writer(text, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow([neutralised(column.heading) for column in columns])
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number is the result
        writer.writerow([_shown(cell, comma) for cell in row])
    text.detach()  # the file is the caller's to close
    return count


def write_workbook(
    out: BinaryIO, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, language: str, at: datetime
) -> int:
    """Write an XLSX of one sheet into `out`, a real file; gives the number of rows.  Raises WorkbookFailedError.

    A process of its own writes it (portal.adapters.workbooks): the library would stay in a web worker's memory.
    """
    head = {"title": title, "language": language, "at": at.isoformat(), "columns": [asdict(each) for each in columns]}
    out.flush()
    writer = subprocess.Popen(
        [sys.executable, "-m", "portal.adapters.workbooks"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=out,
        text=True,
        encoding="utf-8",
    )
    count = 0
    pipe = writer.stdin
    assert pipe is not None
    try:
        pipe.write(json.dumps(head) + "\n")
        for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number is the result
            pipe.write(json.dumps([_packed(cell) for cell in row]) + "\n")
    except BrokenPipeError:
        pass  # it has ended already; its exit code says so below
    except BaseException:
        writer.kill()
        raise
    finally:
        with suppress(BrokenPipeError):
            pipe.close()
        ended = writer.wait()
    if ended:
        raise WorkbookFailedError(f"the writer of the workbook ended with {ended}")
    return count


def could_be_formula(text: str) -> bool:
    """Whether a spreadsheet might take a text for a formula, or for the end of the cell before it."""
    return text.startswith(_COULD_BE_FORMULA)


def neutralised(text: str) -> str:
    """Put an apostrophe before a text that could be a formula, and before one that starts with an apostrophe.

    So the first apostrophe of a cell is always ours, and the text can be had back.
    """
    return _MARK + text if could_be_formula(text) or text.startswith(_MARK) else text


def _shown(cell: Cell, comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return neutralised(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    number = _number(cell)
    shown = f"{number:f}" if isinstance(number, Decimal) else repr(number)
    return shown.replace(".", ",") if comma else shown


def _packed(cell: Cell) -> object:
    if isinstance(cell, datetime):
        return {"moment": cell.replace(tzinfo=None, second=0, microsecond=0).isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    if cell is None or isinstance(cell, str):
        return cell
    number = _number(cell)
    return float(number) if isinstance(number, Decimal) else number


def _number(value: float | Decimal) -> int | float | Decimal:
    """Refuse what no cell can hold as a number: true, false, infinity, and what is none."""
    if isinstance(value, bool) or not Decimal(value).is_finite():
        raise ValueError(f"{value!r} is no number for a cell")
    return value
