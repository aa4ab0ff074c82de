"""Every mail of a silent visit, and what staff are told of the day and the week, by the worker that a study runs.

The visit is on Friday 5 March 2027 in Paris, open from 26 February; the summary is due on Wednesday 3 March at 07:00.
"""

import threading
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.adapters.local_mailbox import LocalMailbox
from portal.app import create_app
from portal.cli.work import open_worker
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.notice import NoticeKind
from portal.db.staff import Staff
from portal.domain.blind import forbidden_words
from portal.domain.roles import Role
from portal.services import actor, notice_choices, promises, staff
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.letters import NURSES_LIST_PATH, SUMMARIES_PATH, Outcome, Rejected
from tests import factories
from tests.services.mailing import change_study, paris

HERS, NURSES, DOCTORS = "she@example.org", "nurse@example.org", "doctor@example.org"


class Patient(LocalMailbox):
    """A mailbox that takes everything but what the patient's server refuses."""

    refuses = False

    def send(self, mail: EmailMessage) -> Outcome:
        return Rejected("smtp-550") if self.refuses and mail["To"] == HERS else super().send(mail)


@pytest.fixture
def people(settings: Settings, store: Session) -> dict[str, Staff]:
    """A nurse and an investigator; a patient who was enrolled on 15 February with her address, and answers nothing."""
    place = change_study(store, messages={"invitation": True}, reminders={"last_call": 1})
    made = {
        email: staff.add(
            store,
            email=email,
            name=email,
            password="a long enough password",
            roles=[(place.site_id, role)],
            by=SYSTEM,
            at=factories.AT,
        )
        for email, role in ((NURSES, Role.NURSE), (DOCTORS, Role.INVESTIGATOR))
    }
    participant = factories.make_participant(store, place, at=paris(2, 15, 9))
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as contacts:
        Contacts(contacts, settings.contact_key).keep(store, participant.id, email=HERS, by=SYSTEM, at=paris(2, 15, 9))
        contacts.commit()
    engine.dispose()
    store.commit()
    return made


@pytest.fixture
def worker(settings: Settings, people: dict[str, Staff]) -> Iterator[Worker]:
    made = open_worker(settings, threading.Event())
    made.render = made.render_blank = None
    made.mailer = Patient(settings.mailbox)
    yield made
    made.clinical.dispose()
    made.contact.dispose()


def work_at(worker: Worker, *instants: datetime) -> None:
    for at in instants:
        worker.now = lambda at=at: at  # type: ignore[misc] # bound for each instant
        assert worker.round() == 0


def subjects(settings: Settings, to: str) -> list[str]:
    """The subjects of the mails to somebody, as they came; of none the words tell of anyone's health."""
    box = LocalMailbox(settings.mailbox)
    found = [mail for name in reversed(box.names()) if (mail := box.find(name)) and mail["To"] == to]
    for mail in found:
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                assert forbidden_words(part.get_content()) == []
    return [str(mail["Subject"]).replace("\u202f", " ").replace("\u00a0", " ") for mail in found]


def test_she_hears_of_a_visit_once_a_day_and_her_nurse_of_her_silence(settings: Settings, worker: Worker) -> None:
    work_at(worker, paris(2, 15, 9), paris(2, 20, 9), paris(2, 26, 10), paris(2, 28, 10), paris(3, 2, 10))
    assert subjects(settings, HERS) == [
        "Votre lien pour les questionnaires de Hôpital des Tilleuls, Paris",
        "Vos questionnaires avant la visite du 5 mars 2027",
        "Rappel : vos questionnaires avant la visite du 5 mars 2027",
        "À remplir aujourd’hui : vos questionnaires avant la visite du 5 mars 2027",
    ]
    assert subjects(settings, NURSES) == []
    work_at(worker, paris(3, 3, 7), paris(3, 3, 8), paris(3, 3, 10))
    assert subjects(settings, NURSES) == ["Appeler le patient 01-001 avant la visite du 5 mars 2027"]
    assert subjects(settings, DOCTORS) == ["À lire avant la visite du 5 mars 2027 : patient 01-001"]
    assert len(subjects(settings, HERS)) == 4


def test_a_refused_mail_is_told_to_the_nurse_on_the_next_working_day_and_once(
    settings: Settings, worker: Worker
) -> None:
    assert isinstance(worker.mailer, Patient)
    work_at(worker, paris(2, 15, 9))
    worker.mailer.refuses = True
    work_at(worker, paris(2, 26, 10), paris(2, 27, 9), paris(2, 28, 9))
    assert subjects(settings, NURSES) == []
    worker.mailer.refuses = False
    work_at(worker, paris(3, 1, 7), paris(3, 1, 8), paris(3, 1, 9), paris(3, 2, 6), paris(3, 2, 8))
    assert subjects(settings, NURSES) == ["À voir aujourd’hui : Hôpital des Tilleuls, Paris"]


def test_whoever_wishes_it_is_told_of_the_week(
    settings: Settings, store: Session, worker: Worker, people: dict[str, Staff]
) -> None:
    nurse, doctor = people[NURSES], people[DOCTORS]
    site_id: UUID = nurse.roles[0].site_id
    ticked = {(doctor.id, NoticeKind.WEEKLY)}
    notice_choices.choose(store, site_id, ticked, by=actor.staff(nurse.id), at=factories.AT)
    store.commit()
    work_at(worker, paris(2, 15, 9), paris(3, 1, 8), paris(3, 1, 9), paris(3, 2, 9))
    assert subjects(settings, DOCTORS) == ["La semaine du 1er mars 2027 au 7 mars 2027 : Hôpital des Tilleuls, Paris"]
    assert "La semaine" not in "".join(subjects(settings, NURSES))


def test_the_links_of_notices_are_addresses_that_the_portal_has(settings: Settings) -> None:
    rules = {rule.rule for rule in create_app(settings).url_map.iter_rules()}
    assert {NURSES_LIST_PATH, SUMMARIES_PATH, promises.PATH} <= rules
