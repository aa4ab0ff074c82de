"""A table of patients is read cell by cell: what it says is taken as it stands, and nothing is guessed."""

from datetime import date, datetime

import pytest

from portal.domain.enrolment_columns import Column, find_column
from portal.domain.enrolment_sheet import Cell, Fault, Flaw, What, read, read_day

HEAD: list[Cell] = ["Numéro", "Langue", "Inclusion", "Courriel", "Téléphone"]


def faults_of(*rows: list[Cell], head: list[Cell] | None = None) -> list[Fault]:
    return read([head or HEAD, *rows], languages=("fr", "en"), most=5).faults


def test_a_line_says_who_is_enrolled_whatever_the_order_of_its_columns() -> None:
    sheet = read(
        [
            [],
            ["E-mail Address", "date d’inclusion", "LANGUAGE", "N° patient"],
            [" she@example.org ", "31/12/2027", "Français", "01-007"],
            [None, None, "  "],
            [None, date(2027, 3, 1), "en"],
        ],
        languages=("fr", "en"),
        most=5,
    )
    assert sheet.faults == []
    first, second = sheet.lines
    assert (first.row, first.participant_number, first.language) == (3, "01-007", "fr")
    assert (first.included_on, first.email, first.telephone) == (date(2027, 12, 31), "she@example.org", None)
    assert (second.row, second.participant_number, second.language) == (5, None, "en")
    assert "she@example.org" not in repr(first)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Participant number", Column.NUMBER),
        ("Numéro du patient", Column.NUMBER),
        ("Langue des questionnaires", Column.LANGUAGE),
        ("Jour de l’inclusion", Column.DAY),
        ("Jour d'inclusion", Column.DAY),
        ("Adresse e-mail", Column.EMAIL),
        ("TÉL.", Column.TELEPHONE),
        ("Name", None),
        ("Date of birth", None),
        ("Treatment", None),
    ],
)
def test_headings_are_known_in_both_languages_and_no_name_has_a_column(heading: str, column: Column | None) -> None:
    assert find_column(heading) is column


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2027-12-31", date(2027, 12, 31)),
        ("31/12/2027", date(2027, 12, 31)),
        ("31.12.2027", date(2027, 12, 31)),
        ("3.4.2027", date(2027, 4, 3)),  # nobody writes the month first with points
        ("05/05/2027", date(2027, 5, 5)),
        (date(2027, 3, 1), date(2027, 3, 1)),
        (datetime(2027, 3, 1, 0, 0), date(2027, 3, 1)),  # noqa: DTZ001 - spreadsheets know no zones
        (datetime(2027, 3, 1, 10, 5), What.FORM),  # noqa: DTZ001 - the same
        ("03/04/2027", What.AMBIGUOUS),
        ("12/31/2027", What.IMPOSSIBLE),
        ("29/02/2027", What.IMPOSSIBLE),
        ("2027-02-30", What.IMPOSSIBLE),
        ("0000-01-01", What.IMPOSSIBLE),
        ("31/12/27", What.FORM),
        ("12 March", What.FORM),
        (46447, What.FORM),
        (46447.0, What.FORM),
    ],
)
def test_a_day_is_a_day_or_a_fault(cell: Cell, said: date | What) -> None:
    assert read_day(cell) == said


def test_one_day_of_the_file_can_show_which_number_is_the_day() -> None:
    rows: list[list[Cell]] = [["", "fr", "03/04/2027"], ["", "fr", "31/12/2027"]]
    assert [line.included_on for line in read([HEAD, *rows], languages=["fr"], most=5).lines] == [
        date(2027, 4, 3),
        date(2027, 12, 31),
    ]
    assert faults_of(rows[0], ["", "fr", "12/31/2027"]) == [
        Fault(What.AMBIGUOUS, 2, Column.DAY),
        Fault(What.IMPOSSIBLE, 3, Column.DAY),
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["", None, "2027-03-01"], Fault(What.MISSING, 2, Column.LANGUAGE)),
        (["", "fr", " "], Fault(What.MISSING, 2, Column.DAY)),
        (["", "de", "2027-03-01"], Fault(What.FORM, 2, Column.LANGUAGE)),
        ([Flaw.FORMULA, "fr", "2027-03-01"], Fault(What.FORMULA, 2, Column.NUMBER)),
        (["", "fr", Flaw.ERROR], Fault(What.ERROR, 2, Column.DAY)),
        (["", "fr", "2027-03-01", "", 33601020304.0], Fault(What.DIGITS, 2, Column.TELEPHONE)),
        (["", "fr", "2027-03-01", "", "33601020304"], Fault(What.DIGITS, 2, Column.TELEPHONE)),
        (["", "fr", "2027-03-01", "", "", "beside"], Fault(What.BESIDE, 2)),
        ([date(2027, 3, 1), "fr", "2027-03-01"], Fault(What.FORM, 2, Column.NUMBER)),
    ],
)
def test_each_fault_is_named_with_its_row_and_column(row: list[Cell], fault: Fault) -> None:
    assert faults_of(row) == [fault]


def test_two_lines_do_not_share_a_number_or_an_address() -> None:
    first: list[Cell] = ["01-007", "fr", "2027-03-01", "she@example.org", "0601020304"]
    again: list[Cell] = ["01-007", "en", "2027-03-01", "She@Example.org", "0601020304"]
    assert faults_of(first, again) == [
        Fault(What.TWICE, 3, Column.NUMBER, "2"),
        Fault(What.TWICE, 3, Column.EMAIL, "2"),
    ]


def test_headings_must_be_there_once_and_known() -> None:
    line: list[Cell] = ["fr", "2027-03-01"]
    assert faults_of(line, head=["Langue", "Nom"]) == [
        Fault(What.COLUMN_UNKNOWN, 1, about="Nom"),
        Fault(What.COLUMN_MISSING, 1, Column.DAY),
    ]
    assert faults_of(line, head=["Langue", "Language"]) == [
        Fault(What.COLUMN_TWICE, 1, Column.LANGUAGE, "Language"),
        Fault(What.COLUMN_MISSING, 1, Column.DAY),
    ]
    assert faults_of(line, head=["Langue", Flaw.FORMULA])[0] == Fault(What.COLUMN_UNKNOWN, 1)


def test_a_file_without_lines_or_with_too_many_is_not_read() -> None:
    assert faults_of() == [Fault(What.NO_LINES)]
    assert faults_of([None, " "]) == [Fault(What.NO_LINES)]
    line: list[Cell] = ["", "fr", "2027-03-01"]
    assert faults_of(*[line] * 6) == [Fault(What.TOO_MANY, about="6")]
