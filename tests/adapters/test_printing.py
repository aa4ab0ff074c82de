"""The printer is a process of its own: whatever happens to it, the next page comes out, and nothing of it is left."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.adapters import blank_forms, pdf
from portal.adapters.printing import Printer, PrintFault
from portal.domain.instruments import wordings
from portal.services.summaries import SummaryPage
from tests import summary_cases as cases
from tests.adapters import faulty_printer as faulty

SHORT = 1.5  # seconds in place of thirty
FAULTY = "tests.adapters.faulty_printer"


def page_of(number: str) -> SummaryPage:
    """Give a page whose patient's number says how its printing goes."""
    made = cases.page(cases.kinds()["nothing"], "fr")
    return replace(made, content=replace(made.content, participant_number=number))


@pytest.fixture
def printer() -> Iterator[Printer]:
    made = Printer(seconds=SHORT, module=FAULTY)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (faulty.HANGS, "hung"),
        (faulty.CRASHES, "died"),
        (faulty.RAISES, "ZeroDivisionError"),
        (faulty.GREEDY, "MemoryError"),
    ],
)
def test_a_page_that_goes_wrong_says_how_and_the_next_one_comes_out(printer: Printer, number: str, code: str) -> None:
    assert printer.summary(page_of("one")) == b"%PDF one"
    began = time.monotonic()
    with pytest.raises(PrintFault) as fault:
        printer.summary(page_of(number))
    assert fault.value.code == code
    assert time.monotonic() - began < 15  # half of what it would take untold, on a machine that does much else
    assert printer.summary(page_of("two")) == b"%PDF two"


def test_nothing_of_it_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    printer = Printer()
    printer.summary(page_of("one"))
    assert list(tmp_path.rglob("weasyprint-*")), "it keeps its fonts elsewhere: this test proves nothing"
    printer.close()
    assert list(tmp_path.iterdir()) == []


def test_one_process_prints_one_page_after_the_other(printer: Printer) -> None:
    printer.summary(page_of("one"))
    first = printer.pid
    printer.summary(page_of("two"))
    assert printer.pid == first is not None


def test_a_process_that_hung_is_gone(printer: Printer) -> None:
    printer.summary(page_of("one"))
    pid = printer.pid
    assert pid is not None
    with pytest.raises(PrintFault):
        printer.summary(page_of(faulty.HANGS))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_prints_what_would_be_printed_here(tmp_path: Path) -> None:
    page = cases.signed(cases.page(cases.kinds()["first"], "fr"))
    wording = wordings.demonstration("DLQI", "en")
    printer = Printer()
    try:
        assert printer.summary(page) == pdf.render(page)
        assert printer.blank(wording, large=False) == blank_forms.render(wording, large=False)
    finally:
        printer.close()


def test_it_knows_no_key_and_gives_way(monkeypatch: pytest.MonkeyPatch, printer: Printer) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret that no printer needs")
    printer.summary(page_of("one"))
    assert printer.pid is not None
    assert b"SECRET_KEY" not in Path(f"/proc/{printer.pid}/environ").read_bytes()
    assert os.getpriority(os.PRIO_PROCESS, printer.pid) > os.getpriority(os.PRIO_PROCESS, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not tell a child of its parent's death")
def test_it_dies_with_the_worker_that_started_it_also_when_it_hangs() -> None:
    code = (
        "import threading\n"
        "from portal.adapters.printing import Printer\n"
        f"printer = Printer(module={FAULTY!r})\n"
        "printer._print('one')\n"
        "print(printer.pid, flush=True)\n"
        f"printer._print({faulty.HANGS!r})\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    printer = int(worker.stdout.readline())
    time.sleep(0.3)
    assert Path(f"/proc/{printer}").exists()
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    for _ in range(50):
        if not _is_running(printer):
            return
        time.sleep(0.1)
    pytest.fail("the printer outlived its worker")


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
