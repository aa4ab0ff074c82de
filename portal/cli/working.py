"""The worker's rounds: deadlines, plans, documents, mails; each unit of work in a transaction of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from os import getpid
from socket import gethostname
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.adapters.letters import compose
from portal.adapters.mail import Mailer
from portal.adapters.public_holidays import is_public_holiday
from portal.config import Settings
from portal.db.message import Message
from portal.db.signature import Signature
from portal.db.summary import Summary
from portal.domain.instruments.wording import Wording
from portal.domain.messages import MessageKind
from portal.domain.sending import Reason
from portal.services import (
    blank_forms,
    deadlines,
    fresh_links,
    message_plan,
    messages,
    pulse,
    signed_documents,
    summaries,
    summary_documents,
)
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys
from portal.services.letters import Letter, Outcome, Postponed, Unknown
from portal.services.summaries import SummaryPage

Render = Callable[[SummaryPage], bytes]
MakeDocument = Callable[[Session, UUID, str], None]
RenderBlank = Callable[[Wording, bool], bytes]

_DOCUMENTS_A_ROUND = 20  # about two seconds of rendering, so that mails never wait long for documents


@dataclass
class Worker:
    """Does what is due, a round at a time, and says each deed in a line.

    A unit of work that fails is said, counted and left for the next round; the others go on. `now` is asked for each
    unit anew; `stopping` between units.
    """

    clinical: Engine
    contact: Engine
    settings: Settings
    mailer: Mailer
    render: Render | None
    now: Callable[[], datetime]
    say: Callable[[str], None] = field(default=lambda _line: None)
    stopping: Callable[[], bool] = field(default=lambda: False)
    faults: int = 0
    render_blank: RenderBlank | None = None
    _unrenderable: set[tuple[UUID, str]] = field(default_factory=set)
    _unprintable: set[tuple[str, bool]] = field(default_factory=set)

    def round(self) -> int:
        """Do everything that is due now; give how many units of work failed."""
        before = self.faults
        self.beat()
        self.meet_deadlines()
        self.plan()
        self.answer_requests()
        self.send()
        self.make_documents()
        self.make_blank_form()
        return self.faults - before

    def beat(self) -> None:
        """Show staff that a worker is at work."""
        with self._unit("keeping the pulse") as session:
            pulse.beat(session, f"{gethostname()}:{getpid()}", at=self.now())

    def meet_deadlines(self) -> None:
        """Make the summary of each visit whose day has come and that has none."""
        visit_ids: list[UUID] = []
        with self._unit("looking for deadlines") as session:
            visit_ids = deadlines.due_visits(session, is_public_holiday, at=self.now())
        for visit_id in visit_ids:
            if self.stopping():
                return
            with self._unit(f"making the summary of visit {visit_id}") as session:
                summary = deadlines.make_if_missing(session, visit_id, by=SYSTEM, at=self.now())
                if summary:
                    self._say(f"summary {summary.id} made at its deadline")

    def plan(self) -> None:
        """Add the messages that come due and mark what a lost worker left behind."""
        with self._unit("planning messages") as session:
            added = message_plan.plan(session, is_public_holiday, by=SYSTEM, at=self.now())
            lost = messages.mark_lost(session, by=SYSTEM, at=self.now())
            if added:
                self._say(f"{len(added)} messages planned")
            for message in lost:
                self._say(f"message {message.id} ({message.kind}) unknown: its worker was lost")

    def answer_requests(self) -> None:
        """Plan a message for whoever has asked for a fresh link and can be sent one."""
        with self._unit("answering requests for fresh links") as session:
            for message_id in fresh_links.answer(session, by=SYSTEM, at=self.now()):
                self._say(f"message {message_id} ({MessageKind.FRESH_LINK}) planned")

    def send(self) -> None:
        """Send every message that is due."""
        while not self.stopping():
            claimed: list[Message] = []
            with self._unit("claiming messages") as session:
                claimed = messages.claim(session, at=self.now())
            if not claimed:
                return
            self._send(claimed[0].id)

    def make_documents(self) -> None:
        """Render what has no document yet, signed copies first: somebody has just signed and may want to print.

        One that will not render does not hold up the others.
        """
        if self.render is None:
            return
        limit = _DOCUMENTS_A_ROUND + len(self._unrenderable)
        todo: list[tuple[MakeDocument, str, UUID, str]] = []
        with self._unit("looking for documents to make") as session:
            for signature, language in signed_documents.unrendered(session, limit):
                todo.append((self._make_signed_copy, "signature", signature.id, language))
            for summary, language in summary_documents.unrendered(session, limit):
                todo.append((self._make_document, "summary", summary.id, language))
        wanted = [each for each in todo if each[2:] not in self._unrenderable]
        for make, what, subject_id, language in wanted[:_DOCUMENTS_A_ROUND]:
            if self.stopping():
                return
            with self._unit(f"rendering {what} {subject_id} in {language}", (subject_id, language)) as session:
                make(session, subject_id, language)
                self._say(f"{what} {subject_id} rendered in {language}")

    def make_blank_form(self) -> None:
        """Render one blank questionnaire that nobody has rendered yet: mails never wait for many."""
        if self.render_blank is None or self.stopping():
            return
        with self._unit("rendering a blank questionnaire") as session:
            todo = blank_forms.unrendered(session, at=self.now())
            session.rollback()  # no lock is held while the form is rendered
            for wording, large in [each for each in todo if (each[0].hash, each[1]) not in self._unprintable][:1]:
                self._unprintable.add((wording.hash, large))  # unless it comes out: tried when the worker starts anew
                pdf = self.render_blank(wording, large)
                self._unprintable.discard((wording.hash, large))
                blank_forms.keep(session, wording, pdf, large=large, by=SYSTEM, at=self.now())
                self._say(f"blank {wording.instrument} rendered in {wording.language}{', large' if large else ''}")

    def _make_document(self, session: Session, summary_id: UUID, language: str) -> None:
        assert self.render is not None
        summary = session.get_one(Summary, summary_id)
        page = summaries.page_of(session, summary, language=language, base_url=self.settings.base_url)
        session.rollback()  # no lock is held while the page is rendered
        pdf = self.render(page)
        summary_documents.keep_document(session, summary, language, pdf, by=SYSTEM, at=self.now())

    def _make_signed_copy(self, session: Session, signature_id: UUID, language: str) -> None:
        assert self.render is not None
        signature = session.get_one(Signature, signature_id)
        page = signed_documents.page_of(session, signature, language=language, base_url=self.settings.base_url)
        session.rollback()  # as above
        pdf = self.render(page)
        signed_documents.keep(session, signature, language, pdf, by=SYSTEM, at=self.now())

    def _send(self, message_id: UUID) -> None:
        """Decide on a claimed message, send it, keep the outcome: three steps, the middle one outside any transaction.

        When the first step fails, nothing has left, and the message waits for another try.
        """
        outcome: Outcome = Postponed(Reason.FAULT)
        letter: Letter | None = None
        decided = False
        with self._unit(f"preparing message {message_id}") as session, Session(self.contact) as contact_session:
            message = session.get_one(Message, message_id)
            contacts = Contacts(contact_session, self.settings.contact_key)
            keys = DoorKeys(self.settings.secret_key)
            letter = messages.prepare(session, message, contacts, keys, by=SYSTEM, at=self.now())
            session.commit()
            decided = True
            if letter is None:
                self._say(f"message {message_id} ({message.kind}) {message.status}: {message.reason or 'waits'}")
        if decided and letter is None:
            return
        if letter:
            outcome = self._hand_over(letter)
        with self._unit(f"keeping the outcome of message {message_id}") as session:
            message = session.get_one(Message, message_id)
            messages.conclude(session, message, outcome, by=SYSTEM, at=self.now())
            said = f": {message.reason}" if message.reason else ""
            self._say(f"message {message_id} ({message.kind}) {message.status}{said}")

    def _hand_over(self, letter: Letter) -> Outcome:
        settings = self.settings
        outcome: Outcome = Postponed(Reason.FAULT)
        with self._guarded(f"sending message {letter.message_id}"):
            mail = compose(
                letter,
                base_url=settings.base_url,
                sender=settings.mail_from,
                reply_to=settings.mail_reply_to,
                at=self.now(),
            )
            outcome = Unknown(Reason.FAULT)  # should the mailer fail in a way it does not know, the mail may have left
            return self.mailer.send(mail)
        return outcome

    @contextmanager
    def _unit(self, what: str, document: tuple[UUID, str] | None = None) -> Iterator[Session]:
        with self._guarded(what, document), Session(self.clinical, expire_on_commit=False) as session:
            yield session
            session.commit()

    @contextmanager
    def _guarded(self, what: str, document: tuple[UUID, str] | None = None) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            # Another worker, or the participant herself, has just done the same: the next round looks again.
            self._say(f"{what}: done elsewhere at the same moment")
        except Exception as fault:  # whatever one unit meets must not stop the others
            self.faults += 1
            if document:
                self._unrenderable.add(document)  # tried again when the worker starts anew
            # A fault's text may quote what is nobody's business in a log; its kind is enough to find it.
            self._say(f"{what} FAILED: {type(fault).__name__}")

    def _say(self, line: str) -> None:
        self.say(f"{self.now():%Y-%m-%d %H:%M:%SZ} {line}")
