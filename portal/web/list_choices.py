"""What a list shows, as its address says it: read for the page and its files, and written back into each link."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import request

from portal.domain.states import VisitState
from portal.services import promise_choice
from portal.services.patient_lists import Order, PatientChoice, Standing
from portal.services.promise_choice import PromiseChoice
from portal.services.summary_choice import Shown, SummaryChoice
from portal.services.visit_choice import Choice, Period, Sort

Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True)
class Asked:
    """What an address asks for: its words as typed, and those of them that are no day."""

    arguments: dict[str, str]
    faults: frozenset[str] = field(default_factory=frozenset)

    @property
    def status(self) -> int:
        """Give the status of the page: 422 where a day that was typed is none, and is said so at its field."""
        return 422 if self.faults else 200

    @property
    def query(self) -> str:
        """Give the arguments as they stand in an address."""
        return urlencode(self.arguments)

    def but(self, **changed: object) -> dict[str, str]:
        """Give the arguments of the same list with some of them changed; None leaves one out; the page is the first."""
        kept = {name: value for name, value in self.arguments.items() if name not in changed}
        return kept | {name: str(value) for name, value in changed.items() if value is not None}


def page() -> int:
    """Give the page that is asked for; one that makes no sense means the first."""
    return max(1, request.args.get("page", 1, int))


def site(site_ids: Collection[UUID]) -> tuple[UUID | None, Collection[UUID]]:
    """Give the one of these sites that was chosen, None for all of them; and what is then to be listed."""
    wanted = request.args.get("site", type=UUID)
    return (wanted, [wanted]) if wanted and wanted in site_ids else (None, site_ids)


def is_whole() -> bool:
    """Whether the list is wanted on one page, to be printed."""
    return "whole" in request.args


def visits(site_ids: Collection[UUID]) -> tuple[Choice, Asked]:
    """Read what the nurse chose; what makes no sense is left out, and what she typed as a day stays to be mended."""
    site_id, first, last, faults = _where_and_when(site_ids)
    choice = Choice(
        period=_code(Period, "period") or Period.COMING,
        site_id=site_id,
        first=first,
        last=last,
        state=_code(VisitState, "state"),
        sort=_code(Sort, "sort") or Sort.DAY,
    )
    period = {} if choice.names_days else {"period": choice.period.value}
    sort = {} if choice.sort is Sort.DAY else {"sort": choice.sort.value}
    state = {"state": choice.state.value} if choice.state else {}
    return choice, Asked(period | _said(site_id) | state | sort, faults)


def summaries(site_ids: Collection[UUID]) -> tuple[SummaryChoice, Asked]:
    """Read what the investigator chose, in the same way."""
    site_id, first, last, faults = _where_and_when(site_ids)
    choice = SummaryChoice(_code(Shown, "shown") or Shown.WAITING, site_id, first, last)
    return choice, Asked({"shown": choice.shown.value} | _said(site_id), faults)


def promises(site_ids: Collection[UUID]) -> tuple[PromiseChoice, Asked]:
    """Read which promises somebody chose, in the same way."""
    site_id, first, last, faults = _where_and_when(site_ids)
    choice = PromiseChoice(_code(promise_choice.Shown, "shown") or promise_choice.Shown.PRESSING, site_id, first, last)
    return choice, Asked({"shown": choice.shown.value} | _said(site_id), faults)


def patients(site_ids: Collection[UUID]) -> tuple[PatientChoice, Asked]:
    """Read which patients somebody chose; what makes no sense is left out."""
    site_id, _ = site(site_ids)
    choice = PatientChoice(site_id, _code(Standing, "state"), _code(Order, "sort") or Order.NUMBER)
    where = {"site": str(site_id)} if site_id else {}
    state = {"state": choice.standing.value} if choice.standing else {}
    return choice, Asked(where | state | ({} if choice.order is Order.NUMBER else {"sort": choice.order.value}))


def _where_and_when(site_ids: Collection[UUID]) -> tuple[UUID | None, date | None, date | None, frozenset[str]]:
    chosen, _ = site(site_ids)
    first, last = _day("from"), _day("to")
    if first and last and last < first:
        first, last = last, first
    faults = frozenset(name for name in ("from", "to") if _typed(name) and not _day(name))
    return chosen, first, last, faults


def _said(site_id: UUID | None) -> dict[str, str]:
    """Give site and days as they stand in a link."""
    site = {"site": str(site_id)} if site_id else {}
    return site | {name: _typed(name) for name in ("from", "to") if _typed(name)}


def _typed(name: str) -> str:
    return request.args.get(name, "").strip()[:10]


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(_typed(name))
    except ValueError:
        return None


def _code(kind: type[Code], name: str) -> Code | None:
    wanted = request.args.get(name, "")
    return kind(wanted) if wanted in list(kind) else None
