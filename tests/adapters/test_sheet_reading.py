"""Tables as spreadsheets of both languages write them, and files that only look like one."""

import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped] # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.adapters.sealing import SealBrokenError, seal, unseal
from portal.adapters.sheet_reading import SheetFault, SheetRefusedError, read_sheet
from portal.adapters.spreadsheets import Cell as Written
from portal.adapters.spreadsheets import Column, write_csv, write_workbook
from portal.domain.enrolment_sheet import Flaw
from tests.conftest import NOW

TEXT = "Numéro{0}Langue\r\n01-001{0}français\r\n"
ROWS = [["Numéro", "Langue"], ["01-001", "français"]]


def workbook(rows: list[list[Any]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.create_sheet("Notes").append(["another sheet"])
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_is_read_as_any_spreadsheet_writes_it(separator: str, encoding: str) -> None:
    assert read_sheet(TEXT.format(separator).encode(encoding)) == ROWS


def test_csv_may_name_its_separator_and_hold_lines_within_a_cell() -> None:
    assert read_sheet(b'sep=;\r\na;"b, c, d"\r\n\r\n"e\nf";2\r\n') == [["a", "b, c, d"], [], ["e\nf", "2"]]


def test_what_is_calculated_or_an_error_is_no_value_and_our_own_apostrophe_goes() -> None:
    row = read_sheet(b"a;b\r\n=1+1;#DIV/0!;#VALEUR!;'+33 6;'=1;'a;+33 6;#1\r\n")[1]
    assert row == [Flaw.FORMULA, Flaw.ERROR, Flaw.ERROR, "+33 6", "=1", "'a", "+33 6", "#1"]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b" \r\n", SheetFault.EMPTY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", SheetFault.OLD),
        (b"a;b\r\n\x81;\xe9", SheetFault.LETTERS),
        (b'a;b\r\n"c;d', SheetFault.QUOTES),
        (b"a;b\r\n\0;d", SheetFault.UNREADABLE),
        (b"a;b" + b"\n" * 5_001, SheetFault.LONG),
        (workbook([["a"], *[["b"]] * 5_001]), SheetFault.LONG),
        (workbook([["a"], [None] * 60 + ["far to the right"]]), SheetFault.UNREADABLE),
        (b"PK\x03\x04 and then nothing", SheetFault.UNREADABLE),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(data: bytes, fault: SheetFault) -> None:
    with pytest.raises(SheetRefusedError) as refusal:
        read_sheet(data)
    assert refusal.value.fault is fault


def test_a_workbook_is_read_with_its_types_and_its_rows_as_they_are_counted() -> None:
    day = date(2027, 3, 1)
    moment = datetime(2027, 3, 1, 10, 5)  # noqa: DTZ001 - Excel knows no zones
    data = workbook([[], ["a", None, "c"], [], ["=1+1", "#N/A", day, moment, 7, 1.5, " x ", True]])
    assert read_sheet(data)[1:] == [
        ["a", None, "c", None, None, None, None, None],
        [None] * 8,
        [Flaw.FORMULA, Flaw.ERROR, day, moment, 7, 1.5, "x", "TRUE"],
    ]


def changed(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The same workbook, with something else in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for each in parts.namelist():
            body = parts.read(each)
            made.writestr(each, body.replace(old, new) if each == name else body)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'),
        (SHEET, b"</sheetData>", b"<row/>" * 12_000_000 + b"</sheetData>"),  # 72 MB, packed into some 70 kB
        (SHEET, b'<c r="A1"', b'<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c><c r="A1"'),
        (SHEET, b"</sheetData>", b""),
        ("xl/workbook.xml", b"<sheet ", b"<leaf "),
    ],
    ids=["document type", "bomb", "far cell", "broken", "no sheet"],
)
def test_a_hostile_workbook_ends_its_own_process_and_nothing_else(part: str, old: bytes, new: bytes) -> None:
    data = changed(workbook([["a"]]), part, old, new)
    assert len(data) < 1_000_000
    with pytest.raises(SheetRefusedError) as refusal:
        read_sheet(data)
    assert refusal.value.fault is SheetFault.UNREADABLE


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_the_portal_writes_it_reads(tmp_path: Path, language: str) -> None:
    rows: list[list[Written]] = [["01-001", "français", date(2027, 3, 1), "+33 1 99 00 21 35"], [None, "English"]]
    padded = [[*row, *[None] * (4 - len(row))] for row in rows]
    columns = [Column(name) for name in "abcd"]
    with (tmp_path / "list.xlsx").open("wb") as out:
        write_workbook(out, "Patients", columns, padded, language=language, at=NOW)
    assert read_sheet((tmp_path / "list.xlsx").read_bytes())[1:] == padded
    written = io.BytesIO()
    write_csv(written, columns, padded, language=language)
    as_text = [[each.isoformat() if isinstance(each, date) else each for each in row] for row in padded]
    assert read_sheet(written.getvalue())[1:] == as_text


@given(st.binary(max_size=200))
def test_no_bytes_at_all_do_more_than_be_refused(data: bytes) -> None:
    if data.startswith(b"PK\x03\x04"):
        return
    try:
        rows = read_sheet(data)
    except SheetRefusedError:
        return
    assert all(isinstance(cell, str | None) for row in rows for cell in row)


def test_what_is_sealed_is_read_by_nobody_else_for_nothing_else_and_not_for_ever() -> None:
    sealed = seal(b"she@example.org", secret="a secret", purpose="a", at=NOW)
    assert "example" not in sealed
    hour = timedelta(hours=1)
    assert unseal(sealed, secret="a secret", purpose="a", within=hour, at=NOW + hour) == b"she@example.org"
    for secret, purpose, text, at in (
        ("another", "a", sealed, NOW),
        ("a secret", "b", sealed, NOW),
        ("a secret", "a", sealed[:-3] + "abc", NOW),
        ("a secret", "a", "", NOW),
        ("a secret", "a", sealed, NOW + hour + timedelta(seconds=1)),
    ):
        with pytest.raises(SealBrokenError):
            unseal(text, secret=secret, purpose=purpose, within=hour, at=at)
