"""What happens at a site, one act after the other, by chance: as many stores as there are seeds."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Bounce, BounceKind, BounceSource, Message, MessageStatus
from portal.db.paper import PaperIssue
from portal.db.participant import Participant, Visit
from portal.db.response import Response
from portal.db.summary import Summary
from portal.domain import instruments
from portal.domain.messages import MessageKind
from portal.domain.roles import Role
from portal.domain.states import ResponseStatus, VisitState
from portal.services import (
    actor,
    answering,
    completing,
    enrolment,
    moving,
    staff,
    summaries,
    summary_life,
    telephone_calls,
    visit_lists,
    withdrawing,
)
from portal.services.studies import StudyAtSite
from portal.services.telephone_calls import CallOutcome
from portal.services.visit_choice import Choice
from tests import factories

NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


class History:
    """What happens at a site, one act after the other, by chance."""

    def __init__(self, session: Session, chance: random.Random) -> None:
        self.session, self.chance, self.at = session, chance, NOW
        self.place: StudyAtSite = factories.load_study(session)[0]
        self.person = staff.add(
            session,
            email="grace@example.org",
            name="Grace",
            password="correct horse battery",
            roles=[(self.place.site_id, Role.INVESTIGATOR)],
            by=actor.SYSTEM,
            at=NOW,
        )
        self.by = actor.staff(self.person.id)
        for _ in range(8):
            self.enrol()

    def acts(self) -> list[Callable[[], object]]:
        """Give what may happen, the commoner more than once."""
        return [
            self.enrol,
            self.begin,
            self.send,
            self.send_all,
            self.void,
            self.pause,
            self.move,
            self.summarise,
            self.see,
            self.look,
            self.announce,
            self.come_back,
            self.bounce,
            self.leave_again,
            self.telephone,
            self.print_paper,
            *(self.begin, self.send_all, self.print_paper) * 2,
            *(self.summarise, self.announce) * 2,
            *(self.withdraw, self.take_in_again),
        ]

    def live(self, steps: int) -> None:
        acts = self.acts()
        for _ in range(steps):
            self.at += timedelta(minutes=5)
            with suppress(answering.NotOpenYetError, answering.WithdrawnError, answering.RefusedAnswersError):
                self.chance.choice(acts)()
        self.session.flush()

    def listed(self, choice: Choice, page: int = 1) -> visit_lists.VisitList:
        return visit_lists.list_visits(
            self.session,
            [self.place.site_id],
            choice=choice,
            page=page,
            is_public_holiday=is_public_holiday,
            at=self.at,
        )

    def list_all(self, choice: Choice) -> list[tuple[date, str, VisitState]]:
        pages = [self.listed(choice, page) for page in range(1, self.listed(choice).pages + 1)]
        return [(row.planned_on, row.participant_number, row.progress.state) for page in pages for row in page.rows]

    def enrol(self) -> None:
        included_on = NOW.date() + timedelta(self.chance.randint(-10, 20))
        factories.make_participant(self.session, self.place, included_on=included_on)

    def begin(self) -> None:
        participant = self._somebody()
        given = factories.given("DLQI", {"DLQI101": 1}, at=self.at)
        assignment = factories.get_assignment(self.session, participant, "DLQI")
        by = actor.patient(participant.id)
        answering.save(self.session, participant.id, assignment.id, given, by=by, at=self.at)

    def send(self, instrument: str = "SHAQ", participant: Participant | None = None) -> None:
        participant = participant or self._somebody()
        given = factories.given(instrument, factories.full_answers(instruments.get(instrument)), at=self.at)
        assignment = factories.get_assignment(self.session, participant, instrument)
        by = actor.patient(participant.id)
        completing.complete(self.session, participant.id, assignment.id, given, by=by, at=self.at)

    def send_all(self) -> None:
        participant = self._somebody()
        for instrument in ("DLQI", "SHAQ"):
            self.send(instrument, participant)

    def void(self) -> None:
        """As a later part may: a response that was begun turns out to be somebody else's."""
        response = self.session.scalar(select(Response).where(Response.status == ResponseStatus.IN_PROGRESS).limit(1))
        if response:
            response.status = ResponseStatus.ENTERED_IN_ERROR
            self.session.flush()

    def withdraw(self) -> None:
        on = self.at.date() + timedelta(self.chance.randint(-10, 3))
        enrolment.withdraw(self.session, self._somebody(), on=on, reason="moved", by=self.by, at=self.at)

    def pause(self) -> None:
        participant = self._somebody()
        if participant.withdrawn_on is None and participant.paused_on is None:
            withdrawing.pause(self.session, participant, reason="away", by=self.by, at=self.at)

    def take_in_again(self) -> None:
        participant = self._somebody()
        if participant.withdrawn_on or participant.paused_on:
            withdrawing.reinclude(self.session, participant, reason="back", by=self.by, at=self.at)

    def move(self) -> None:
        visit, to = self._visit(), NOW.date() + timedelta(self.chance.randint(-12, 25))
        if visit.participant.withdrawn_on is None and visit.planned_on != to:
            moving.move(
                self.session,
                visit,
                to,
                reason="holiday",
                is_public_holiday=is_public_holiday,
                by=self.by,
                at=self.at,
            )

    def summarise(self) -> None:
        summaries.make(self.session, self._visit().id, by=actor.SYSTEM, at=self.at)

    def see(self) -> None:
        if summary := self._summary():
            summaries.seen(self.session, summary, by=self.by, at=self.at)

    def look(self) -> None:
        if summary := self._summary():
            self.chance.choice([summary_life.opened, summary_life.printed])(
                self.session, summary, by=self.by, at=self.at
            )

    def announce(self) -> None:
        """A mail about some edition, the current one or not, is taken over or will be later."""
        if not (summary := self._summary()):
            return
        told = select(Message).where(Message.visit_id == summary.visit_id, Message.edition == summary.number)
        if not (message := self.session.scalar(told)):
            message = Message(
                visit_id=summary.visit_id,
                kind=MessageKind.SUMMARY,
                recipient="staff",
                edition=summary.number,
                due_at=self.at,
                status=MessageStatus.PLANNED,
                attempts=0,
            )
            self.session.add(message)
        if self.chance.random() < 0.7:
            message.status, message.sent_at = MessageStatus.SENT, self.at
            summary_life.delivered(self.session, summary, by=actor.SYSTEM, at=self.at)
        self.session.flush()

    def come_back(self) -> None:
        sent = select(Message).where(Message.status == MessageStatus.SENT).order_by(Message.sent_at).limit(1)
        if message := self.session.scalar(sent):
            message.status = MessageStatus.FAILED
            self.session.flush()

    def bounce(self) -> None:
        """A report comes of a mail that the store holds for sent all the same: it has left again, or will."""
        sent = self.session.scalars(
            select(Message).where(Message.status == MessageStatus.SENT).order_by(Message.sent_at, Message.visit_id)
        ).all()
        if sent:
            report = Bounce(
                message_id=self.chance.choice(sent).id,
                kind=self.chance.choice(list(BounceKind)),
                code="5.1.1",
                source=BounceSource.MAILBOX,
                at=self.at,
                report=f"{self.chance.getrandbits(256):064x}",
            )
            self.session.add(report)
            self.session.flush()

    def leave_again(self) -> None:
        """A mail of which a report came is taken over once more."""
        came_back = select(Bounce.message_id).where(Bounce.kind == BounceKind.PERMANENT)
        left = select(Message).where(Message.id.in_(came_back), Message.status == MessageStatus.SENT)
        for message in self.session.scalars(left.order_by(Message.sent_at, Message.visit_id).limit(1)):
            message.status, message.sent_at = MessageStatus.PLANNED, None
            self.session.flush()
            message.claimed_at = message.sent_at = self.at
            message.status = MessageStatus.SENT
            self.session.flush()

    def telephone(self) -> None:
        outcome = self.chance.choice(list(CallOutcome))
        telephone_calls.note(self.session, self._visit(), outcome, by=self.by, at=self.at)

    def print_paper(self) -> None:
        issue = PaperIssue(visit_id=self._visit().id, language="fr", large=False, by_staff=self.person.id, at=self.at)
        self.session.add(issue)
        self.session.flush()

    def _summary(self) -> Summary | None:
        found = self.session.scalars(select(Summary).order_by(Summary.made_at, Summary.visit_id, Summary.number)).all()
        return self.chance.choice(found) if found else None

    def _somebody(self) -> Participant:
        everybody = self.session.scalars(select(Participant).order_by(Participant.participant_number)).all()
        return self.chance.choice(everybody)

    def _visit(self) -> Visit:
        return factories.get_visit(self.session, self._somebody())
