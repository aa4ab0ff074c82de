"""A thousand ways in which two phones' answers can reach the server, each against a model that only keeps lists.

Phones tap, send what they have in any order, lose replies and send again; the network delays, repeats and overtakes;
somebody completes, the window closes. At the end every tap is held once, and what counts is what the protocol says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.db.response import Answer, Response, SetApart
from portal.domain import instruments
from portal.services import actor, answering, audit, completing, responses
from portal.services.answering import GivenAnswer, RefusedAnswersError
from tests import factories

IN_WINDOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
CLOSED = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)  # the day after the last
PHONES = {"phone-a": "fr", "phone-b": "en"}
TAPS: dict[str, list[Any]] = {
    "DLQI101": [0, 3, None],
    "DLQI103": [1, "NR", None],
    "DLQI107": ["Y", "N", None],
    "DLQI107A": [0, 2, None],
}

PHONE = st.sampled_from(sorted(PHONES))
TAP = st.sampled_from([(link_id, value) for link_id, values in TAPS.items() for value in values])
STEP = st.one_of(
    st.tuples(st.just("tap"), PHONE, TAP),
    st.tuples(st.just("tap"), PHONE, TAP),
    st.tuples(st.just("send"), PHONE, st.booleans()),  # whether the reply arrives
    st.tuples(st.just("overtake"), PHONE, st.booleans()),
    st.tuples(st.just("post"), PHONE, st.just(None)),
    st.tuples(st.just("deliver"), PHONE, st.integers(0, 2)),
    st.tuples(st.just("complete"), PHONE, st.booleans()),
    st.tuples(st.just("blunder"), PHONE, st.booleans()),
    st.tuples(st.just("close"), PHONE, st.just(None)),
)


@dataclass
class Phone:
    """What one phone knows: all that was tapped on it, and what of that nobody has acknowledged."""

    name: str
    tapped: list[GivenAnswer] = field(default_factory=list)
    waiting: list[GivenAnswer] = field(default_factory=list)

    def tap(self, link_id: str, value: Any) -> None:
        seq = len(self.tapped)
        at = factories.AT + timedelta(minutes=seq)
        language = PHONES[self.name]
        made = factories.given("DLQI", {link_id: value}, device=self.name, language=language, at=at, first_seq=seq)
        self.tapped += made
        self.waiting += made

    def hear(self, acknowledged: Sequence[int]) -> None:
        self.waiting = [answer for answer in self.waiting if answer.seq not in acknowledged]


@dataclass
class Model:
    """What docs/answer-protocol.md promises, in the plainest way: a list of all that was received, in order."""

    received: list[tuple[GivenAnswer, SetApart | None]] = field(default_factory=list)
    frozen: dict[str, GivenAnswer] | None = None
    closed: bool = False

    def receive(self, batch: Sequence[GivenAnswer]) -> list[int]:
        """Keep what is new; gives the seqs of the batch that are kept apart."""
        apart = SetApart.AFTER_CLOSING if self.closed else None
        if self.frozen is not None:
            apart = SetApart.AFTER_COMPLETION
        for answer in batch:
            if not any(kept == answer for kept, _ in self.received):
                self.received.append((answer, apart))
        return [answer.seq for answer in batch if apart_by_seq(self.received)[answer.device, answer.seq] is not None]

    def complete(self) -> None:
        if self.frozen is None and not self.closed:
            self.frozen = self.counting()

    def counting(self) -> dict[str, GivenAnswer]:
        """Of each phone the highest seq; of those the one received later."""
        counting: dict[str, GivenAnswer] = {}
        in_time = [answer for answer, apart in self.received if apart is None]
        for answer in in_time:
            rivals = [each for each in in_time if (each.device, each.link_id) == (answer.device, answer.link_id)]
            if answer.seq == max(each.seq for each in rivals):
                counting[answer.link_id] = answer
        return counting

    def snapshot(self) -> dict[str, Any]:
        """What was frozen: the asked items by value or kind of empty, DLQI107A only after "no"."""
        assert self.frozen is not None
        stopped = self.frozen.get("DLQI107")
        form: dict[str, Any] = {}
        for item in instruments.get("DLQI").items:
            answer = self.frozen.get(item.link_id)
            if item.link_id == "DLQI107A" and (stopped is None or stopped.value != "N"):
                form[item.link_id] = {"empty": "not-shown"}
            elif answer is None:
                form[item.link_id] = {"empty": "not-answered"}
            else:
                said = {"value": answer.value} if answer.value is not None else {"empty": "skipped"}
                said |= {"empty": "not-relevant"} if answer.value == "NR" else {}
                words = {"language": answer.language, "wording": answer.wording, "at": answer.at.isoformat()}
                form[item.link_id] = said | words
        return form


def apart_by_seq(received: Sequence[tuple[GivenAnswer, SetApart | None]]) -> dict[tuple[str, int], SetApart | None]:
    return {(answer.device, answer.seq): apart for answer, apart in received}


@dataclass
class World:
    """Two phones, a network, the server and the model, moved step by step."""

    session: Session
    participant_id: UUID
    assignment_id: UUID
    model: Model = field(default_factory=Model)
    posted: list[list[GivenAnswer]] = field(default_factory=list)
    phones: dict[str, Phone] = field(default_factory=lambda: {name: Phone(name) for name in PHONES})

    def do(self, deed: str, phone: Phone, detail: Any) -> None:
        getattr(self, deed)(phone, detail)

    def tap(self, phone: Phone, detail: tuple[str, Any]) -> None:
        phone.tap(*detail)

    def send(self, phone: Phone, reply_arrives: bool) -> None:
        self.save(list(phone.waiting), phone if reply_arrives else None)

    def overtake(self, phone: Phone, reply_arrives: bool) -> None:
        """Send only the newest of what waits, before the rest."""
        self.save(phone.waiting[-1:], phone if reply_arrives else None)

    def post(self, phone: Phone, _detail: None) -> None:
        """Give what waits to the network, which may lose it, turn it round, or bring it late and often."""
        self.posted.append(phone.waiting[::-1])

    def deliver(self, _phone: Phone, number: int) -> None:
        if number < len(self.posted):
            self.save(self.posted[number], None)

    def complete(self, phone: Phone, reply_arrives: bool) -> None:
        was = self.model.frozen is not None
        apart = self.model.receive(phone.tapped)
        self.model.complete()
        done = completing.complete(
            self.session, self.participant_id, self.assignment_id, phone.tapped, by=self.by, at=self.now
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

    def save(self, batch: list[GivenAnswer], hears: Phone | None) -> None:
        apart = self.model.receive(batch)
        saved = answering.save(self.session, self.participant_id, self.assignment_id, batch, by=self.by, at=self.now)
        assert saved.acknowledged == tuple(answer.seq for answer in batch)
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
        assert audit.first_broken(self.session) is None

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


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=4, max_size=16))
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
