"""Spreadsheets keep what they are given, whatever it is: numbers stay numbers, and no text becomes a formula."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl  # type: ignore[import-untyped] # ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.adapters import spreadsheets
from portal.adapters.spreadsheets import Cell, Column, write_csv, write_workbook

AT = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
HOSTILE = [
    '=HYPERLINK("http://evil.example","1")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "'=1+1",
    ";=1+1",
    'a";=1+1',
    'a","=1+1',
    "http://evil.example",
    "-",
    "1,5",
    "007",
    "été – « oui »",
    "",
]

# What a text of the portal can hold: anything but control characters; the two that break cells are among the hostile.
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=40),
    st.builds(str.__add__, st.sampled_from(DANGEROUS), st.text(st.characters(categories=["L", "N", "P"]), max_size=9)),
)
numbers = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(-1e300, 1e300),
    st.decimals(-1000, 1000, places=2, allow_nan=False),
)


def as_csv(rows: Sequence[Sequence[Cell]], language: str, columns: Sequence[Column] | None = None) -> bytes:
    out = io.BytesIO()
    write_csv(out, columns or [Column("a")] * len(rows[0]), rows, language=language)
    return out.getvalue()


def read_csv(data: bytes, language: str) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(
        csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";" if language == "fr" else ",")
    )


def as_workbook(path: Path, rows: Sequence[Sequence[Cell]], columns: Sequence[Column] | None = None) -> Any:
    with path.open("wb") as out:
        assert write_workbook(
            out, "Visites", columns or [Column("a")] * len(rows[0]), rows, language="fr", at=AT
        ) == len(rows)
    return openpyxl.load_workbook(path).active


def test_french_and_english_spreadsheets_get_what_each_opens_right() -> None:
    row: list[Cell] = [
        "01-001",
        Decimal("0.58"),
        -3,
        date(2027, 3, 3),
        datetime(2027, 3, 3, 10, 5, tzinfo=ZoneInfo("Europe/Paris")),
    ]
    assert as_csv([row], "fr") == "\ufeffa;a;a;a;a\r\n01-001;0,58;-3;2027-03-03;2027-03-03 10:05\r\n".encode()
    assert as_csv([row], "en") == "\ufeffa,a,a,a,a\r\n01-001,0.58,-3,2027-03-03,2027-03-03 10:05\r\n".encode()


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5), st.sampled_from(["fr", "en"]))
def test_no_text_in_a_csv_can_be_a_formula_and_each_can_be_had_back(rows: list[tuple[str, str]], language: str) -> None:
    _, *found = read_csv(as_csv(rows, language), language)
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [list(row) for row in rows]
    assert not any(cell.startswith(DANGEROUS) for row in found for cell in row)


@given(numbers, st.sampled_from(["fr", "en"]))
def test_a_number_stays_a_number_also_below_zero(value: float | Decimal, language: str) -> None:
    (cell,) = read_csv(as_csv([[value]], language), language)[1]
    assert ("." if language == "fr" else ",") not in cell
    assert Decimal(cell.replace(",", ".")) == Decimal(repr(value) if isinstance(value, float) else value)


def test_a_heading_is_neutralised_too() -> None:
    assert read_csv(as_csv([["x"]], "en", [Column("=1")]), "en")[0] == ["'=1"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="is no number"):
        as_csv([[value]], "en")


@settings(max_examples=8, deadline=None)  # each example is a workbook, written by a process of its own
@given(rows=st.lists(st.tuples(texts, numbers), min_size=12, max_size=30))
def test_a_workbook_holds_texts_as_texts_and_numbers_as_numbers(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float]]
) -> None:
    sheet = as_workbook(tmp_path_factory.mktemp("book") / "list.xlsx", rows)
    for (text, number), (first, second) in zip(rows, sheet.iter_rows(min_row=2, max_col=2), strict=True):
        assert first.data_type in {"s", "inlineStr", "n"}, "f would be a formula"
        assert first.hyperlink is None
        assert _normal(first.value or "") == _normal(text)
        assert first.quotePrefix is bool(text.startswith(DANGEROUS))
        assert second.data_type == "n"
        assert second.value == pytest.approx(float(number), rel=1e-14)


def test_a_workbook_holds_days_and_hours_as_such_and_prints_on_a4(tmp_path: Path) -> None:
    moment = datetime(2027, 3, 3, 10, 5, 7, tzinfo=ZoneInfo("Europe/Paris"))
    sheet = as_workbook(
        tmp_path / "list.xlsx",
        [[date(2027, 3, 3), moment, Decimal("0.58"), None]],
        [Column("Jour"), Column("Vu le"), Column("Score", places=2), Column("Rien")],
    )
    assert [cell.value for cell in sheet[1]] == ["Jour", "Vu le", "Score", "Rien"]
    day, hour, score, empty = sheet[2]
    assert (day.value, day.number_format) == (datetime(2027, 3, 3), "dd/mm/yyyy")  # noqa: DTZ001 - Excel knows no zones
    assert (hour.value, hour.number_format) == (datetime(2027, 3, 3, 10, 5), "dd/mm/yyyy hh:mm")  # noqa: DTZ001 - Excel knows no zones
    assert (score.value, empty.value) == (0.58, None)
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("Visites", "A2", "A1:D2")
    assert (sheet.page_setup.paperSize, sheet.print_title_rows) == (9, "$1:$1")


def test_a_row_that_cannot_be_written_breaks_off_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(spreadsheets.WorkbookFailedError, match="ended with 1"):
        as_workbook(tmp_path / "list.xlsx", [["x" * 40_000]])


def test_rows_that_fail_midway_leave_no_process_behind(tmp_path: Path) -> None:
    def rows() -> Any:
        yield ["x"]
        raise LookupError("the store is gone")

    with (tmp_path / "list.xlsx").open("wb") as out, pytest.raises(LookupError):
        write_workbook(out, "List", [Column("a")], rows(), language="en", at=AT)


def _normal(text: str) -> str:
    """Line ends are all one to a workbook."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "\n"))
