"""Reads the first sheet of an XLSX: `python -m portal.adapters.workbook_reading` takes it on stdin, gives JSON lines.

Each line is a row of null, text, numbers, {"day": ISO}, {"moment": ISO, without a zone} and {"flaw": "formula" or
"error"}. Whatever cannot be read ends it with an exit code; so do its limits on memory and time.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineWorkbook

_MEMORY = 512 * 1024 * 1024  # bytes
_SECONDS = 20  # of the processor
_MOST_ROWS = 5_001  # one more than is taken, so that it shows
_MOST_COLUMNS = 50  # more is no list of patients
_MOST_BYTES = 64 * 1024 * 1024  # of one part of the file, once unpacked
_PIECE = 64 * 1024
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class BadWorkbookError(Exception):
    """The file is no workbook that a spreadsheet writes."""


def read(data: bytes) -> Iterator[list[Any]]:
    """Give the rows of the first sheet, from its first row on, each cell as JSON can hold it."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        flaws = _flaws(parts, _first_sheet(parts))
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        # What lies above and left of the first cell belongs to the sheet: rows are counted as the spreadsheet does.
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=_MOST_ROWS)
    for number, row in enumerate(islice(rows, _MOST_ROWS), start=1):
        if len(row) > _MOST_COLUMNS and any(cell != "" for cell in row[_MOST_COLUMNS:]):
            raise BadWorkbookError("columns")
        yield [flaws.get((number, place), _packed(cell)) for place, cell in enumerate(row[:_MOST_COLUMNS], start=1)]


def _packed(cell: object) -> Any:
    match cell:
        case "" | None:
            return None
        case bool():
            return str(cell).upper()
        case str() | int() | float():
            return cell
        case datetime():
            return {"moment": cell.isoformat()}
        case date():
            return {"day": cell.isoformat()}
        case _:
            return str(cell)


def _first_sheet(parts: zipfile.ZipFile) -> str:
    """Give the part that holds the first sheet of the workbook's own order."""
    sheets: list[str] = []
    targets: dict[str, str] = {}

    def note(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            sheets.extend(value for key, value in attributes.items() if key.rpartition(":")[2] == "id")
        if name == "Relationship":
            targets[attributes["Id"]] = attributes["Target"]

    _parse(parts, "xl/workbook.xml", note)
    _parse(parts, "xl/_rels/workbook.xml.rels", note)
    target = targets[sheets[0]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _flaws(parts: zipfile.ZipFile, sheet: str) -> dict[tuple[int, int], Any]:
    """Give, by row and column from 1, the cells that are calculated or show an error: the library tells neither."""
    flaws: dict[tuple[int, int], Any] = {}
    row = column = 0

    def note(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        kind = name.rpartition(":")[2]
        if kind == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif kind == "c":
            found = _PLACE.fullmatch(attributes.get("r", ""))
            row, column = (int(found[2]), _number(found[1])) if found else (row, column + 1)
            if attributes.get("t") == "e":
                flaws[row, column] = {"flaw": "error"}
        elif kind == "f":
            flaws[row, column] = {"flaw": "formula"}

    _parse(parts, sheet, note)
    return flaws


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _parse(parts: zipfile.ZipFile, name: str, note: Any) -> None:
    def refuse(*_declared: object) -> None:
        raise BadWorkbookError(name)

    parser = expat.ParserCreate()
    parser.StartElementHandler = note
    parser.StartDoctypeDeclHandler = refuse
    read = 0
    with parts.open(name) as part:
        while piece := part.read(_PIECE):
            read += len(piece)
            if read > _MOST_BYTES:
                raise BadWorkbookError(name)
            parser.Parse(piece, False)
    parser.Parse(b"", True)


def main() -> None:
    """Read from stdin, within limits, and write to stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold what was read
    for row in read(sys.stdin.buffer.read()):
        sys.stdout.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
