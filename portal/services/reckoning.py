"""The states of visits, each reckoned from its dates, its site's day, and what was received."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.domain import schedule
from portal.domain.schedule import IsPublicHoliday, Window
from portal.domain.states import ResponseStatus, VisitProgress, visit_progress
from portal.services.studies import StudyAtSite


class Reckoner:
    """Reckons states from dates, each site's days once; `places` are the sites by id."""

    def __init__(self, places: dict[UUID, StudyAtSite], is_public_holiday: IsPublicHoliday, at: datetime) -> None:
        self._places = places
        self._is_public_holiday = is_public_holiday
        self._today = {site_id: place.today(at) for site_id, place in places.items()}
        self._due: dict[tuple[UUID, date], date] = {}

    def progress(self, row: Any, responses: Sequence[ResponseStatus | None]) -> VisitProgress:
        """Give a visit's state; `row` has site_id, code, planned_on, withdrawn_on and paper."""
        place, window = self._places[row.site_id], self.window(row)
        return visit_progress(
            today=self._today[row.site_id],
            opens_on=window.opens_on,
            closes_on=window.closes_on,
            summary_due_on=self._summary_due_on(place, row.planned_on),
            responses=responses,
            withdrawn_on=row.withdrawn_on,
            paper_expected=row.paper,
        )

    def window(self, row: Any) -> Window:
        """Give the days on which a visit's questionnaires are open."""
        return schedule.window(self._places[row.site_id].definition.get_visit(row.code), row.planned_on)

    def _summary_due_on(self, place: StudyAtSite, planned_on: date) -> date:
        key = place.site_id, planned_on
        if key not in self._due:
            self._due[key] = schedule.summary_due_on(place.definition, place.site, planned_on, self._is_public_holiday)
        return self._due[key]
