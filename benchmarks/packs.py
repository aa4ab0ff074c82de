"""What the pack for a day costs, within its one request: by what is in it, and how many participants the store has."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from benchmarks import clinic, crowd
from benchmarks.figure import Figure
from portal.adapters import blank_forms as printer
from portal.adapters import pdf
from portal.app import create_app
from portal.domain.instruments import wordings
from portal.domain.roles import Role
from portal.services import actor, blank_forms, summaries, summary_documents
from portal.services.studies import StudyAtSite
from tests.factories import complete_visit, get_visit, load_study, make_participant

_SIZES = (28, 1000, 20_000)
_ROUNDS = 5
_SECONDS = 4.0
_AHEAD = 600  # days: nobody of the crowd has a visit so late
_DAYS = {  # patients of a day, and of how many something was received
    "28 patients, all summaries there": (28, 28),
    "60 patients, all summaries there": (60, 60),
    "60 patients, nothing received of 20": (60, 40),
    "60 patients, nothing received of any": (60, 0),
}
_EMPTY = "from weasyprint import HTML; HTML(string='<title>-</title><p>-').write_pdf()"


def measure() -> list[Figure]:
    """Give the time of the request that makes each pack, against a process that prints an empty page."""
    figures = []
    for size in _SIZES:
        for name, seconds, cpu, reference in _measure(size):
            title = f"pack: {name}, {size:,} participants"
            figures.append(Figure(name=title, value=seconds, unit="s", reference=reference, limit=_SECONDS))
            figures.append(Figure(name="  CPU time of it", value=cpu, unit="s"))
    return figures


def _measure(size: int) -> Iterator[tuple[str, float, float, float]]:
    with clinic.settings() as settings:
        nurse = clinic.add_staff(settings, Role.NURSE)
        at = datetime.now(UTC)
        days = {name: at.date() + timedelta(_AHEAD + order) for order, name in enumerate(_DAYS)}
        with clinic.writing(settings) as session:
            place = load_study(session)[0]
            for name, on in days.items():
                _fill(session, place, on, *_DAYS[name], at=at)
            for code in ("DLQI", "SHAQ"):
                wording = wordings.demonstration(code, "fr")
                form = printer.render(wording, large=False)
                blank_forms.keep(session, wording, form, large=False, by=actor.SYSTEM, at=at)
            crowd.fill(session, place, nurse.row, size, at=at)
        client = _signed_in(create_app(settings).test_client(), nurse)
        for name, on in days.items():
            pairs = [(_made(client, place, on), _empty()) for _ in range(_ROUNDS)]
            seconds, cpu = (median(pack[each] for pack, _ in pairs) for each in (0, 1))
            yield name, seconds, cpu, median(empty for _, empty in pairs)


def _fill(session: Session, place: StudyAtSite, on: date, number: int, answered: int, *, at: datetime) -> None:
    """Give a day its visits, every summary with a document of its own."""
    document = b""
    for order in range(number):
        participant = make_participant(session, place, included_on=on, at=at)
        if order < answered:
            complete_visit(session, participant)
            summary = summaries.find_current(session, get_visit(session, participant).id)
            assert summary is not None
            page = summaries.page_of(session, summary, language="fr", base_url="http://localhost")
            document = document or pdf.render(page)
            summary_documents.keep_document(session, summary, "fr", document, by=actor.SYSTEM, at=at)


def _made(client: FlaskClient, place: StudyAtSite, on: date) -> tuple[float, float]:
    """Ask for a day's pack; gives the seconds until its last byte, and those that its two processes worked."""
    form = {"day": on.isoformat(), "site": str(place.site_id), "csrf_token": _token(client, f"/clinic/packs?day={on}")}
    begun, worked = perf_counter(), _worked()
    reply = client.post("/clinic/packs/make", data=form)
    assert reply.status_code == 200, f"the pack answered {reply.status}"
    assert reply.data.startswith(b"%PDF")
    return perf_counter() - begun, _worked() - worked


def _worked() -> float:
    """Give the CPU time of this process and of those that it started and that have ended."""
    return sum(os.times()[:4])


def _empty() -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-c", _EMPTY], check=True)  # noqa: S603 - a command of our own making
    return perf_counter() - begun


def _token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def _signed_in(client: FlaskClient, person: clinic.Person) -> FlaskClient:
    entered = client.post("/staff/sign-in", data=person.form() | {"csrf_token": _token(client, "/staff/sign-in")})
    assert entered.status_code == 303, f"signing in answered {entered.status}"
    return client
