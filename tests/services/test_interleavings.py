"""A thousand ways in which two phones' answers can reach the server, each against a model that only keeps lists.

Phones tap, send what they have in any order, lose replies and send again; the network delays, repeats and overtakes;
pages are loaded anew, tabs tell each other what was tapped, somebody completes, the window closes. At the end every tap
is held once, what counts is what the protocol says, and the conflicts are those of which no page could have known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.db.response import Answer, AnswerConflict, FilledInBy, Response
from portal.domain.audit import Deed
from portal.services import actor, answering, audit, completing, responses
from portal.services.answering import GivenAnswer, RefusedAnswersError
from tests import factories
from tests.services.two_phones import PHONES, Batch, Model, Phone, as_told

IN_WINDOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
CLOSED = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)  # the day after the last
TAPS: dict[str, list[Any]] = {
    "DLQI101": [0, 3, None],
    "DLQI103": [1, "NR", None],
    "DLQI107": ["Y", "N", None],
    "DLQI107A": [0, 2, None],
}

PHONE = st.sampled_from(sorted(PHONES))
TAP = st.one_of(
    st.sampled_from([("DLQI101", value) for value in TAPS["DLQI101"]]),  # often the same, so that answers meet
    st.sampled_from([(link_id, value) for link_id, values in TAPS.items() for value in values]),
)
NO_MATTER = st.none()
DEEDS: list[tuple[int, str, st.SearchStrategy[Any]]] = [  # how often, what, and its detail
    (7, "tap", TAP),
    (4, "send", st.booleans()),  # whether the reply arrives
    (2, "overtake", st.booleans()),
    (1, "post", NO_MATTER),
    (2, "deliver", st.integers(0, 2)),
    (1, "complete", st.booleans()),
    (2, "look", NO_MATTER),
    (1, "overhear", NO_MATTER),
    (1, "say_nothing", st.booleans()),
    (1, "blunder", st.booleans()),
    (1, "close", NO_MATTER),
]
STEP = st.one_of(*(st.tuples(st.just(what), PHONE, detail) for often, what, detail in DEEDS for _ in range(often)))


@dataclass
class World:
    """Two phones, a network, the server and the model, moved step by step."""

    session: Session
    participant_id: UUID
    assignment_id: UUID
    model: Model = field(default_factory=Model)
    posted: list[Batch] = field(default_factory=list)
    phones: dict[str, Phone] = field(default_factory=lambda: {name: Phone(name) for name in PHONES})

    def do(self, deed: str, phone: Phone, detail: Any) -> None:
        getattr(self, deed)(phone, detail)

    def tap(self, phone: Phone, detail: tuple[str, Any]) -> None:
        phone.tap(*detail)

    def send(self, phone: Phone, reply_arrives: bool) -> None:
        self.save(phone.batch(phone.waiting), phone if reply_arrives else None)

    def overtake(self, phone: Phone, reply_arrives: bool) -> None:
        """Send only the newest of what waits, before the rest."""
        self.save(phone.batch(phone.waiting[-1:]), phone if reply_arrives else None)

    def post(self, phone: Phone, _detail: None) -> None:
        """Give what waits to the network, which may lose it, turn it round, or bring it late and often."""
        self.posted.append(phone.batch(phone.waiting[::-1]))

    def deliver(self, _phone: Phone, number: int) -> None:
        if number < len(self.posted):
            self.save(self.posted[number], None)

    def look(self, phone: Phone, _detail: None) -> None:
        """Load the page anew: it shows what counts, and what is tapped from now on was tapped in front of that."""
        response_id = self.session.scalar(select(Response.id))
        current = responses.current_answers(self.session, response_id)
        phone.upto = max((each.id for each in current.values()), default=0)
        phone.known += [answer for answer, apart in self.model.received if apart is None]

    def overhear(self, phone: Phone, _detail: None) -> None:
        """Be told by the other, a tab of the same browser, of all that was tapped there, sent or not."""
        other = next(each for each in self.phones.values() if each is not phone)
        if other.tapped:
            phone.heard[other.name] = other.tapped[-1].seq
            phone.known += other.tapped

    def say_nothing(self, phone: Phone, for_ever: bool) -> None:
        """Be an older client, which does not say what it was shown; or be one no more."""
        phone.tells = not for_ever

    def complete(self, phone: Phone, reply_arrives: bool) -> None:
        was = self.model.frozen is not None
        batch, who = phone.batch(phone.tapped), list(FilledInBy)[len(phone.tapped) % 3]
        apart = self.model.receive(batch)
        self.model.complete(who)
        done = completing.complete(
            self.session,
            self.participant_id,
            self.assignment_id,
            batch.answers,
            filled_in_by=who,
            seen=batch.seen,
            by=self.by,
            at=self.now,
        )
        assert done.already is was
        assert (done.completed_at is None) is (self.model.frozen is None)
        assert (done.set_apart is not None) is (bool(apart) if was else self.model.closed)
        if reply_arrives:
            phone.hear([answer.seq for answer in phone.tapped])

    def blunder(self, phone: Phone, used: bool) -> None:
        """Send good answers with one that is none, or with a seq that was used: nothing of it may be kept."""
        wrong = Phone(phone.name, list(phone.tapped))
        wrong.tap("DLQI101", 9)
        if used and self.model.received:
            first = self.model.received[0][0]
            wrong.tapped[-1] = GivenAnswer(**(vars(first) | {"link_id": "DLQI102", "value": 1, "empty": None}))
        with pytest.raises(RefusedAnswersError):
            answering.save(self.session, self.participant_id, self.assignment_id, wrong.tapped, by=self.by, at=self.now)

    def close(self, _phone: Phone, _detail: None) -> None:
        self.model.closed = True

    def save(self, batch: Batch, hears: Phone | None) -> None:
        apart = self.model.receive(batch)
        saved = answering.save(
            self.session,
            self.participant_id,
            self.assignment_id,
            batch.answers,
            seen=batch.seen,
            by=self.by,
            at=self.now,
        )
        assert saved.acknowledged == tuple(answer.seq for answer in batch.answers)
        assert saved.set_apart == tuple(apart)
        if hears:
            hears.hear(saved.acknowledged)

    def check(self) -> None:
        """Everything that was tapped is there once, and what counts is what the model says."""
        response = self.session.scalars(select(Response)).one()
        rows = self.session.scalars(select(Answer).order_by(Answer.id)).all()
        held = [(row.device, row.seq, row.link_id, row.value, row.empty, row.at, row.set_apart) for row in rows]
        assert held == [
            (answer.device, answer.seq, answer.link_id, answer.value, answer.empty, answer.at, apart)
            for answer, apart in self.model.received
        ]
        tapped = {(phone.name, answer.seq) for phone in self.phones.values() for answer in phone.tapped}
        assert {(row.device, row.seq) for row in rows} == tapped
        current = responses.current_answers(self.session, response.id)
        counting = {link_id: (each.value, each.empty, each.at) for link_id, each in current.items()}
        assert counting == {
            link_id: (each.value, each.empty, each.at) for link_id, each in self.model.counting().items()
        }
        assert response.frozen == (None if self.model.frozen is None else self.model.snapshot())
        assert response.filled_in_by == self.model.filled_in_by
        self.check_conflicts(response.id)
        assert audit.first_broken(self.session) is None

    def check_conflicts(self, response_id: UUID) -> None:
        """Each is kept, and told in the trail, as often as it happened: once."""
        key = {row.id: (row.device, row.seq) for row in self.session.scalars(select(Answer))}
        kept = self.session.scalars(select(AnswerConflict).order_by(AnswerConflict.id)).all()
        assert {row.response_id for row in kept} <= {response_id}
        assert [(row.link_id, key[row.other_id], key[row.kept_id]) for row in kept] == [
            (new.link_id, (old.device, old.seq), (new.device, new.seq)) for old, new in self.model.conflicts
        ]
        told = select(AuditEvent).where(AuditEvent.deed == Deed.ANSWER_CONFLICTED).order_by(AuditEvent.id)
        assert [(each.field, each.old, each.new) for each in self.session.scalars(told)] == [
            (new.link_id, as_told(old), as_told(new)) for old, new in self.model.conflicts
        ]

    @property
    def by(self) -> actor.Actor:
        return actor.patient(self.participant_id)

    @property
    def now(self) -> datetime:
        return CLOSED if self.model.closed else IN_WINDOW


@pytest.fixture
def participant(sqlite_session: Session) -> Iterator[Participant]:
    place = factories.load_study(sqlite_session)[0]
    yield factories.make_participant(sqlite_session, place, included_on=date(2027, 3, 5))
    sqlite_session.rollback()


@settings(
    max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(STEP, min_size=6, max_size=24))
def test_in_whatever_order_things_happen_nothing_is_lost_and_nothing_is_doubled(
    sqlite_session: Session, participant: Participant, steps: list[tuple[str, str, Any]]
) -> None:
    assignment_id = factories.get_assignment(sqlite_session, participant, "DLQI").id
    example = sqlite_session.begin_nested()
    try:
        world = World(sqlite_session, participant.id, assignment_id)
        for deed, name, detail in steps:
            world.do(deed, world.phones[name], detail)
        for phone in world.phones.values():
            world.send(phone, True)
            assert phone.waiting == []
        world.check()
    finally:
        example.rollback()
