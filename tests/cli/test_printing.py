"""Printing beside the worker: what hangs, crashes or fails stands beside a good page, waits its turn, then is shown."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.printing import Printer
from portal.cli.printing import Printing
from portal.cli.printing_beside import PrintingBeside
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.paper import BlankForm
from portal.db.participant import Visit
from portal.db.summary import Summary, SummaryDocument
from portal.db.watch import RenderFault
from portal.domain.instruments.wording import Wording
from portal.domain.roles import Role
from portal.services import render_faults, studies, summaries
from portal.services.summaries import SummaryPage
from tests import factories
from tests.adapters import faulty_printer as faulty
from tests.adapters.test_printing import FAULTY, SHORT, page_of
from tests.cli.conftest import Portal
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff

SIX_HOURS = timedelta(hours=6)


@pytest.fixture
def summary(store: Session) -> Summary:
    """The summary of 01-001's inclusion, of which nothing is printed yet."""
    participant = factories.make_participant(store, factories.load_study(store)[0])
    factories.complete_visit(store, participant, at=NOW - timedelta(days=1))
    found = summaries.find_current(store, factories.get_visit(store, participant).id)
    store.commit()
    assert found is not None
    return found


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def printing(settings: Settings, said: list[str], summary: Summary) -> Iterator[Printing]:
    """What prints, at NOW; in French a page comes out, in English it goes as the number on `printing.wrong` says."""
    printer = Printer(seconds=SHORT, module=FAULTY)
    engine = for_writing(open_engine(settings.database_url))

    def render(page: SummaryPage) -> bytes:
        return printer.summary(page_of("good" if page.language == "fr" else faulty.RAISES))

    yield Printing(engine, settings, render, None, lambda: NOW, said.append, lambda: False)
    printer.close()
    engine.dispose()


def printed(store: Session) -> list[str]:
    found = list(store.scalars(select(SummaryDocument.language).order_by(SummaryDocument.language)))
    store.rollback()  # whoever prints meanwhile must not wait for this session
    return found


@pytest.mark.parametrize(
    ("how", "fault"), [(faulty.HANGS, "hung"), (faulty.CRASHES, "died"), (faulty.RAISES, "ZeroDivisionError")]
)
def test_a_page_that_goes_wrong_leaves_the_good_one_beside_it_alone(
    printing: Printing, store: Session, summary: Summary, said: list[str], how: str, fault: str
) -> None:
    printer = Printer(seconds=SHORT, module=FAULTY)
    printing.render = lambda page: printer.summary(page_of("good" if page.language == "fr" else how))
    assert printing.round() == 1
    printer.close()
    assert printed(store) == ["fr"]
    row = store.scalars(select(RenderFault)).one()
    assert (row.subject, row.language, row.attempts, row.fault) == (str(summary.id), "en", 1, fault)
    assert any(line.endswith(f"in en FAILED: {fault}") for line in said)
    assert "nobody's business" not in "".join(said)


def test_tries_come_at_growing_waits_and_go_on_after_staff_were_told(printing: Printing, store: Session) -> None:
    tries: list[datetime] = []
    now = NOW

    def fails(page: SummaryPage) -> bytes:
        if page.language == "fr":
            return b"%PDF"
        tries.append(now)
        raise ZeroDivisionError

    printing.render, printing.now = fails, lambda: now
    while now < NOW + timedelta(hours=13):
        printing.round()
        now += timedelta(minutes=1 if len(tries) <= len(render_faults.WAITS) else 12)
    waits = [after - before for before, after in pairwise(tries)]
    assert waits == [*render_faults.WAITS, SIX_HOURS, SIX_HOURS]
    assert store.scalars(select(RenderFault)).one().given_up_at == tries[len(render_faults.WAITS)]


def test_a_page_that_comes_out_at_last_is_no_fault_any_more(printing: Printing, store: Session) -> None:
    printing.round()
    printing.render, printing.now = lambda _page: b"%PDF", lambda: NOW + timedelta(minutes=1)
    assert printing.round() == 0
    assert printed(store) == ["en", "fr"]
    assert store.scalars(select(RenderFault)).all() == []


def test_a_blank_questionnaire_that_hangs_holds_up_no_other(printing: Printing, store: Session) -> None:
    printer = Printer(seconds=SHORT, module=FAULTY)

    def render(wording: Wording, large: bool) -> bytes:
        hangs = large and (wording.instrument, wording.language) == ("DLQI", "fr")
        return printer._print(faulty.HANGS if hangs else wording.hash)

    printing.render_blank = render
    for _ in range(8):
        printing.make_blank_form()
    printer.close()
    forms = store.scalars(select(BlankForm)).all()
    assert len(forms) == 7
    assert [row.fault for row in store.scalars(select(RenderFault))] == ["hung"]


def test_staff_are_shown_what_could_not_be_printed_and_what_to_do(
    app: Flask, printing: Printing, store: Session, summary: Summary, portal: Portal, at: datetime
) -> None:
    (place, _) = studies.list_sites(store)
    person = make_staff(store, (place.site_id, Role.NURSE), (place.site_id, Role.INVESTIGATOR))
    store.commit()
    browser = StaffBrowser(app, person)
    printing.round()
    address = f"/clinic/summaries/{summary.id}"
    assert "could not be printed" not in browser.get(address).text
    assert "being prepared" in browser.get(f"{address}.pdf?language=en").text
    for hours in (1, 2, 3):
        printing.now = lambda hours=hours: NOW + timedelta(hours=hours)  # type: ignore[misc] # mypy sees no default
        printing.round()
    assert "could not be printed. Read it here, or print this page from the browser." in browser.get(address).text
    document = browser.get(f"{address}.pdf?language=en")
    assert "The document could not be printed" in document.text
    assert "Refresh" not in document.page.headers
    assert browser.get(f"{address}.pdf?language=fr").page.data == b"%PDF good"
    assert any("PDF could not be printed: read it on the screen" in row for row in browser.get("/clinic/").rows())
    assert "could not be printed." in browser.get(f"/investigator/summaries/{summary.id}").text
    doctor = portal("doctor")
    assert "documents: 1 would not print, again and again" in doctor.out


@dataclass
class Asked(Printer):
    """A printer that hangs on one page, and remembers what it was asked for."""

    module: str = FAULTY
    seconds: float = 60
    hangs_on: tuple[UUID, str] | None = None
    asked: list[tuple[UUID, str]] = field(default_factory=list)

    def summary(self, page: SummaryPage) -> bytes:
        self.asked.append((page.summary_id, page.language))
        hangs = self.asked[-1] == self.hangs_on
        return super().summary(page_of(faulty.HANGS if hangs else page.language))


def test_while_one_page_hangs_the_others_come_out_of_a_spare_printer(
    printing: Printing, store: Session, summary: Summary
) -> None:
    for number in range(3):
        participant = factories.make_participant(store, studies.list_sites(store)[0])
        factories.complete_visit(store, participant, at=NOW - timedelta(days=2, hours=number))
    store.commit()
    first, spare = (Asked(hangs_on=(summary.id, "en")) for _ in range(2))
    stop = threading.Event()
    printing.render, printing.stopping = first.summary, stop.is_set
    with PrintingBeside(printing, first, spare, interval=0.1, stuck=0.5).running(stop):
        for _ in range(200):
            if len(printed(store)) == 7:
                break
            time.sleep(0.1)
    assert len(printed(store)) == 7  # long before the one that hangs is given up
    assert len(spare.asked) > 0
    assert sorted(first.asked + spare.asked) == sorted(set(first.asked + spare.asked))
    assert (first.pid, spare.pid) == (None, None)
    assert store.scalars(select(RenderFault)).all() == []


def test_a_worker_that_is_told_to_stop_in_the_middle_of_a_page_ends_at_once_and_counts_no_fault(
    settings: Settings, summary: Summary, store: Session
) -> None:
    """`portal work` with a printer that hangs on each page: SIGTERM ends both."""
    code = (
        "import sys\n"
        "from portal.adapters import printing\n"
        "from portal.cli.main import main\n"
        "class Hanging(printing.Printer):\n"
        f"    def __init__(self): super().__init__(module={FAULTY!r})\n"
        f"    def summary(self, page): print('asked', flush=True); return self._print({faulty.HANGS!r})\n"
        "import portal.cli.work as work\n"
        "work.Printer = Hanging\n"
        "main(['work'])\n"
    )
    shift = int((NOW - datetime.now(UTC)).total_seconds())
    environment = os.environ | settings.to_environment() | {"PYTHONUNBUFFERED": "1", "CLOCK_SHIFT": str(shift)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while "asked" not in running.stdout.readline():
            pass
        time.sleep(0.5)
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
        assert not children.exists()
    assert time.monotonic() - began < 20  # a page that hangs is given thirty
    assert running.returncode == 0
    assert store.scalars(select(RenderFault)).all() == []
    assert store.scalars(select(Visit)).first() is not None
