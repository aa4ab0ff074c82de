"""What a whole questionnaire costs the server, from the link to the receipt, on a phone that is enrolled."""

from collections.abc import Iterator

from benchmarks import clinic
from benchmarks.browser import Browser, Reply
from benchmarks.clinic import Patient
from benchmarks.figure import Figure
from benchmarks.rounds import Course, bare_insert, take_turns
from benchmarks.server import served

_ROUNDS, _WARM_UP = 15, 3
_REQUESTS = 5 + len(clinic.DLQI_SCREENS)


def measure() -> list[Figure]:
    """Give the CPU time of a DLQI: link, visit, questionnaire, a save for each screen, sending, receipt.

    The reference is as many requests to the bare view. Styles and scripts are on the phone already.
    """
    with clinic.settings() as settings:
        patients = clinic.enrol_patients(settings, _ROUNDS + _WARM_UP)
        with served(settings.to_environment()) as portal, bare_insert() as insert:
            journeys = _journeys(portal.port, patients)
            journey = Course(lambda: next(journeys), portal.cpu_seconds)
            inserts = Course(lambda: [insert.deed() for _ in range(_REQUESTS)], insert.clock)
            take_turns(journey, inserts, rounds=_ROUNDS, times=1, warm_up=_WARM_UP)
    return [
        Figure(
            name="a DLQI from link to receipt: server CPU",
            value=journey.milliseconds,
            unit="ms",
            reference=inserts.milliseconds,
            limit=60,
        )
    ]


def _journeys(port: int, patients: list[Patient]) -> Iterator[None]:
    """Make one participant's journey at each step; the phones are enrolled before the first."""
    phones = [clinic.enrolled_phone(port, patient) for patient in patients]
    for patient, phone in zip(patients, phones, strict=True):
        _answer(phone, patient)
        yield


def _answer(phone: Browser, patient: Patient) -> None:
    _expect(phone.get(patient.path), 303)
    _expect(phone.get("/visit"), 200)
    csrf = phone.csrf_of(f"/answer/{patient.dlqi}")
    answers = {screen: clinic.dlqi_answer(screen, 2) for screen in clinic.DLQI_SCREENS}
    for seq, (screen, value) in enumerate(answers.items()):
        _expect(phone.post_json("/api/answers", clinic.batch(patient.dlqi, seq, {screen: value}), csrf), 200)
    _expect(phone.post_json("/api/complete", clinic.batch(patient.dlqi, 0, answers), csrf), 200)
    _expect(phone.get(f"/answer/{patient.dlqi}/receipt"), 200)


def _expect(reply: Reply, status: int) -> None:
    assert reply.status == status, f"the portal answered {reply.status}: {reply.body!r}"
