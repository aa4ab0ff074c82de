"""Conflicts: two devices answered one item differently, and the later had not been shown the other's answer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment
from portal.db.response import Answer, AnswerConflict, Response
from portal.domain.audit import Deed
from portal.services import answer_log, audit, responses
from portal.services.actor import Actor
from portal.services.answer_log import GivenAnswer


@dataclass(frozen=True)
class Seen:
    """What a page had been shown: every row up to id `upto`, and of the named devices every answer up to a seq."""

    upto: int
    devices: Mapping[str, int]

    def covers(self, row: Answer) -> bool:
        """Say whether a kept answer was among what was shown."""
        return row.id <= self.upto or row.seq <= self.devices.get(row.device, -1)


@dataclass(frozen=True)
class Conflict:
    """A new answer, and the other device's that it replaced unseen."""

    kept: GivenAnswer
    other: Answer


def find(new: Iterable[GivenAnswer], earlier: Sequence[Answer], seen: Seen | None) -> list[Conflict]:
    """Give the conflicts that `new` answers of one device make with `earlier`, the kept ones in order of receipt.

    Without `seen`, nobody knows what the device was shown: none.
    """
    if seen is None:
        return []
    in_time = [row for row in earlier if row.set_apart is None]
    counting: dict[str, Answer | None] = dict(responses.latest_by_item(in_time))
    highest: dict[tuple[str, str], int] = {}
    for row in in_time:
        highest[row.device, row.link_id] = max(row.seq, highest.get((row.device, row.link_id), -1))
    found = []
    for answer in new:
        if answer.seq <= highest.get((answer.device, answer.link_id), -1):
            continue  # overtaken by a later answer of its own device: it replaces nothing
        highest[answer.device, answer.link_id] = answer.seq
        other = counting.get(answer.link_id)
        if other is not None and _differs(answer, other) and not seen.covers(other):
            found.append(Conflict(answer, other))
        counting[answer.link_id] = None  # from here on the device's own answer counts
    return found


def _differs(answer: GivenAnswer, other: Answer) -> bool:
    return answer.device != other.device and (answer.value, answer.empty) != (other.value, other.empty)


def note(
    session: Session,
    response_id: UUID,
    participant_id: UUID,
    found: Sequence[Conflict],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Keep conflicts for the staff to see, and tell the trail; their new answers are in the log already."""
    if not found:
        return
    rows = session.execute(
        select(Answer.id, Answer.device, Answer.seq).where(
            Answer.response_id == response_id,
            Answer.device.in_({each.kept.device for each in found}),
            Answer.seq.in_({each.kept.seq for each in found}),
        )
    )
    ids = {(row.device, row.seq): row.id for row in rows}
    kept = [
        {
            "response_id": response_id,
            "link_id": each.kept.link_id,
            "kept_id": ids[each.kept.device, each.kept.seq],
            "other_id": each.other.id,
            "at": at,
        }
        for each in found
    ]
    session.execute(insert(AnswerConflict), kept)
    audit.record(session, *(_event(response_id, participant_id, each) for each in found), by=by, at=at)


def _event(response_id: UUID, participant_id: UUID, conflict: Conflict) -> audit.Event:
    kept, other = conflict.kept, conflict.other
    return audit.Event(
        deed=Deed.ANSWER_CONFLICTED,
        subject_kind="response",
        subject_id=response_id,
        participant_id=participant_id,
        field=kept.link_id,
        old=answer_log.as_told(other.value, other.empty),
        new=answer_log.as_told(kept.value, kept.empty),
        device_at=kept.at,
    )


def seen_on_page(session: Session, response_id: UUID, upto: int, devices_prefix: str) -> Seen:
    """Give what a page had been shown that names its devices with a prefix of its own: also what came from itself."""
    own = session.execute(
        select(Answer.device, func.max(Answer.seq).label("seq"))
        .where(Answer.response_id == response_id, Answer.device.startswith(devices_prefix, autoescape=True))
        .group_by(Answer.device)
    )
    return Seen(upto, {row.device: row.seq for row in own})


def count_by_visit(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count, by visit, the answers that replaced another device's unseen, for staff to be told; none = no entry."""
    rows = session.execute(
        select(Assignment.visit_id, func.count().label("conflicts"))
        .join(Response, Response.assignment_id == Assignment.id)
        .join(AnswerConflict, AnswerConflict.response_id == Response.id)
        .where(Assignment.visit_id.in_(visit_ids))
        .group_by(Assignment.visit_id)
    )
    return {row.visit_id: row.conflicts for row in rows}
