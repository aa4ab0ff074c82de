"""The catalogs are fresh and complete in both languages, and their check notices each fault it is there for."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from catalog_faults import french_faults, pair_faults
from catalogs import ROOT, check, main, update

from tests.house.sources import PORTAL, name

NARROW, WIDE = "\u202f", "\u00a0"


def test_ours_are_fresh_and_complete() -> None:
    assert check(ROOT) == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with one template, its catalogs filled."""
    for folder in ("portal/web", "templates/patient", "translations"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "templates/patient/page.html").write_text(
        '<p>{{ _("Is it <b>you</b>, %(name)s?", name=name) }}</p>{{ ngettext("One box", "%(num)s boxes", n) }}'
    )
    given: dict[str, str | list[str]] = {
        "Is it <b>you</b>, %(name)s?": f"Est-ce <b>vous</b>, %(name)s{NARROW}?",
        "One box|%(num)s boxes": ["%(num)s case", "%(num)s cases"],
    }
    assert update(tmp_path, given) == []
    return tmp_path


def test_a_whole_catalog_has_no_fault(project: Path) -> None:
    assert check(project) == []


def test_a_new_message_makes_the_template_stale_and_then_the_translation_missing(project: Path) -> None:
    (project / "portal/web/view.py").write_text("_('Sent')\n")
    assert check(project) == ["messages.pot is stale: run scripts/catalogs.py update"]
    update(project, {})
    assert check(project) == ["fr: “Sent”: missing"]


def test_a_message_that_goes_is_kept_as_obsolete_until_it_is_dropped(project: Path) -> None:
    page = project / "templates/patient/page.html"
    whole = page.read_text()
    page.write_text(whole.split("{{ ngettext")[0])
    update(project, {})
    assert check(project) == ["fr: “One box|%(num)s boxes”: obsolete: run update --drop-obsolete"]
    page.write_text(whole)
    update(project, {})
    assert check(project) == []  # it came back with its translation


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Est-ce <b>vous</b>", "placeholders differ"),
        ("Est-ce vous, %(name)s", "tags differ"),
        (f"L'avez-<b>vous</b> %(name)s{NARROW}?", "straight apostrophe"),
        ("Est-ce <b>vous</b>, %(name)s ?", "U+202F"),
    ],
)
def test_a_wrong_translation_is_named(project: Path, text: str, fault: str) -> None:
    update(project, {"Is it <b>you</b>, %(name)s?": text})
    assert any(line.startswith("fr: “Is it <b>you</b>, %(name)s?”: ") and fault in line for line in check(project))


def test_setting_names_what_no_source_has_and_sets_the_rest(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "given.json"
    file.write_text(json.dumps({"No such message": "Rien", "Is it <b>you</b>, %(name)s?": "x"}))
    assert main(["set", "fr", str(file)], project) == 1
    assert "“No such message”: no source has this message" in capsys.readouterr().err
    assert "placeholders differ" in check(project)[0]


@pytest.mark.parametrize("text", ["{}", "[1]", "{"])
def test_a_file_that_cannot_be_used_is_one_line(project: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "given.json"
    file.write_text(text)
    wanted = 0 if text == "{}" else 2
    assert main(["set", "fr", str(file)], project) == wanted
    assert len(capsys.readouterr().err.splitlines()) == (1 if wanted else 0)


@pytest.mark.parametrize(
    "text",
    [
        f"«{WIDE}Oui{WIDE}»{WIDE}: c’est 10 h 30{NARROW}; vraiment{NARROW}?!",
        '<a href="https://exemple.fr/?a=1;b=2">L’adresse</a>',
        "Choisir&nbsp;une date…",
        "%(count)s question à 10:30",
    ],
)
def test_right_french_passes(text: str) -> None:
    assert french_faults(text) == []


@pytest.mark.parametrize(
    "text", ["Vraiment?", "Vraiment ?", "Oui : non", "Oui: non", "« Oui »", "l'an", '"Oui"', "..."]
)
def test_wrong_french_is_noticed(text: str) -> None:
    assert len(french_faults(text)) == 1


def test_a_lone_percent_beside_a_placeholder_is_noticed() -> None:
    assert pair_faults("%(n)s %% done", "%(n)s % fait") == ["a lone % stands beside placeholders; write %%"]


def test_the_french_of_our_wordings_keeps_the_same_typography() -> None:
    wordings = sorted(PORTAL.rglob("wordings/fr.toml"))
    assert wordings
    faults = [
        f"{name(path)}: “{text}”: {fault}"
        for path in wordings
        for text in _texts(tomllib.loads(path.read_text(encoding="utf-8")))
        for fault in french_faults(text)
    ]
    assert faults == []


def _texts(value: Any) -> Iterator[str]:
    """Every text of a wording, however deep."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
