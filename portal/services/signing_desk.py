"""What a person can sign, having opened it, and what is to be opened first; found without reading all that waits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.opened_summary import OpenedSummary
from portal.db.planning import unindexed
from portal.db.summary import Summary
from portal.db.visit_listing import Reading, VisitListing, VisitTally
from portal.services import summary_lists, visit_index
from portal.services.runs import cut
from portal.services.summary_choice import Shown, SummaryChoice
from portal.services.summary_lists import SummaryRow
from portal.services.visit_index import SummaryCount

MOST = 50  # summaries that one code signs: what is read on one page
NEXT = 10  # summaries to be opened first, as many as on a page of the list
_WAITING = SummaryChoice(Shown.WAITING)


@dataclass(frozen=True)
class SigningDesk:
    """Summaries that wait, in the order of the list; `more_` count those that are not shown."""

    opened: tuple[SummaryRow, ...]
    more_opened: int
    unopened: tuple[SummaryRow, ...]
    more_unopened: int


def desk_of(
    session: Session,
    site_ids: Collection[UUID],
    staff_id: UUID,
    *,
    today: date,
    language: str,
    kept: Collection[UUID] = (),
) -> SigningDesk:
    """Give what this person has opened, MOST of them and those that are `kept`, and the NEXT ones that she has not."""
    opened = _opened(session, site_ids, staff_id, today)
    shown = opened[:MOST] + [each for each in opened[MOST:] if each in kept]
    counted = visit_index.count_summaries(session, site_ids, VisitTally.reading == Reading.WAITING)
    unopened = _unopened(session, site_ids, frozenset(opened), counted, today)
    waiting = sum(each.summaries for each in counted)
    rows = _rows(session, [*shown, *unopened], language=language, today=today)
    return SigningDesk(
        opened=tuple(rows[: len(shown)]),
        more_opened=len(opened) - len(shown),
        unopened=tuple(rows[len(shown) :]),
        more_unopened=waiting - len(opened) - len(unopened),
    )


def _opened(session: Session, site_ids: Collection[UUID], staff_id: UUID, today: date) -> list[UUID]:
    """Give what she has opened and nobody has seen: her own few are asked, whatever waits at her sites."""
    asked = (
        select(Summary.id)
        .join(OpenedSummary, OpenedSummary.summary_id == Summary.id)
        .join(VisitListing, VisitListing.visit_id == Summary.visit_id)
        .where(
            OpenedSummary.by_staff == staff_id,
            VisitListing.summary_id == Summary.id,
            VisitListing.reading == Reading.WAITING,
            unindexed(VisitListing.site_id).in_(site_ids),
        )
    )
    return list(session.scalars(asked.order_by(*_WAITING.order(today))))


def _unopened(
    session: Session, site_ids: Collection[UUID], opened: Collection[UUID], counted: Sequence[SummaryCount], today: date
) -> list[UUID]:
    """Give the next that are not `opened`; the days that hold them are known from their counts."""
    size = len(opened) + NEXT
    lie = cut(_WAITING.runs(counted, today), page=1, size=size)
    if not lie.keys:
        return []
    asked = select(VisitListing.summary_id).where(VisitListing.site_id.in_(site_ids), _WAITING.within(lie.keys, today))
    found = session.scalars(asked.order_by(*_WAITING.order(today)).limit(size))
    return [each for each in found if each and each not in opened][:NEXT]


def _rows(session: Session, ids: Sequence[UUID], *, language: str, today: date) -> list[SummaryRow]:
    """Give what a list shows of each, in this order."""
    asked = (
        select(Summary.id, Summary.content, VisitListing.planned_on, VisitListing.participant_number)
        .join(VisitListing, VisitListing.visit_id == Summary.visit_id)
        .where(Summary.id.in_(ids))
    )
    found = {row.id: row for row in session.execute(asked)}
    return [summary_lists.row_of(session, found[each], (), language=language, today=today) for each in ids]
