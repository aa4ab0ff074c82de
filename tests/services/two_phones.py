"""Two phones and what docs/answer-protocol.md promises them, in the plainest way: lists of all that was received."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from portal.db.response import FilledInBy, SetApart
from portal.domain import instruments
from portal.services.answering import GivenAnswer, Seen
from tests import factories

PHONES = {"phone-a": "fr", "phone-b": "en"}


@dataclass
class Phone:
    """What one phone knows: all that was tapped on it, what of that nobody has acknowledged, and what it was shown.

    `known` are the other's answers that stood on its page or that it heard of; `tells` is False on an old client.
    """

    name: str
    tapped: list[GivenAnswer] = field(default_factory=list)
    waiting: list[GivenAnswer] = field(default_factory=list)
    known: list[GivenAnswer] = field(default_factory=list)
    upto: int = 0
    heard: dict[str, int] = field(default_factory=dict)
    tells: bool = True

    def tap(self, link_id: str, value: Any) -> None:
        seq = len(self.tapped)
        at = factories.AT + timedelta(minutes=seq)
        language = PHONES[self.name]
        made = factories.given("DLQI", {link_id: value}, device=self.name, language=language, at=at, first_seq=seq)
        self.tapped += made
        self.waiting += made

    def hear(self, acknowledged: Sequence[int]) -> None:
        self.waiting = [answer for answer in self.waiting if answer.seq not in acknowledged]

    def batch(self, answers: Sequence[GivenAnswer]) -> "Batch":
        seen = Seen(self.upto, dict(self.heard)) if self.tells else None
        return Batch(list(answers), list(self.known) if self.tells else None, seen)


@dataclass(frozen=True)
class Batch:
    """What a phone sends: answers, and what it knew when it sent them, as the model and as the protocol has it."""

    answers: list[GivenAnswer]
    known: list[GivenAnswer] | None
    seen: Seen | None


@dataclass
class Model:
    """What docs/answer-protocol.md promises, in the plainest way: a list of all that was received, in order."""

    received: list[tuple[GivenAnswer, SetApart | None]] = field(default_factory=list)
    conflicts: list[tuple[GivenAnswer, GivenAnswer]] = field(default_factory=list)
    filled_in_by: FilledInBy | None = None
    frozen: dict[str, GivenAnswer] | None = None
    closed: bool = False

    def receive(self, batch: Batch) -> list[int]:
        """Keep what is new; gives the seqs of the batch that are kept apart."""
        apart = SetApart.AFTER_CLOSING if self.closed else None
        if self.frozen is not None:
            apart = SetApart.AFTER_COMPLETION
        for answer in batch.answers:
            if not any(kept == answer for kept, _ in self.received):
                before = self.counting().get(answer.link_id)
                self.received.append((answer, apart))
                after = self.counting().get(answer.link_id)
                if before and after is answer and unknown(before, answer, batch.known):
                    self.conflicts.append((before, answer))
        by_seq = apart_by_seq(self.received)
        return [answer.seq for answer in batch.answers if by_seq[answer.device, answer.seq] is not None]

    def complete(self, by: FilledInBy | None) -> None:
        if self.frozen is None and not self.closed:
            self.frozen, self.filled_in_by = self.counting(), by

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


def unknown(before: GivenAnswer, answer: GivenAnswer, known: list[GivenAnswer] | None) -> bool:
    """Whether the phone contradicts the other without having known what it said; one that tells nothing never does."""
    says_other = (before.value, before.empty) != (answer.value, answer.empty)
    return known is not None and before.device != answer.device and says_other and before not in known


def as_told(answer: GivenAnswer) -> dict[str, Any]:
    return {"empty": "skipped"} if answer.value is None else {"value": answer.value}


def apart_by_seq(received: Sequence[tuple[GivenAnswer, SetApart | None]]) -> dict[tuple[str, int], SetApart | None]:
    return {(answer.device, answer.seq): apart for answer, apart in received}
