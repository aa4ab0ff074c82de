"""The worker as cron and the demonstration start it: it does what is due, says it, and leaves nothing half done."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.local_mailbox import LocalMailbox
from portal.app import create_app
from portal.cli.work import open_worker
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.message import Message, MessageStatus
from portal.db.participant import Visit
from portal.db.summary import Summary, SummaryDocument
from portal.domain.blind import forbidden_words
from portal.domain.roles import Role
from portal.services import doors, fresh_links, staff
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys
from portal.services.letters import DOOR_PATH, SUMMARY_PATH, Accepted, Outcome
from portal.services.summaries import SummaryPage
from tests import factories
from tests.cli.conftest import Portal

DEADLINE = datetime(2027, 3, 3, 6, 0, tzinfo=UTC)
"""Wednesday 3 March 2027, 07:00 in Paris: two working days before the inclusion visit of Friday 5 March."""


@pytest.fixture
def silent(settings: Settings, store: Session) -> UUID:
    """A participant with an address, from whom nothing has come, and the site's investigator; gives her visit's id."""
    place = factories.load_study(store)[0]
    participant = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as contact_session:
        contacts = Contacts(contact_session, settings.contact_key)
        contacts.keep(store, participant.id, email="she@example.org", by=SYSTEM, at=factories.AT)
        contact_session.commit()
    engine.dispose()
    staff.add(
        store,
        email="doctor@example.org",
        name="D. Octor",
        password="a long enough password",
        roles=[(place.site_id, Role.INVESTIGATOR)],
        by=SYSTEM,
        at=factories.AT,
    )
    visit_id = factories.get_visit(store, participant).id
    store.commit()
    return visit_id


@pytest.fixture
def view(settings: Settings) -> Iterator[Session]:
    """A session that only looks, and so holds no other up."""
    engine = open_engine(settings.database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def worker(settings: Settings, said: list[str]) -> Iterator[Worker]:
    """A worker whose clock stands at the deadline, and whose renderer writes the page's number on paper."""
    made = open_worker(settings, threading.Event())
    made.now, made.say, made.render = lambda: DEADLINE, said.append, lambda page: page.digest.encode()
    made.render_blank = None  # tests/cli/test_blank_forms.py is about those
    yield made
    made.clinical.dispose()
    made.contact.dispose()


def mails(settings: Settings, to: str) -> list[EmailMessage]:
    box = LocalMailbox(settings.mailbox)
    found = [box.find(name) for name in reversed(box.names())]
    return [mail for mail in found if mail and mail["To"] == to]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    content: str = body.get_content()
    return content


def test_at_the_deadline_the_investigator_gets_a_link_although_nothing_was_received(
    settings: Settings, view: Session, worker: Worker, said: list[str], silent: UUID
) -> None:
    worker.now = lambda: DEADLINE.replace(hour=5, minute=59)
    assert worker.round() == 0
    assert mails(settings, "doctor@example.org") == []
    worker.now = lambda: DEADLINE
    assert worker.round() == 0
    summary = view.scalars(select(Summary).where(Summary.visit_id == silent)).one()
    (mail,) = mails(settings, "doctor@example.org")
    assert f"{settings.base_url}/investigator/summaries/{summary.id}" in text_of(mail)
    assert forbidden_words(str(mail["Subject"]) + text_of(mail).replace("Hôpital des Tilleuls", "")) == []
    documents = view.scalars(select(SummaryDocument).order_by(SummaryDocument.language)).all()
    assert [document.language for document in documents] == ["en", "fr"]
    assert f"2027-03-03 06:00:00Z summary {summary.id} made at its deadline" in said
    assert "she@example.org" not in "".join(said)


def test_a_second_round_does_nothing_new(settings: Settings, worker: Worker, said: list[str], silent: UUID) -> None:
    worker.now = lambda: DEADLINE.replace(hour=9)
    worker.round()
    sent, lines = len(LocalMailbox(settings.mailbox).names()), len(said)
    assert sent == 2  # her opening, and the summary
    assert worker.round() == 0
    assert (len(LocalMailbox(settings.mailbox).names()), len(said)) == (sent, lines)


def test_the_patients_link_leads_to_her_door(settings: Settings, worker: Worker, silent: UUID) -> None:
    worker.now = lambda: DEADLINE.replace(hour=9)
    worker.round()
    (mail,) = mails(settings, "she@example.org")
    link = next(line for line in text_of(mail).splitlines() if line.startswith("http"))
    answer = create_app(settings).test_client().get(link.removeprefix(settings.base_url))
    assert answer.status_code in {200, 302, 303}


def test_who_asked_for_a_fresh_link_at_a_door_has_it_after_the_round(
    settings: Settings, store: Session, worker: Worker, said: list[str], silent: UUID
) -> None:
    night = DEADLINE.replace(hour=1)
    participant = store.get_one(Visit, silent).participant
    old = doors.issue(store, participant, DoorKeys(settings.secret_key), by=SYSTEM, at=night)
    doors.issue(store, participant, DoorKeys(settings.secret_key), by=SYSTEM, at=night)
    fresh_links.ask(store, old.id, at=night)
    fresh_links.ask(store, UUID(int=7), at=night)  # a door that is nobody's
    store.commit()
    worker.now = lambda: night
    assert worker.round() == 0
    (mail,) = mails(settings, "she@example.org")
    link = next(line for line in text_of(mail).splitlines() if line.startswith("http"))
    phone = create_app(settings).test_client()
    page = phone.get(link.removeprefix(settings.base_url), follow_redirects=True)
    assert page.request.path == "/door"
    assert str(mail["Subject"]) == "Votre nouveau lien"
    assert [line.partition("(fresh-link) ")[2] for line in said if "fresh-link" in line] == ["planned", "sent"]
    worker.round()
    assert len(mails(settings, "she@example.org")) == 1


def test_the_links_of_letters_are_addresses_that_the_portal_has(settings: Settings) -> None:
    rules = {rule.rule for rule in create_app(settings).url_map.iter_rules()}
    assert DOOR_PATH.replace("{token}", "<token>") in rules
    assert SUMMARY_PATH.replace("{summary_id}", "<uuid:summary_id>") in rules


def test_a_page_that_will_not_render_is_said_and_holds_up_nothing(
    settings: Settings, view: Session, worker: Worker, said: list[str], silent: UUID
) -> None:
    def render(page: SummaryPage) -> bytes:
        if page.language == "en":
            raise ZeroDivisionError("with something that is nobody's business")
        return b"%PDF"

    worker.render = render
    assert worker.round() == 1
    assert [document.language for document in view.scalars(select(SummaryDocument))] == ["fr"]
    assert len(mails(settings, "doctor@example.org")) == 1
    (line,) = [line for line in said if "FAILED" in line]
    assert line.endswith("in en FAILED: ZeroDivisionError")
    assert worker.round() == 0  # not tried again and again


def test_a_mailer_that_breaks_leaves_the_message_unknown_and_the_next_one_goes(
    view: Session, worker: Worker, silent: UUID
) -> None:
    class Breaks:
        first = True

        def send(self, mail: EmailMessage) -> Outcome:
            if self.first:
                self.first = False
                raise RuntimeError
            return Accepted()

    worker.now = lambda: DEADLINE.replace(hour=9)
    worker.mailer = Breaks()
    assert worker.round() == 1
    statuses = {message.kind: message.status for message in view.scalars(select(Message))}
    assert statuses["opening"] is MessageStatus.UNKNOWN
    assert statuses["summary"] is MessageStatus.SENT


def test_a_contact_that_the_key_does_not_open_waits_and_the_others_go(
    settings: Settings, view: Session, worker: Worker, silent: UUID
) -> None:
    worker.now = lambda: DEADLINE.replace(hour=9)
    worker.settings = replace(settings, contact_key="qkWn6rSDYV0CUZnEHpPxP4eKIY_lhXXwGtA7VLzj4CM=")
    assert worker.round() >= 1
    opening = view.scalars(select(Message).where(Message.kind == "opening")).one()
    assert (opening.status, opening.reason) == (MessageStatus.PLANNED, "fault")
    assert opening.due_at > worker.now()
    assert len(mails(settings, "doctor@example.org")) == 1


def test_told_to_stop_it_starts_nothing_more(settings: Settings, worker: Worker, silent: UUID) -> None:
    worker.stopping = lambda: True
    assert worker.round() == 0
    assert LocalMailbox(settings.mailbox).names() == []


def test_once_for_cron_says_each_deed(portal: Portal, settings: Settings, silent: UUID) -> None:
    shift = DEADLINE - datetime.now(UTC)
    done = portal("work", "--once", CLOCK_SHIFT=str(int(shift.total_seconds()) + 5))
    assert (done.code, done.err) == (0, "")
    assert "made at its deadline" in done.out
    assert "(summary) sent" in done.out
    assert "rendered in fr" in done.out
    again = portal("work", "--once", CLOCK_SHIFT=str(int(shift.total_seconds()) + 5))
    # blank questionnaires come one a round
    assert (again.code, [line for line in again.out.splitlines() if " blank " not in line]) == (0, [])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SMTP_URL", "mail.example.org", "SMTP_URL must look like smtp://user:password@host:587."),
        ("CONTACT_KEY", "no key", "CONTACT_KEY is no key: `portal doctor --new-keys` makes one"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(portal: Portal, name: str, value: str, message: str) -> None:
    done = portal("work", "--once", **{name: value})
    assert (done.code, done.err) == (2, f"portal: {message}\n")


def test_sigterm_ends_it_after_the_round(settings: Settings, silent: UUID) -> None:
    environment = os.environ | settings.to_environment() | {"PYTHONUNBUFFERED": "1"}
    shift = DEADLINE - datetime.now(UTC)
    environment["CLOCK_SHIFT"] = str(int(shift.total_seconds()) + 5)
    command = [sys.executable, "-m", "portal.cli.main", "work", "--interval", "60"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        first = running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)
    assert "made at its deadline" in first
    assert running.returncode == 0
