"""How long the portal takes to start, and what a web worker holds once it has served a thousand pages."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import select

from benchmarks import bare, clinic
from benchmarks.browser import Browser
from benchmarks.clinic import Patient
from benchmarks.figure import Figure
from benchmarks.processes import cpu_seconds_of, has_loaded, memory
from benchmarks.server import Server, served
from portal.config import Settings
from portal.db.participant import Participant
from portal.db.summary import Summary
from portal.domain.roles import Role
from tests.factories import complete_visit

_STARTS = 7
_PAGES = 1000
_PATIENTS = 21  # the last of them has sent everything already


def measure() -> list[Figure]:
    """Give the CPU time of a start with all its imports, and the worker's memory; each against the bare view."""
    with clinic.settings() as settings, TemporaryDirectory(prefix="previsit-bench-") as folder:
        bare_environment = {bare.DATABASE: f"sqlite:///{folder}/bare.db"}
        patients = clinic.enrol_patients(settings, _PATIENTS)
        starts = _starts(settings.to_environment(), bare_environment)
        with served(settings.to_environment()) as portal, served(bare_environment, bare.APPLICATION) as plain:
            browser = Browser(plain.port)
            for _ in range(_PAGES):
                browser.post_json("/rows", {"name": "DLQI101", "value": "2"})
            _serve_pages(portal, settings, patients[:-1])
            held, reference = memory(portal.worker), memory(plain.worker)
            prints = has_loaded(portal.worker, "libpango")
    return [
        Figure(name="starting: CPU", value=starts[0], unit="s", reference=starts[1], limit=1),
        Figure(name="a worker after 1,000 pages: RSS", value=held.rss, unit="MB", reference=reference.rss, limit=90),
        Figure(name="  its fair share of shared memory: PSS", value=held.pss, unit="MB", reference=reference.pss),
        Figure(name="  its own alone: USS", value=held.uss, unit="MB", reference=reference.uss),
        Figure(name="  WeasyPrint's libraries in it", value=int(prints), unit="", limit=0),
    ]


def _starts(environment: dict[str, str], bare_environment: dict[str, str]) -> tuple[float, float]:
    """Give the median CPU seconds of making the portal's application, and of making the bare one."""
    courses: tuple[list[float], list[float]] = ([], [])
    for _ in range(_STARTS):
        for course, program, settings in zip(
            courses,
            ("import portal.serve", "from benchmarks import bare; bare.create_app()"),
            (environment, bare_environment),
            strict=True,
        ):
            course.append(cpu_seconds_of([sys.executable, "-c", program], os.environ | settings))
    return median(courses[0]), median(courses[1])


def _serve_pages(portal: Server, settings: Settings, patients: list[Patient]) -> None:
    """Ask for pages of every kind, patients' and staff's, in both languages, in turn."""
    summary_id = _complete_one(settings)
    phones = [clinic.enrolled_phone(portal.port, patient) for patient in patients]
    nurse = clinic.signed_in(portal.port, clinic.add_staff(settings, Role.NURSE))
    investigator = clinic.signed_in(portal.port, clinic.add_staff(settings, Role.INVESTIGATOR))
    for person in (*phones[::2], nurse):
        person.post_form("/language", language="en", csrf_token=person.csrf_of("/code"))

    def pages() -> Iterator[tuple[Browser, str]]:
        for phone, patient in cycle(list(zip(phones, patients, strict=True))):
            yield phone, "/visit"
            yield phone, f"/answer/{patient.dlqi}"
            yield phone, f"/answer/{patient.shaq}"
            yield phone, f"/answer/{patient.dlqi}/review"
            yield nurse, "/clinic/"
            yield nurse, f"/clinic/summaries/{summary_id}"
            yield investigator, "/investigator/"
            yield investigator, f"/investigator/summaries/{summary_id}"

    for person, path in islice(pages(), _PAGES):
        reply = person.get(path)
        assert reply.status == 200, f"{path} answered {reply.status}"


def _complete_one(settings: Settings) -> str:
    """Answer and send everything of one participant, so that there is a summary; gives its id."""
    with clinic.writing(settings) as session:
        participant = session.scalars(select(Participant).order_by(Participant.participant_number.desc())).first()
        assert participant is not None
        complete_visit(session, participant, at=datetime.now(UTC))
        return str(session.scalars(select(Summary.id)).one())
