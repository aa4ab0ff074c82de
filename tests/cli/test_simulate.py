"""`portal simulate`: a whole study in a folder, the same for the same call, and honest about what it finds."""

import random
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import pytest

from portal.cli.simulation.agenda import Agenda
from portal.cli.simulation.chance import drawn_from
from tests.cli import simulated
from tests.cli.conftest import Portal

DEMONSTRATION = (files("portal.studies") / "demonstration.toml").read_text(encoding="utf-8")
THREE_ZONES = """
[[sites]]
code = "{code}"
name = "{zone}"
telephone = "+33 1 99 00 21 35"
time_zone = "{zone}"
holidays = {{ country = "{country}", subdivision = "{subdivision}" }}
"""
KINDS = (("calendar", "html"), ("calendar", "csv"), ("faults", "txt"))
ZONES = {
    "PA": ("Europe/Paris", "FR", "FR-57"),
    "RE": ("Indian/Reunion", "FR", "FR-RE"),
    "MO": ("America/Toronto", "CA", "CA-QC"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(DEMONSTRATION, encoding="utf-8")
    return path


def three_sites(path: Path) -> Path:
    """The demonstration study at three sites whose clocks have nothing in common."""
    before, rest = DEMONSTRATION.split("[[sites]]", 1)
    visits = rest[rest.index("[[visits]]") :]
    sites = "".join(
        THREE_ZONES.format(code=code, zone=zone, country=country, subdivision=subdivision)
        for code, (zone, country, subdivision) in ZONES.items()
    )
    path.write_text(before + sites + visits, encoding="utf-8")
    return path


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}


def simulate(portal: Portal, file: Path, out: Path, *more: str) -> str:
    said = portal("simulate", str(file), "--from", "2027-01-01", "--out", str(out), *more)
    assert said.code == 0, said.err
    return said.out


def test_a_year_in_three_zones_loses_doubles_and_sends_at_night_nothing(portal: Portal, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = simulate(portal, three_sites(tmp_path / "study.toml"), out, "--participants", "3", "--behaviour", "slow")
    assert "3 patients, 18 visits" in said
    assert "Promises: 18 kept, 0 late, 0 broken" in said
    assert "Found missing by the daily check: 0." in said  # which knows nothing of what plans and sends
    lines = simulated.check(out)
    assert {line["Time zone"] for line in lines} == {zone for zone, _, _ in ZONES.values()}
    hours = {(line["Site"], line["UTC"][11:]) for line in lines if line["Code"] == "opening"}
    # Paris is at UTC+1 and in summer UTC+2, La Réunion at UTC+4, Montréal at UTC-5 and in summer UTC-4.
    assert hours == {("PA", "09:00"), ("PA", "08:00"), ("RE", "06:00"), ("MO", "15:00"), ("MO", "14:00")}


@pytest.mark.parametrize(
    ("zone", "year", "behaviour"),
    # Drawn once, so that a fault can be met again: clocks that change by half an hour, at other hours, not at all.
    [
        ("Australia/Lord_Howe", 2031, "typical"),
        ("Africa/Casablanca", 2028, "slow"),
    ],
)
def test_nor_in_other_years_and_zones(portal: Portal, tmp_path: Path, zone: str, year: int, behaviour: str) -> None:
    file, out = tmp_path / "study.toml", tmp_path / "out"
    sites = DEMONSTRATION.replace('holidays.country = "FR"', f'holidays.country = "FR"\ntime_zone = "{zone}"')
    file.write_text(sites, encoding="utf-8")
    call = ("--months", "5", "--participants", "1", "--behaviour", behaviour)
    said = portal("simulate", str(file), "--from", f"{year}-08-20", "--out", str(out), *call)
    assert said.code == 0, said.err
    assert " 0 late, 0 broken," in said.out
    assert {line["Time zone"] for line in simulated.check(out)} == {zone}


def test_of_silent_patients_nothing_is_received_and_every_promise_is_kept(
    portal: Portal, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = simulate(portal, file, out, "--months", "3", "--participants", "2", "--behaviour", "silent")
    assert "0 late, 0 broken" in said
    codes = Counter(line["Code"] for line in simulated.lines_of(out))
    assert codes["sent"] == codes["begun"] == codes["came-in"] == 0
    assert codes["made"] == codes["delivered"] > 0


def test_something_befalls_a_few_of_typical_patients_and_the_calendar_tells_of_it(
    portal: Portal, file: Path, tmp_path: Path
) -> None:
    """Fourteen patients of two visits: each thing befalls one of them."""
    out = tmp_path / "out"
    inclusion_and_m1 = DEMONSTRATION[: DEMONSTRATION.index('[[visits]]\ncode = "M3"')]
    file.write_text(inclusion_and_m1, encoding="utf-8")
    said = simulate(portal, file, out, "--months", "3", "--participants", "14")
    assert "Found missing by the daily check: 0." in said
    assert (
        "Patients: 1 withdrew, 1 paused, 1 asked for no more messages, 1 had a mail come back, 1 answered on paper."
    ) in said
    lines = simulated.check(out)
    of = {line["Code"]: line["Patient"] for line in lines}
    befallen = [of[each] for each in ("withdrawn", "paused", "stopped", "came-back", "paper")]
    assert len(set(befallen)) == len(befallen)
    states = {(line["Patient"], line["State"]) for line in lines}
    reasons = ("withdrawn", "in a pause", "the patient wishes no messages")
    assert {(of["came-back"], "Sent, and came back"), (of["paper"], "Held back (no e-mail address)")} <= states
    assert {(whom, f"Held back ({why})") for whom, why in zip(befallen, reasons, strict=False)} <= states
    assert sum(line["What happened"] == "DLQI keyed in from paper" for line in lines) == 2
    after = [line["Code"] for line in lines if line["Patient"] == of["came-back"] and line["Visit"] == "M1"]
    assert after[after.index("came-back") :][1:3] == ["address", "opening"]
    page = (out / "calendar-en.html").read_text(encoding="utf-8")
    assert re.search(rf"A mail to them came back</dt><dd><a[^>]*>{of['came-back']}</a>", page)


def test_the_same_call_gives_the_same_bytes_and_another_seed_other_people(
    portal: Portal, file: Path, tmp_path: Path
) -> None:
    few = ("--months", "1", "--participants", "1")
    one, two = tmp_path / "one", tmp_path / "two"
    said = simulate(portal, file, one, *few)
    first = content(one)
    names = {f"{name}{language}.{kind}" for name, kind in KINDS for language in ("", "-en")}
    assert {name for name in first if not name.endswith(".eml")} == names
    assert sum(name.endswith(".eml") for name in first) > 0
    simulate(portal, file, two, *few, "--seed", "2")
    assert content(two)["calendar.csv"] != first["calendar.csv"]
    again = simulate(portal, file, two, *few)  # in the place of the other one
    assert again.replace("/two/", "/one/") == said
    assert content(two) == first


def test_the_page_asks_for_nothing_and_shows_every_line_in_both_languages(
    portal: Portal, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = simulate(portal, file, out, "--months", "2", "--participants", "1")
    french, english = ((out / name).read_text(encoding="utf-8") for name in ("calendar.html", "calendar-en.html"))
    for page in (french, english):
        assert re.findall(r'(?:src|href)="(?!#|calendar)', page) == []
        assert "<script" not in page
        assert "url(" not in page
    assert '<html lang="fr">' in french
    assert '<html lang="en">' in english
    days = [line for line in simulated.lines_of(out) if line["Code"] == "opens"]
    assert days
    assert "Au patient\u00a0: Message d’ouverture" in french
    assert "(Paris)" in french
    assert "La synthèse est due un jour qui est déjà passé" in french
    told = (out / "faults-en.txt").read_text(encoding="utf-8")
    assert told in said
    assert "summary.working_days_before (INC)" in told
    table = (out / "calendar.csv").read_bytes()
    assert table.startswith("\ufeffSite;Patient;Visite;Heure locale;".encode())


def test_a_live_study_is_played_with_demonstration_wording_and_says_so(
    portal: Portal, file: Path, tmp_path: Path
) -> None:
    file.write_text(DEMONSTRATION.replace('mode = "demonstration"', 'mode = "live"'), encoding="utf-8")
    said = simulate(portal, file, tmp_path / "out", "--months", "1", "--participants", "1")
    assert said.startswith("The study is live: it was played with the demonstration wording")
    page = (tmp_path / "out" / "calendar-en.html").read_text(encoding="utf-8")
    assert "it was played with the demonstration wording" in page


def test_what_it_cannot_do_is_one_line(portal: Portal, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("precious")
    call = ("simulate", str(file), "--out", str(out))
    said = portal(*call, "--from", "2027-01-01")
    assert (said.code, said.out) == (2, "")
    assert said.err == f"portal: {out} holds something else (thesis.txt): give --out an empty folder\n"
    assert (out / "thesis.txt").read_text() == "precious"
    said = portal(*call, "--from", "1999-12-31")
    assert (said.code, said.err) == (2, "portal: --from 1999-12-31: give a day from 2000 to 2099.\n")
    file.write_text(DEMONSTRATION.replace('hour = "10:00"', 'hour = "25:00"'), encoding="utf-8")
    said = portal("simulate", str(file), "--from", "2027-01-01", "--out", str(tmp_path / "new"))
    assert said.code == 2
    assert "messages.hour" in said.err
    assert not (tmp_path / "new").exists()


def test_ids_come_from_the_seed_only_while_a_simulation_is_played() -> None:
    state = random.getstate()
    drawn = []
    for seed in (1, 1, 2):
        with drawn_from(seed):
            drawn.append((uuid4(), random.random()))
    assert drawn[0] == drawn[1] != drawn[2]
    assert random.getstate() == state
    assert uuid4() != uuid4()


def test_what_is_to_happen_comes_in_order_of_time_and_a_named_deed_once() -> None:
    noon = datetime.combine(date(2027, 3, 5), datetime.min.time(), UTC) + timedelta(hours=12)
    agenda, done = Agenda(), list[str]()
    agenda.put(noon + timedelta(minutes=1), lambda _at: done.append("later"))
    agenda.put(noon, lambda _at: done.append("first"), "round")
    agenda.put(noon, lambda _at: done.append("again"), "round")
    agenda.put(noon, lambda _at: done.append("second"))
    agenda.put(noon + timedelta(hours=1), lambda _at: done.append("too late"))
    while taken := agenda.take(noon + timedelta(hours=1)):
        taken[1](taken[0])
    assert done == ["first", "second", "later"]
