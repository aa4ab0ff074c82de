"""The worker renders the blank questionnaires that a study may show: each once, one a round, for every patient."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli.work import open_worker
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.paper import BlankForm
from portal.domain.audit import Deed
from portal.domain.instruments.wording import Wording
from tests import factories
from tests.conftest import NOW

FORMS = 2 * 2 * 2  # questionnaires, languages, sizes of letters


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def worker(settings: Settings, store: Session, said: list[str]) -> Iterator[Worker]:
    """A worker whose printer writes the name of a form on paper."""
    factories.load_study(store)
    store.commit()
    made = open_worker(settings, threading.Event())
    made.now, made.say = lambda: NOW, said.append
    made.render_blank = lambda wording, large: f"{wording.hash} {large}".encode()
    yield made
    made.clinical.dispose()
    made.contact.dispose()


def test_each_form_is_rendered_once_one_a_round(worker: Worker, store: Session, said: list[str]) -> None:
    for rounds in range(1, FORMS + 1):
        assert worker.round() == 0
        assert len(said) == rounds
    assert worker.round() == 0
    assert len(said) == FORMS
    forms = store.scalars(select(BlankForm)).all()
    assert {(form.wording, form.large) for form in forms} == {
        (form.wording, large) for form in forms for large in (False, True)
    }
    assert all(form.pdf == f"{form.wording} {form.large}".encode() for form in forms)
    events = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.BLANK_FORM_RENDERED)).all()
    assert {event.subject_id for event in events} == {form.id for form in forms}
    assert "2027-03-03 09:00:00Z blank SHAQ rendered in en, large" in said


def test_a_form_that_will_not_come_out_holds_up_no_other(worker: Worker, store: Session, said: list[str]) -> None:
    def render(wording: Wording, large: bool) -> bytes:
        if wording.instrument == "DLQI":
            raise ValueError("words that no page can hold")
        return b"%PDF"

    worker.render_blank = render
    for _ in range(FORMS + 2):
        worker.round()
    assert worker.faults == FORMS // 2  # each is tried once, and said
    assert len(store.scalars(select(BlankForm)).all()) == FORMS // 2
