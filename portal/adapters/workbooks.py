"""Writes one sheet as XLSX: `python -m portal.adapters.workbooks` reads JSON lines and writes the file to stdout.

The first line is {"title", "language", "at", "columns": [{"heading", "width", "places"}]}; each line after it is a
row of null, text, numbers, {"day": ISO} and {"moment": ISO, without a zone}. stdout must be a real file.
"""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

import xlsxwriter  # type: ignore[import-untyped] # ships no types

from portal.adapters.spreadsheets import could_be_formula

_A4 = 9  # the format's own number for the paper
_LONGEST_NAME = 31  # of a sheet, in Excel
_LONGEST_TEXT = 32_767  # of a cell, in Excel
_DAYS = {"fr": "dd/mm/yyyy", "en": "d mmm yyyy"}


def write(lines: Iterable[str], out: BinaryIO) -> None:
    """Write the sheet; memory stays flat, however many rows there are."""
    lines = iter(lines)
    head = json.loads(next(lines))
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    book.set_properties({"title": head["title"], "created": datetime.fromisoformat(head["at"]).astimezone(UTC)})
    sheet = book.add_worksheet(head["title"][:_LONGEST_NAME])
    formats = _Formats(book, head["language"])
    for place, column in enumerate(head["columns"]):
        sheet.set_column(place, place, column["width"], formats.number(column["places"]))
    _lay_out(sheet, len(head["columns"]))
    _write_row(sheet, 0, [column["heading"] for column in head["columns"]], formats, formats.bold)
    last = 0
    for last, line in enumerate(lines, start=1):
        _write_row(sheet, last, json.loads(line), formats)
    sheet.autofilter(0, 0, last, len(head["columns"]) - 1)
    book.close()


class _Formats:
    def __init__(self, book: Any, language: str) -> None:
        day = _DAYS.get(language, "yyyy-mm-dd")
        self._book = book
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.day = book.add_format({"num_format": day, "align": "left"})
        self.moment = book.add_format({"num_format": f"{day} hh:mm", "align": "left"})
        self.plain_text = book.add_format({"quote_prefix": True})

    def number(self, places: int | None) -> Any:
        """Give the format of a column of numbers, None when they show as they are."""
        return None if places is None else self._book.add_format({"num_format": f"0.{'0' * places}".rstrip(".")})


def _lay_out(sheet: Any, columns: int) -> None:
    """Keep the headings in view, and print on A4 with all columns on the page and the headings on each."""
    sheet.freeze_panes(1, 0)
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")
    if columns > 5:
        sheet.set_landscape()


def _write_row(sheet: Any, row: int, cells: list[Any], formats: _Formats, form: Any = None) -> None:
    for place, cell in enumerate(cells):
        match cell:
            case None:
                continue
            case str() if len(cell) > _LONGEST_TEXT:
                raise ValueError("a text is longer than a cell can hold")
            case str():
                # never `write`, which makes formulas, links and numbers of texts
                inert = formats.plain_text if form is None and could_be_formula(cell) else form
                done = sheet.write_string(row, place, cell, inert)
            case {"day": day}:
                done = sheet.write_datetime(row, place, date.fromisoformat(day), formats.day)
            case {"moment": moment}:
                done = sheet.write_datetime(row, place, datetime.fromisoformat(moment), formats.moment)
            case _:
                done = sheet.write_number(row, place, cell)
        if done:
            raise ValueError(f"cell {place} of row {row} could not be written")


if __name__ == "__main__":
    write(sys.stdin, sys.stdout.buffer)
