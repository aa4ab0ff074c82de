"""What one save over HTTP costs the server, against a bare view that inserts and commits one row."""

from collections.abc import Iterator

from benchmarks import clinic
from benchmarks.clinic import Patient
from benchmarks.figure import Figure
from benchmarks.rounds import Course, bare_insert, take_turns
from benchmarks.server import served

_ROUNDS, _TIMES, _WARM_UP = 40, 12, 66
_SCREENS = len(clinic.DLQI_SCREENS)
_TWICE = 2 * _SCREENS  # saves of a participant who answers each screen of the DLQI and then changes her mind on each
_PATIENTS = -(-(_ROUNDS * _TIMES + _WARM_UP) // _TWICE)


def measure() -> list[Figure]:
    """Give the CPU time of a save: one answer, checked, durable, in the trail, acknowledged."""
    with clinic.settings() as settings:
        patients = clinic.enrol_patients(settings, _PATIENTS)
        with served(settings.to_environment()) as portal, bare_insert() as insert:
            saves = _saves(portal.port, patients)
            save = Course(lambda: next(saves), portal.cpu_seconds)
            take_turns(save, insert, rounds=_ROUNDS, times=_TIMES, warm_up=_WARM_UP)
    return [
        Figure(
            name="a save: server CPU",
            value=save.milliseconds,
            unit="ms",
            reference=insert.milliseconds,
            limit=3,
            limits_ratio=True,
        )
    ]


def _saves(port: int, patients: list[Patient]) -> Iterator[None]:
    """Save one answer at each step; the phones are enrolled before the first."""
    phones = [clinic.enrolled_phone(port, patient) for patient in patients]
    tokens = [phone.csrf_of(f"/answer/{patient.dlqi}") for phone, patient in zip(phones, patients, strict=True)]
    for patient, phone, csrf in zip(patients, phones, tokens, strict=True):
        for seq in range(_TWICE):
            screen = clinic.DLQI_SCREENS[seq % _SCREENS]
            answer = {screen: clinic.dlqi_answer(screen, 2 - seq // _SCREENS)}
            reply = phone.post_json("/api/answers", clinic.batch(patient.dlqi, seq, answer), csrf)
            assert reply.status == 200, f"saving answered {reply.status}: {reply.body!r}"
            assert reply.json["acknowledged"] == [seq]
            yield
