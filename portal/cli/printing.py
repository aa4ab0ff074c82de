"""The worker's printing: what has no document yet, one after the other; what fails is tried again later, then shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Lock
from time import monotonic
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.cli.units import Units, name_of
from portal.config import Settings
from portal.db.signature import Signature
from portal.db.summary import Summary
from portal.db.watch import RenderSubject
from portal.domain.instruments.wording import Wording
from portal.services import blank_forms, render_faults, signed_documents, summaries, summary_documents
from portal.services.actor import SYSTEM
from portal.services.render_faults import Wanted
from portal.services.summaries import SummaryPage

Render = Callable[[SummaryPage], bytes]
RenderBlank = Callable[[Wording, bool], bytes]
_Make = Callable[[Session], None]

LARGE = " large"
"""What follows a wording's hash where its form in large letters is meant."""
_DOCUMENTS_A_ROUND = 20  # about two seconds of rendering, so that what is new never waits long behind what is old


@dataclass
class InHand:
    """The documents that are being printed now, each since when: two printers of one worker never make the same."""

    _since: dict[Wanted, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def taken(self, wanted: Wanted) -> Iterator[bool]:
        """Take a document for as long as the block lasts; gives whether nobody else has it."""
        with self._lock:
            is_free = wanted not in self._since
            if is_free:
                self._since[wanted] = monotonic()
        try:
            yield is_free
        finally:
            if is_free:
                self._since.pop(wanted)

    def longest(self) -> float:
        """Give for how many seconds the one that takes longest has been printed."""
        return monotonic() - min(list(self._since.values()), default=monotonic())


@dataclass
class Printing(Units):
    """Renders documents, a round at a time, and keeps them; `render_blank` None = no blank questionnaires."""

    clinical: Engine
    settings: Settings
    render: Render
    render_blank: RenderBlank | None
    now: Callable[[], datetime]
    say: Callable[[str], None]
    stopping: Callable[[], bool]
    faults: int = 0
    in_hand: InHand = field(default_factory=InHand)

    def round(self) -> int:
        """Render what waits, at most twenty documents and one blank questionnaire; give how many failed."""
        before = self.faults
        self.make_documents()
        self.make_blank_form()
        return self.faults - before

    def make_documents(self) -> None:
        """Render what has no document yet, signed copies first: somebody has just signed and may want to print.

        What failed before comes after what is new, and not before its time.
        """
        todo: list[tuple[Wanted, _Make]] = []
        with self._unit("looking for documents to make") as session:
            tried = render_faults.tried(session)
            limit = _DOCUMENTS_A_ROUND + len(tried)
            for signature, language in signed_documents.unrendered(session, limit):
                wanted = Wanted(RenderSubject.SIGNATURE, str(signature.id), language)
                todo.append((wanted, partial(self._make_signed_copy, signature.id, language)))
            for summary, language in summary_documents.unrendered(session, limit):
                wanted = Wanted(RenderSubject.SUMMARY, str(summary.id), language)
                todo.append((wanted, partial(self._make_document, summary.id, language)))
            todo = [each for each in todo if each[0] not in tried or tried[each[0]] <= self.now()]
            todo.sort(key=lambda each: each[0] in tried)
        for wanted, make in todo[:_DOCUMENTS_A_ROUND]:
            if self.stopping():
                return
            self._take(wanted, f"{wanted.kind} {wanted.subject}", make)

    def make_blank_form(self) -> None:
        """Render one blank questionnaire that nobody has rendered yet: summaries never wait for many."""
        if self.render_blank is None or self.stopping():
            return
        found: list[tuple[Wanted, Wording, bool]] = []
        with self._unit("looking for blank questionnaires to render") as session:
            tried = render_faults.tried(session)
            for wording, large in blank_forms.unrendered(session, at=self.now()):
                subject = f"{wording.hash}{LARGE if large else ''}"
                wanted = Wanted(RenderSubject.BLANK_FORM, subject, wording.language)
                if wanted not in tried or tried[wanted] <= self.now():
                    found.append((wanted, wording, large))
            found.sort(key=lambda each: each[0] in tried)
        for wanted, wording, large in found[:1]:
            self._take(wanted, f"blank {wording.instrument}", partial(self._make_blank, wording, large))

    def _take(self, wanted: Wanted, what: str, make: _Make) -> None:
        """Make a document, unless this worker's other printer is at it or has just made it."""
        with self.in_hand.taken(wanted) as is_free:
            if is_free:
                self._make(wanted, what, make)

    def _make(self, wanted: Wanted, what: str, make: _Make) -> None:
        """Make and keep one document; a fault is noted, unless the printer was stopped because all ends."""
        made = False
        with self._unit(f"rendering {what} in {wanted.language}", partial(self._note, wanted)) as session:
            make(session)
            render_faults.clear(session, wanted)
            made = True
        if made:
            large = ", large" if wanted.subject.endswith(LARGE) else ""
            self._say(f"{what} rendered in {wanted.language}{large}")

    def _note(self, wanted: Wanted, fault: Exception) -> None:
        if self.stopping():
            return
        with self._unit("noting what would not render") as session:
            row = render_faults.note(session, wanted, name_of(fault), at=self.now())
            self._say(f"{wanted.kind} {wanted.subject}: try {row.attempts} failed, the next at {row.next_at:%H:%M:%SZ}")

    def _make_document(self, summary_id: UUID, language: str, session: Session) -> None:
        summary = session.get_one(Summary, summary_id)
        page = summaries.page_of(session, summary, language=language, base_url=self.settings.base_url)
        session.rollback()  # no lock is held while the page is rendered
        pdf = self.render(page)
        summary_documents.keep_document(session, summary, language, pdf, by=SYSTEM, at=self.now())

    def _make_signed_copy(self, signature_id: UUID, language: str, session: Session) -> None:
        signature = session.get_one(Signature, signature_id)
        page = signed_documents.page_of(session, signature, language=language, base_url=self.settings.base_url)
        session.rollback()  # as above
        pdf = self.render(page)
        signed_documents.keep(session, signature, language, pdf, by=SYSTEM, at=self.now())

    def _make_blank(self, wording: Wording, large: bool, session: Session) -> None:
        assert self.render_blank is not None
        session.rollback()  # as above
        pdf = self.render_blank(wording, large)
        blank_forms.keep(session, wording, pdf, large=large, by=SYSTEM, at=self.now())
