"""The worker's rounds: deadlines, plans, documents, mails; each unit of work in a transaction of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine

from portal.adapters.mail import Mailer
from portal.adapters.public_holidays import is_public_holiday
from portal.adapters.sms import NoTexter, Texter
from portal.cli.bouncing import BounceReader
from portal.cli.duty import Duty
from portal.cli.printing import Printing, Render, RenderBlank
from portal.cli.sending import Sending
from portal.cli.units import Units
from portal.config import Settings
from portal.domain.messages import MessageKind
from portal.services import deadlines, fresh_links, message_plan, notices, pulse, shortfalls
from portal.services.actor import SYSTEM


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
    duty: Duty = field(default_factory=Duty)
    bounces: BounceReader | None = None

    def round(self) -> int:
        """Do everything that is due now; give how many units of work failed."""
        before = self.faults
        self.beat()
        self.meet_deadlines()
        if self.bounces:
            self.faults += self.bounces.read(self._say, at=self.now())
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
            pulse.beat(session, self.duty.name, at=self.now())

    def check_day(self) -> None:
        """Once a day, and after what was late was made up for, look for what should have left and did not."""
        with self._unit("checking the day") as session:
            done = shortfalls.check_once_a_day(session, is_public_holiday, self.duty.name, by=SYSTEM, at=self.now())
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
        """Add the messages that come due."""
        with self._unit("planning messages") as session:
            added = message_plan.plan(session, is_public_holiday, by=SYSTEM, at=self.now())
            added += notices.plan(session, is_public_holiday, self.duty.name, by=SYSTEM, at=self.now())
            if added:
                self._say(f"{len(added)} messages planned")

    def answer_requests(self) -> None:
        """Plan a message for whoever has asked for a fresh link and can be sent one."""
        with self._unit("answering requests for fresh links") as session:
            for message_id in fresh_links.answer(session, by=SYSTEM, at=self.now()):
                self._say(f"message {message_id} ({MessageKind.FRESH_LINK}) planned")

    def send(self) -> None:
        """Send everything that is due."""
        sending = Sending(
            clinical=self.clinical,
            contact=self.contact,
            settings=self.settings,
            mailer=self.mailer,
            texter=self.texter,
            duty=self.duty,
            now=self.now,
            say=self.say,
            stopping=self.stopping,
        )
        self.faults += sending.round()

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
