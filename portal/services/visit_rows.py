"""What stands in the row of a visit on the nurse's list: its state, what happened, and what to do next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.db.message import Message
from portal.db.summary import LifeEvent
from portal.domain import next_acts, schedule
from portal.domain.next_acts import Act
from portal.domain.states import SENT_STATUSES, ResponseStatus, VisitProgress
from portal.services import (
    bounces,
    code_attempts,
    conflicts,
    how_far,
    messages,
    render_faults,
    responses,
    stops,
    summaries,
    telephone_calls,
)
from portal.services.bounces import Standing
from portal.services.code_attempts import Guesses
from portal.services.how_far import HowFar
from portal.services.messages import LastMessage
from portal.services.reckoning import Reckoner
from portal.services.studies import StudyAtSite
from portal.services.summaries import SummaryLine
from portal.services.telephone_calls import Call

Found = tuple[Any, Sequence[ResponseStatus | None]]
"""A visit as it was read, and the status of each of its questionnaires, None where none was begun."""


@dataclass(frozen=True)
class VisitRow:
    """One visit on the list; `days_to_go` is 0 today and negative afterwards.

    `troubles` are the messages that should have gone and did not; `set_apart` counts answers that came too late;
    `conflicts` those that replaced another device's unseen; `guesses` are wrong codes at the participant's door;
    `stopped_at` is since when she wishes no messages; `bounced` says that mails to her address come back; `how_far` is
    told of what was begun and not all sent; `unprintable` = the summary's PDF does not come out. The first of `acts` is
    the next sensible one.
    """

    visit_id: UUID
    participant_id: UUID
    participant_number: str
    language: str
    paused_on: date | None
    place: StudyAtSite
    code: str
    planned_on: date
    days_to_go: int
    progress: VisitProgress
    opens_on: date
    troubles: tuple[Message, ...]
    acts: tuple[Act, ...]
    summary: SummaryLine | None = None
    set_apart: int = 0
    conflicts: int = 0
    guesses: Guesses | None = None
    stopped_at: datetime | None = None
    bounced: Standing | None = None
    last_call: Call | None = None
    last_message: LastMessage | None = None
    how_far: HowFar | None = None
    unprintable: bool = False

    def label(self, language: str) -> str:
        """Name the visit in the reader's language."""
        return self.place.definition.get_visit(self.code).label(language)

    @property
    def stopped_on(self) -> date | None:
        """The site's local day since which she wishes no messages."""
        return schedule.local_day(self.stopped_at, self.place.site.zone) if self.stopped_at else None

    @property
    def bounced_on(self) -> date | None:
        """The site's local day on which the last mail to her came back."""
        return schedule.local_day(self.bounced.at, self.place.site.zone) if self.bounced else None

    @property
    def guessed_on(self) -> date | None:
        """The site's local day of the last wrong code."""
        return schedule.local_day(self.guesses.last_at, self.place.site.zone) if self.guesses else None


def beside(
    session: Session,
    found: Collection[Found],
    places: Mapping[UUID, StudyAtSite],
    reckoner: Reckoner,
    *,
    at: datetime,
) -> tuple[VisitRow, ...]:
    """Give the rows of what was found, with all that stands beside them; one query for each kind of it."""
    visit_ids = [row.id for row, _ in found]
    by_visit: list[tuple[str, Mapping[UUID, Any]]] = [
        ("summary", summaries.current_for_visits(session, visit_ids)),
        ("set_apart", responses.count_set_apart(session, visit_ids)),
        ("conflicts", conflicts.count_by_visit(session, visit_ids)),
        ("guesses", code_attempts.guesses_by_visit(session, visit_ids, at=at)),
        ("stopped_at", stops.open_by_visit(session, visit_ids)),
        ("bounced", bounces.standing_by_visit(session, visit_ids)),
        ("last_call", telephone_calls.last_by_visit(session, visit_ids)),
        ("last_message", messages.last_to_patient(session, visit_ids)),
        ("how_far", how_far.by_visit(session, [row.id for row, statuses in found if _is_begun(statuses)])),
    ]
    unprintable = render_faults.unprintable_visits(session, visit_ids)
    troubled = messages.list_troubled(session, visit_ids)
    rows = []
    for row, statuses in found:
        told = {name: values[row.id] for name, values in by_visit if row.id in values}
        place = places[row.site_id]
        progress, window, today = reckoner.progress(row, statuses), reckoner.window(row), place.today(at)
        rows.append(
            VisitRow(
                visit_id=row.id,
                participant_id=row.participant_id,
                participant_number=row.participant_number,
                language=row.language,
                paused_on=row.paused_on,
                place=place,
                code=row.code,
                planned_on=row.planned_on,
                days_to_go=(row.planned_on - today).days,
                progress=progress,
                opens_on=window.opens_on,
                troubles=tuple(troubled.get(row.id, ())),
                acts=_acts(row, progress, today, told.get("summary"), is_open=today in window),
                unprintable=row.id in unprintable,
                **told,
            )
        )
    return tuple(rows)


def _acts(
    row: Any, progress: VisitProgress, today: date, summary: SummaryLine | None, *, is_open: bool
) -> tuple[Act, ...]:
    return next_acts.acts(
        progress.state,
        days_to_go=(row.planned_on - today).days,
        is_open=is_open,
        has_summary=summary is not None,
        is_printed=summary is not None and LifeEvent.PRINTED in summary.events,
    )


def _is_begun(statuses: Sequence[ResponseStatus | None]) -> bool:
    """Whether something was begun and not all of it sent."""
    return any(statuses) and not all(status in SENT_STATUSES for status in statuses)
