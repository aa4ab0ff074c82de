"""What a summary costs the worker and its printer as a PDF, against an empty page of the same engine."""

import re
from time import process_time

from sqlalchemy.orm import Session
from weasyprint import HTML

from benchmarks import clinic
from benchmarks.figure import Figure
from benchmarks.processes import cpu_seconds
from benchmarks.rounds import Course, take_turns
from portal.adapters import pdf
from portal.adapters.printing import Printer
from portal.services import summaries
from portal.services.summaries import SummaryPage
from tests.factories import complete_visit, get_visit, load_study, make_participant

_VISITS = ("INC", "M1", "M3", "M6")
_ANSWERS = re.compile(r'<section class="answers".*</section>', re.DOTALL)


def measure() -> list[Figure]:
    """Give the CPU time of a summary with four visits of history, one language, once warm: both pages, and the first.

    Both pages go through the printer as they do in the worker, whose own share counts; the first one alone is what
    is never made so, the same text without the page of answers.
    """
    with clinic.settings() as settings, clinic.writing(settings) as session:
        page = _page(session)
    printer = Printer()
    printer.summary(page)
    assert printer.pid is not None
    pid = printer.pid
    both = Course(lambda: printer.summary(page), lambda: process_time() + cpu_seconds(pid))
    first = Course(lambda: _first_page(page), process_time)
    empty = Course(lambda: HTML(string="<title>–</title><p>–").write_pdf(), process_time)
    take_turns(both, first, empty, rounds=11, times=3, warm_up=3)
    printer.close()
    reference = empty.milliseconds
    return [
        Figure(name="a summary as PDF", value=both.milliseconds, unit="ms", reference=reference, limit=120),
        Figure(name="  its first page alone", value=first.milliseconds, unit="ms", reference=reference, limit=80),
    ]


def _first_page(page: SummaryPage) -> bytes:
    text = _ANSWERS.sub("", pdf.written(page)).replace('<body class="two">', '<body class="one">')
    document, pages = pdf.lay_out(text, "pdf/summary.css", data=pdf.Data.of(page))
    assert pages == 1
    return document


def _page(session: Session) -> SummaryPage:
    participant = make_participant(session, load_study(session)[0])
    for level, visit in enumerate(_VISITS):
        complete_visit(session, participant, visit, level=(2, 2, 1, 1)[level])
    last = summaries.find_current(session, get_visit(session, participant, _VISITS[-1]).id)
    assert last is not None
    return summaries.page_of(session, last, language="fr", base_url="https://previsit.example.org")
