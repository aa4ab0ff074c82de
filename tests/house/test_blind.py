"""The blind holds everywhere: mails, pages, printed summaries and tables are checked against the domain's lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from portal.adapters.localisation import environment
from portal.db.models import Base
from portal.domain.blind import MAIL_PLACEHOLDERS, NOT_A_PARTICIPANTS, personal_parts, unblinding_parts
from portal.resources import templates_folder

MAILS = templates_folder() / "mail"
SUMMARIES = sorted(
    [*(templates_folder() / "pdf").glob("*.html"), *(templates_folder() / "components").glob("summary_*.html")]
)


def parsed(path: Path) -> nodes.Template:
    return environment("en").parse(path.read_text(encoding="utf-8"))


def names(path: Path) -> Iterator[str]:
    """Every variable and attribute that a template speaks of."""
    for node in parsed(path).find_all((nodes.Name, nodes.Getattr, nodes.Getitem)):
        if isinstance(node, nodes.Name):
            yield node.name
        elif isinstance(node, nodes.Getattr):
            yield node.attr
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            yield str(node.arg.value)


def test_each_mail_is_on_the_list_and_each_on_the_list_is_there() -> None:
    found = {path.stem for path in MAILS.glob("*.html")} - {"to_anybody", "to_patient", "to_staff"}
    assert found == set(MAIL_PLACEHOLDERS)


@pytest.mark.parametrize("mail", sorted(MAIL_PLACEHOLDERS))
def test_a_mail_speaks_only_of_what_its_list_allows(mail: str) -> None:
    of_every_mail = {"layout", "replies", "language"}  # its shape, whether replies are read, and the reader's language
    allowed = MAIL_PLACEHOLDERS[mail] | of_every_mail | {"_", "ngettext", "self", "points", "point", "text"}
    shapes = [*(MAILS / "layout").iterdir(), MAILS / f"{mail}.html"]
    shapes += [MAILS / "to_anybody.html"] if "telephone" in allowed else []
    shapes += [MAILS / "to_staff.html"] if "telephone" not in allowed else []
    shapes += [MAILS / "to_patient.html"] if "stop_link" in allowed else []
    for path in shapes:
        assert set(names(path)) <= allowed, path.name


@pytest.mark.parametrize("path", SUMMARIES, ids=lambda path: path.name)
def test_a_summary_knows_no_treatment_and_no_person(path: Path) -> None:
    spoken_of = set(names(path)) - {"telephone"}  # the site's, whom to ring
    assert {name for name in spoken_of if unblinding_parts(name) or personal_parts(name)} == set()


def test_no_column_could_hold_a_treatment() -> None:
    columns = [f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns]
    assert "visit.planned_on" in columns
    assert [column for column in columns if unblinding_parts(column)] == []


def test_who_a_participant_is_stands_in_no_column_of_the_clinical_store() -> None:
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert {column for column in columns if personal_parts(column)} == NOT_A_PARTICIPANTS
