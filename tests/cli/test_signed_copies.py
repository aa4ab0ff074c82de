"""The worker prints the signed copy of what was signed, in each language, once; before anything else that waits."""

import threading
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli.work import open_worker
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.signature import SignedDocument
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import actor, signatures, summaries
from portal.services.summaries import SummaryPage
from tests import factories
from tests.web.staff_people import make_staff

NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def worker(settings: Settings, store: Session) -> Worker:
    """A worker at NOW; a summary was made and signed, and nothing of it is rendered yet."""
    place = factories.load_study(store)[0]
    grace = make_staff(store, (place.site_id, Role.INVESTIGATOR), name="Grace")
    summary = summaries.make(
        store, factories.get_visit(store, factories.make_participant(store, place)).id, by=actor.SYSTEM, at=NOW
    )
    by, code = actor.staff(grace.id), pyotp.TOTP(grace.totp_secret).at(NOW)
    summaries.opened(store, summary, by=by, at=NOW)
    signatures.sign(store, [summary], Meaning.SEEN, code, by=by, at=NOW)
    store.commit()
    made = open_worker(settings, threading.Event())
    made.now = lambda: NOW
    return made


def test_signed_copies_come_first_and_once(worker: Worker, store: Session) -> None:
    printed: list[str] = []

    def render(page: SummaryPage) -> bytes:
        who = page.signed.printed_name if page.signed else "nobody"
        printed.append(f"{page.language} signed by {who}")
        return printed[-1].encode()

    worker.render = render
    for _ in range(2):
        worker.make_documents()
    assert printed[:2] == ["en signed by Grace", "fr signed by Grace"]
    assert sorted(printed[2:]) == ["en signed by nobody", "fr signed by nobody"]
    kept = store.scalars(select(SignedDocument).order_by(SignedDocument.language)).all()
    assert [document.pdf for document in kept] == [b"en signed by Grace", b"fr signed by Grace"]
    worker.clinical.dispose()
    worker.contact.dispose()


def test_a_copy_that_will_not_render_holds_up_nothing(worker: Worker) -> None:
    printed: list[bool] = []

    def render(page: SummaryPage) -> bytes:
        if page.signed:
            raise RuntimeError
        printed.append(page.signed is None)
        return b"%PDF"

    worker.render = render
    worker.make_documents()
    assert (len(printed), worker.faults) == (2, 2)
    worker.clinical.dispose()
    worker.contact.dispose()
