"""The worker's rounds: deadlines, plans, documents, mails; each unit of work in a transaction of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from os import getpid
from socket import gethostname
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.adapters.mail import Mailer
from portal.adapters.outlets import Outlet
from portal.adapters.public_holidays import is_public_holiday
from portal.adapters.sms import NoTexter, Texter
from portal.cli.printing import Printing, Render, RenderBlank
from portal.cli.units import Units
from portal.config import Settings
from portal.db.message import Message
from portal.domain.messages import MessageKind
from portal.domain.sending import Reason
from portal.services import deadlines, fresh_links, message_plan, messages, pulse, shortfalls
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.doors import DoorKeys
from portal.services.letters import Letter, Outcome, Postponed, Unknown

_HOLDER = f"{gethostname()}:{getpid()}"


@dataclass
class Worker(Units):
    """Does what is due, a round at a time, and says each deed in a line.

    A unit of work that fails is left for the next round. `render` None = something else prints.
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
    texter: Texter = field(default_factory=NoTexter)

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
        self.check_day()
        return self.faults - before

    def beat(self) -> None:
        """Show staff that a worker is at work."""
        with self._unit("keeping the pulse") as session:
            pulse.beat(session, _HOLDER, at=self.now())

    def check_day(self) -> None:
        """Once a day, and after what was late was made up for, look for what should have left and did not."""
        with self._unit("checking the day") as session:
            done = shortfalls.check_once_a_day(session, is_public_holiday, _HOLDER, by=SYSTEM, at=self.now())
            if done and (done.found or done.cleared):
                self._say(f"daily check: {done.found} things found missing, {done.cleared} cleared")

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
        """Render what has no document yet; nothing of it where something else prints."""
        if printing := self.printing():
            printing.make_documents()
            self.faults += printing.faults

    def make_blank_form(self) -> None:
        """Render one blank questionnaire that nobody has rendered yet."""
        if printing := self.printing():
            printing.make_blank_form()
            self.faults += printing.faults

    def printing(self) -> Printing | None:
        """Give what prints for this worker; None where something else does."""
        if self.render is None:
            return None
        return Printing(
            clinical=self.clinical,
            settings=self.settings,
            render=self.render,
            render_blank=self.render_blank,
            now=self.now,
            say=self.say,
            stopping=self.stopping,
        )

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
        outcome: Outcome = Postponed(Reason.FAULT)
        with self._guarded(f"sending message {letter.message_id}"):
            hand_over = Outlet(self.settings, self.mailer, self.texter).write(letter, at=self.now())
            outcome = Unknown(Reason.FAULT)  # should the mailer fail in a way it does not know, the mail may have left
            return hand_over()
        return outcome
