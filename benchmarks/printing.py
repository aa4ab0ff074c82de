"""What a summary costs the worker as a PDF, against an empty page of the same printer."""

from time import process_time

from sqlalchemy.orm import Session
from weasyprint import HTML

from benchmarks import clinic
from benchmarks.figure import Figure
from benchmarks.rounds import Course, take_turns
from portal.adapters import pdf
from portal.services import summaries
from portal.services.summaries import SummaryPage
from tests.factories import complete_visit, get_visit, load_study, make_participant

_VISITS = ("INC", "M1", "M3", "M6")


def measure() -> list[Figure]:
    """Give the CPU time of a summary with four visits of history, both pages, one language, once warm."""
    with clinic.settings() as settings, clinic.writing(settings) as session:
        page = _page(session)
        render = Course(lambda: pdf.render(page), process_time)
        empty = Course(lambda: HTML(string="<title>–</title><p>–").write_pdf(), process_time)
        take_turns(render, empty, rounds=11, times=3, warm_up=3)
    return [
        Figure(name="a summary as PDF", value=render.milliseconds, unit="ms", reference=empty.milliseconds, limit=100)
    ]


def _page(session: Session) -> SummaryPage:
    participant = make_participant(session, load_study(session)[0])
    for level, visit in enumerate(_VISITS):
        complete_visit(session, participant, visit, level=(2, 2, 1, 1)[level])
    last = summaries.find_current(session, get_visit(session, participant, _VISITS[-1]).id)
    assert last is not None
    return summaries.page_of(session, last, language="fr", base_url="https://previsit.example.org")
