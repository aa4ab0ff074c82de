"""The web pages on PostgreSQL: the same journey as everywhere, and many phones that save at the same moment."""

import threading
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.migrate import Store
from portal.db.response import Answer, Response
from portal.domain.audit import Deed
from portal.domain.instruments import wordings
from portal.services import audit
from tests.web.patients import Patient

if TYPE_CHECKING:
    from tests.databases import Stores  # a plugin: pytest must be the first to import it


@pytest.fixture
def settings(settings: Settings, postgresql_stores: "Stores") -> Settings:
    """The usual settings, with both stores on PostgreSQL."""
    return replace(
        settings,
        database_url=postgresql_stores.migrated(Store.CLINICAL),
        contact_database_url=postgresql_stores.migrated(Store.CONTACT),
    )


def test_from_the_link_to_the_receipt(app: Flask, store: Session, at: datetime) -> None:
    patient = Patient(app, store, language="en").come_in()
    address = f"/answer/{patient.assignment()}"
    answers = {f"DLQI1{number:02}": "1" for number in range(1, 11)} | {"DLQI107": "Y"}
    patient.get(address).post(address, answers)
    patient.post(f"{address}/send")
    assert "Received on 3 March 2027 at 10:00" in patient.text
    store.rollback()
    assert store.scalars(select(Response.completed_at)).one() == at
    assert audit.first_broken(store) is None


def test_many_phones_at_once_lose_and_double_nothing(app: Flask, store: Session, at: datetime) -> None:
    patients = [Patient(app, store, language="en").come_in() for _ in range(4)]
    wording = wordings.demonstration("DLQI", "en").hash
    targets = [str(patient.assignment()) for patient in patients]
    for patient, target in zip(patients, targets, strict=True):
        patient.get(f"/answer/{target}")
    statuses: list[int] = []

    def tap(patient: Patient, target: str) -> None:
        for seq in range(10):
            answer = {
                "seq": seq,
                "link_id": f"DLQI1{seq % 2 + 1:02}",
                "value": seq % 4,
                "empty": None,
                "at": at.isoformat(),
                "language": "en",
                "wording": wording,
            }
            body = {"assignment": target, "device": "phone", "answers": [answer]}
            statuses.append(patient.send_json("/api/answers", body).status_code)

    threads = [threading.Thread(target=tap, args=pair) for pair in zip(patients, targets, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.rollback()
    assert statuses == [200] * 40
    assert store.scalar(select(func.count()).select_from(Answer)) == 40
    saved = select(func.count()).select_from(AuditEvent).where(AuditEvent.deed == Deed.ANSWER_SAVED)
    assert store.scalar(saved) == 40
    assert audit.first_broken(store) is None
