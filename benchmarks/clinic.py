"""A portal's stores with people in them: a participant with an enrolled phone, staff who are signed in."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy.orm import Session

from benchmarks.browser import Browser
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.migrate import Store, upgrade
from portal.db.staff import Staff
from portal.domain import instruments
from portal.domain.instruments import wordings
from portal.domain.roles import Role
from portal.services import actor, doors, staff
from portal.services.doors import DoorKeys
from tests.factories import get_assignment, load_study, make_participant

PASSWORD = "a long pass phrase for benchmarks"  # noqa: S105 - opens a store that lives for one run
DLQI_SCREENS = tuple(question.code for question in instruments.get("DLQI").questions)
_DAYS_TO_VISIT = timedelta(days=2)


@dataclass(frozen=True)
class Patient:
    """A participant whose inclusion visit is near: her door, and what she is asked."""

    path: str
    code: str
    dlqi: UUID
    shaq: UUID


@dataclass(frozen=True)
class Person:
    """A member of staff."""

    row: Staff

    def form(self) -> dict[str, str]:
        """What she types to sign in now."""
        return {"email": self.row.email, "password": PASSWORD, "code": pyotp.TOTP(self.row.totp_secret).now()}


@contextmanager
def settings() -> Iterator[Settings]:
    """Give the settings of a portal with empty stores that vanish with the block."""
    with TemporaryDirectory(prefix="previsit-bench-") as name:
        folder = Path(name)
        made = Settings(
            secret_key=secrets.token_hex(32),
            database_url=f"sqlite:///{folder / 'clinical.db'}",
            contact_database_url=f"sqlite:///{folder / 'contacts.db'}",
            mailbox=folder / "mailbox",
        )
        upgrade(made.database_url, Store.CLINICAL)
        upgrade(made.contact_database_url, Store.CONTACT)
        yield made


@contextmanager
def writing(made: Settings) -> Iterator[Session]:
    """Open the clinical store and commit at the end of the block."""
    engine = for_writing(open_engine(made.database_url))
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()
    engine.dispose()


def enrol_patients(made: Settings, number: int) -> list[Patient]:
    """Load the demonstration study and enrol participants whose questionnaires are open today."""
    at, keys = datetime.now(UTC), DoorKeys(made.secret_key)
    patients = []
    with writing(made) as session:
        place = load_study(session)[0]
        for _ in range(number):
            row = make_participant(session, place, included_on=at.date() + _DAYS_TO_VISIT, at=at)
            link = doors.issue(session, row, keys, by=actor.SYSTEM, at=at)
            asked = [get_assignment(session, row, code).id for code in ("DLQI", "SHAQ")]
            patients.append(
                Patient(f"/o/{doors.token(keys, link)}", doors.personal_code(keys, link), asked[0], asked[1])
            )
    return patients


def enrolled_phone(port: int, patient: Patient) -> Browser:
    """Open her link on a new phone and give the code; the phone is remembered from then on."""
    phone = Browser(port)
    phone.get(patient.path)
    entered = phone.post_form("/door", code=patient.code, csrf_token=phone.csrf_of("/door"))
    assert entered.status == 303, f"the door answered {entered.status}"
    return phone


def add_staff(made: Settings, role: Role, *, login: str = "") -> Person:
    """Add a member of staff at every site of the demonstration study; of one role, each has a `login` of her own."""
    with writing(made) as session:
        row = staff.add(
            session,
            email=f"{login or role}@example.org",
            name="Camille Martin",
            password=PASSWORD,
            roles=[(place.site_id, role) for place in load_study(session)],
            by=actor.SYSTEM,
            at=datetime.now(UTC),
        )
    return Person(row)


def signed_in(port: int, person: Person) -> Browser:
    """Open the staff's door with password and code."""
    browser = Browser(port)
    entered = browser.post_form("/staff/sign-in", csrf_token=browser.csrf_of("/staff/sign-in"), **person.form())
    assert entered.status == 303, f"signing in answered {entered.status}"
    return browser


def dlqi_answer(screen: str, level: int) -> int | str:
    """Give an answer to a screen of the DLQI that leads to all eleven screens; `level` is 1 or 2."""
    return "N" if screen == "DLQI107" else level


def batch(assignment_id: UUID, seq: int, answers: dict[str, Any], instrument: str = "DLQI") -> dict[str, Any]:
    """Give answers as a phone sends them, numbered from `seq`."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    wording = wordings.demonstration(instrument, "fr").hash
    return {
        "assignment": str(assignment_id),
        "device": "benchmark",
        "seen": {"upto": 0, "devices": {}},
        "answers": [
            {
                "seq": seq + place,
                "link_id": link_id,
                "value": value,
                "empty": None,
                "at": at,
                "language": "fr",
                "wording": wording,
            }
            for place, (link_id, value) in enumerate(answers.items())
        ],
    }
