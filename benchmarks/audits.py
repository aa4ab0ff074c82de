"""What Lighthouse says of the patients' pages on a phone, in both languages: speed, accessibility, good practice."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from benchmarks import clinic
from benchmarks.browser import Browser
from benchmarks.clinic import Patient
from benchmarks.figure import Figure
from benchmarks.server import Server, served
from portal.domain.study import LANGUAGES

_FOLDER = Path(__file__).parent / "lighthouse"
_PATIENCE = 1800  # seconds; a page takes about ten

Page = dict[str, Any]
"""What audit.mjs is told about a page: `name`, `path` and the `cookies` of whoever sees it."""


def measure() -> list[Figure]:
    """Give for each page how many points are missing; nothing, and a word about why, where Lighthouse cannot run."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    lacking = [each for each in ("node", "npm") if not shutil.which(each)]
    if not chromium:
        lacking.append("chromium")
    if not lacking and not _install():
        lacking = ["what `npm ci` would have fetched"]
    if lacking or not chromium:
        click.echo(f"lighthouse is not measured, for want of {', '.join(lacking)}", err=True)
        return []
    with clinic.settings() as settings:
        patients = dict(zip(LANGUAGES, clinic.enrol_patients(settings, len(LANGUAGES)), strict=True))
        with served(settings.to_environment()) as portal:
            pages = [page for language, patient in patients.items() for page in _pages(portal, patient, language)]
            found = _audit(chromium, portal, pages)
    for each in found:
        for fault in each["faults"]:
            click.echo(f"{each['name']}: {fault}", err=True)
    return [
        Figure(name=f"Lighthouse, points missing of 300: {each['name']}", value=each["missing"], unit="", limit=0)
        for each in found
    ]


def _install() -> bool:
    """Fetch Lighthouse as its lock file says, unless it is there; tells whether it is."""
    if not (_FOLDER / "node_modules" / "lighthouse").is_dir():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=_FOLDER, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - a command of our own making
    return (_FOLDER / "node_modules" / "lighthouse").is_dir()


def _pages(portal: Server, patient: Patient, language: str) -> list[Page]:
    """Prepare each page in a language; the DLQI has been sent on the phone that sees the receipt."""
    stranger = Browser(portal.port)
    stranger.get(patient.path)
    phone = clinic.enrolled_phone(portal.port, patient)
    for person in (stranger, phone):
        person.post_form("/language", language=language, csrf_token=person.csrf_of("/code"))
    _send(phone, patient.dlqi)
    shaq = f"/answer/{patient.shaq}"
    scale = re.search(r'id="(q\d+)" data-type="vas"', phone.get(shaq).text)
    assert scale, "the SHAQ shows no line"
    paths = {
        "question": shaq,
        "line": f"{shaq}#{scale[1]}",
        "look back": f"{shaq}#review",
        "receipt": f"/answer/{patient.dlqi}/receipt",
    }
    seen = [("door", "/door", stranger.cookies), *((name, path, phone.cookies) for name, path in paths.items())]
    return [{"name": f"{name}, {language}", "path": path, "cookies": dict(cookies)} for name, path, cookies in seen]


def _send(phone: Browser, assignment_id: UUID) -> None:
    answers = {screen: clinic.dlqi_answer(screen, 2) for screen in clinic.DLQI_SCREENS}
    csrf = phone.csrf_of(f"/answer/{assignment_id}")
    reply = phone.post_json("/api/complete", clinic.batch(assignment_id, 0, answers), csrf)
    assert reply.status == 200, f"sending answered {reply.status}"


def _audit(chromium: str, server: Server, pages: list[Page]) -> list[dict[str, Any]]:
    """Have Lighthouse look at every page; gives `name`, `missing` points and `faults` in words of each."""
    task = {
        "chromium": chromium,
        "base": f"http://127.0.0.1:{server.port}",
        "pages": pages,
    }
    done = subprocess.run(
        ["node", "audit.mjs"],  # noqa: S607 - node is wherever the person has it
        cwd=_FOLDER,
        input=json.dumps(task),
        stdout=subprocess.PIPE,
        text=True,
        timeout=_PATIENCE,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
