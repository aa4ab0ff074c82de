"""What a patient waits for on an old phone and a slow network, beside a census runner on the same phone."""

from collections import defaultdict
from statistics import median

from playwright.sync_api import Browser

from benchmarks import census, clinic
from benchmarks.clinic import Patient
from benchmarks.figure import Figure
from benchmarks.server import served
from benchmarks.slow_phone import SlowPhone, browser, new_phone
from benchmarks.wire import counted
from portal.domain import instruments

_RUNS = 3
_MOST_RUNS = 9  # on a machine with other work to do, whose clock on the wall counts that too
_AT_MOST = 100  # milliseconds to the next question
_SAVE = "POST /api/answers"
_QUIET_FOR = 3000  # milliseconds without a byte: everything has been loaded


Times = dict[str, list[float]]
"""Milliseconds from tapping Next to what was shown then, by its code: one for each run."""


def measure() -> list[Figure]:
    """Give the times from a tap to the next question, to the first question, and the bytes of the whole page."""
    with browser() as opened:
        runner_first, runner_next, runner_bytes = _census(opened)
        with clinic.settings() as settings:
            patients = clinic.enrol_patients(settings, _MOST_RUNS)
            with served(settings.to_environment()) as portal:
                homes = [(patient, clinic.enrolled_phone(portal.port, patient).cookies) for patient in patients]
                first = median(_first_question(opened, portal.port, *home) for home in homes[:_RUNS])
                link, start = _from_link(opened, portal.port, *homes[0])
                weight = _weight(opened, portal.port, *homes[0])
                moves = {code: _moves(opened, portal.port, homes, code) for code in instruments.CODES}
    figures = [
        Figure(name="first question from a cold start", value=first, unit="s", reference=runner_first, limit=2.5),
        Figure(name="  from the link to the visit's page", value=link, unit="s"),
        Figure(name="  from Start to the practice's first question", value=start, unit="s"),
    ]
    for code, times in moves.items():
        figures += _waits(code, times, runner_next)
    whole = Figure(name="whole patient page, worker and all", value=weight, unit="KB", reference=runner_bytes, limit=40)
    return [*figures, whole]


def _waits(code: str, times: Times, reference: float) -> list[Figure]:
    """Lay out what was waited for between the questions of an instrument; in milliseconds, as the reference is."""
    worst = _worst(times)
    every = [time for each in times.values() for time in each]
    return [
        Figure(
            name=f"{code}, Next to next question: worst", value=worst, unit="ms", reference=reference, limit=_AT_MOST
        ),
        Figure(name="  median of all runs", value=median(every), unit="ms", reference=reference),
        Figure(name="  worst of all runs", value=max(every), unit="ms", reference=reference),
    ]


def _first_question(opened: Browser, port: int, patient: Patient, cookies: dict[str, str]) -> float:
    """Give the seconds from the start to the first question of the DLQI on a phone that is known and holds nothing."""
    with new_phone(opened, port, cookies) as phone:
        phone.slow_down()
        return phone.open_question(f"/answer/{patient.dlqi}") / 1000


def _from_link(opened: Browser, port: int, patient: Patient, cookies: dict[str, str]) -> tuple[float, float]:
    """Give the seconds from her link to the visit's page, and from tapping Start to the practice's first question."""
    with new_phone(opened, port, cookies) as phone:
        phone.slow_down()
        link = phone.open(patient.path)
        with phone.page.expect_navigation(url="**/practice*"):
            phone.tap(".nav .go")
        return link / 1000, phone.question_painted() / 1000


def _weight(opened: Browser, port: int, patient: Patient, cookies: dict[str, str]) -> float:
    """Give the kilobytes that come down for the questionnaire's page and all that it loads later."""
    with counted(port) as wire, new_phone(opened, wire.port, cookies) as phone:
        phone.open_question(f"/answer/{patient.dlqi}")
        before = 0
        while wire.down > before:
            before = wire.down
            phone.page.wait_for_timeout(_QUIET_FOR)
        return wire.down / 1000


def _moves(opened: Browser, port: int, homes: list[tuple[Patient, dict[str, str]]], code: str) -> Times:
    """Answer an instrument on one phone after the other, until the machine was quiet enough once for each question."""
    times: Times = defaultdict(list)
    for run, (patient, cookies) in enumerate(homes):
        if run >= _RUNS and _worst(times) <= _AT_MOST:
            break
        with new_phone(opened, port, cookies) as phone:
            phone.slow_down()
            phone.open_question(f"/answer/{patient.dlqi if code == 'DLQI' else patient.shaq}")
            phone.page.wait_for_load_state("networkidle")
            for shown, time in _to_the_end(phone):
                times[shown].append(time)
    assert len(times) >= len(instruments.get(code).questions), "some questions were not shown"
    return times


def _worst(times: Times) -> float:
    """Give the time of the slowest question: of each the quickest run, since its own work is the same in all."""
    return max(min(each) for each in times.values())


def _to_the_end(phone: SlowPhone) -> list[tuple[str, float]]:
    """Answer every question; gives what each tap on Next led to.  AssertionError when a tap asked for anything."""
    moves = []
    shown = ""
    phone.asked.clear()
    while shown != "review":
        phone.answer()
        shown, time = phone.go_on()
        moves.append((shown, time))
    # An answer is sent when it is chosen, beside all else; nothing is fetched, and at 400 ms a round trip no time
    # under the limit can hold one.
    assert set(phone.asked) <= {_SAVE}, f"between questions, the page asked for {set(phone.asked) - {_SAVE}}"
    return moves


def _census(opened: Browser) -> tuple[float, float, float]:
    """Give the same of the runner: seconds to its first question, milliseconds to the next, and its kilobytes."""
    with (
        served({}, census.APPLICATION) as runner,
        counted(runner.port) as wire,
        new_phone(opened, wire.port, {}) as phone,
    ):
        phone.slow_down()
        first = phone.open_question("/1") / 1000
        phone.page.wait_for_load_state("networkidle")
        weight = wire.down / 1000
        times = [_next_page(phone, number) for number in range(2, census.QUESTIONS + 1)]
    return first, median(times), weight


def _next_page(phone: SlowPhone, number: int) -> float:
    """Answer and tap Next; gives the milliseconds until the next question's page was painted."""
    phone.tap(".card input")
    left = float(phone.page.evaluate("performance.timeOrigin + performance.now()"))
    with phone.page.expect_navigation(url=f"**/{number}"):
        phone.tap("#next")
    return float(phone.painted() + phone.page.evaluate("performance.timeOrigin")) - left
