"""Reads a table that somebody has made in a spreadsheet: CSV as any of them writes it, or the first sheet of an XLSX.

Nothing touches the disk. An XLSX is read by a process of its own (portal.adapters.workbook_reading), with a limit on
its memory and its time: the library would stay in a web worker, and a file of a few kilobytes can hold a gigabyte.
"""

import codecs
import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from portal.adapters.spreadsheets import could_be_formula
from portal.domain.enrolment_sheet import Cell, Flaw

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SEPARATORS = ";,\t"
_SEPARATOR_LINE = re.compile(r"sep=([;,\t])\r?\n", re.IGNORECASE)
_FIRST_LINE = re.compile(r"[^\r\n]*\S[^\r\n]*")
_MOST_ROWS = 5_000  # empty ones included: a megabyte of them would be many in memory
_ERROR = re.compile(r"#(DIV/0!|N/A|REF!|NAME\?|NOM\?|VALUE!|VALEUR!|NUM!|NOMBRE!|NULL!|NUL!)")
_MARK = "'"
_SECONDS = 30


class SheetFault(StrEnum):
    """Why a file cannot be read.

    EMPTY       there is nothing in it
    OLD         an old workbook (.xls), or one with a password
    LETTERS     its letters are of no alphabet that spreadsheets write
    QUOTES      a quotation mark was opened and never closed
    LONG        it has more rows than any list of patients
    UNREADABLE  it is no table, or broken
    """

    EMPTY = "empty"
    OLD = "old"
    LETTERS = "letters"
    QUOTES = "quotes"
    LONG = "long"
    UNREADABLE = "unreadable"


class SheetRefusedError(Exception):
    """A file that cannot be read; `fault` says why, and nothing quotes what is in it."""

    def __init__(self, fault: SheetFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def read_sheet(data: bytes) -> list[list[Cell]]:
    """Give the rows of a table, as its own rows are counted, each as long as it is.  Raises SheetRefusedError."""
    if not data.strip():
        raise SheetRefusedError(SheetFault.EMPTY)
    if data.startswith(_OLE):
        raise SheetRefusedError(SheetFault.OLD)
    return _read_workbook(data) if data.startswith(_ZIP) else _read_csv(data)


def _read_csv(data: bytes) -> list[list[Cell]]:
    text = _decoded(data)
    if "\0" in text:
        raise SheetRefusedError(SheetFault.UNREADABLE)
    said = _SEPARATOR_LINE.match(text)
    text = text[said.end() :] if said else text
    found = _FIRST_LINE.search(text)
    first = found[0] if found else ""
    separator = said[1] if said else max(_SEPARATORS, key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows = _few_enough([[_cell_of_text(cell) for cell in row] for row in islice(reader, _MOST_ROWS + 1)])
    except csv.Error:
        raise SheetRefusedError(SheetFault.QUOTES) from None
    return rows


def _few_enough(rows: list[list[Cell]]) -> list[list[Cell]]:
    if len(rows) > _MOST_ROWS:
        raise SheetRefusedError(SheetFault.LONG)
    return rows


def _decoded(data: bytes) -> str:
    """Read the letters: as the mark at the beginning says, else UTF-8, else as Windows writes in western Europe."""
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if is_wide else ["utf-8-sig", "cp1252"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetRefusedError(SheetFault.LETTERS)


def _cell_of_text(text: str) -> Cell:
    text = text.strip()
    if text.startswith("="):
        return Flaw.FORMULA
    if _ERROR.fullmatch(text):
        return Flaw.ERROR
    # An apostrophe before what could be a formula is ours, or the spreadsheet's (portal.adapters.spreadsheets).
    bare = text.removeprefix(_MARK)
    return (bare if could_be_formula(bare) else text) or None


def _read_workbook(data: bytes) -> list[list[Cell]]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "portal.adapters.workbook_reading"],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what it says may quote what it read
            timeout=_SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise SheetRefusedError(SheetFault.UNREADABLE) from None
    return _few_enough([[_unpacked(cell) for cell in json.loads(line)] for line in done.stdout.splitlines()])


def _unpacked(cell: Any) -> Cell:
    match cell:
        case {"day": day}:
            return date.fromisoformat(day)
        case {"moment": moment}:
            return datetime.fromisoformat(moment)
        case {"flaw": flaw}:
            return Flaw(flaw)
        case str():
            return cell.strip() or None
        case None | int() | float():
            return cell
        case _:
            raise SheetRefusedError(SheetFault.UNREADABLE)
