"""One page of what several sites have, each in order already: no row is read that lies before or behind the page."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, Subquery, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.db.asked_tally import Asked, AskedTally

_NEAR = 500  # rows from either end of a list: where its pages are asked for most


@dataclass(frozen=True)
class SiteList:
    """Queries or wishes: what is done, the newest first, or what is not, the oldest first.

    An index has `site` and then `key`: when it was done, when it was asked, and the rows' id.
    """

    kind: Asked
    done: bool
    site: InstrumentedAttribute[UUID]
    key: Sequence[InstrumentedAttribute[Any]]

    @property
    def order(self) -> list[Any]:
        """Give what the list is sorted by."""
        return _order(self.key, self.done)

    @property
    def chosen(self) -> ColumnElement[bool]:
        """Give the condition that a row is listed, at whichever site."""
        return self.key[0].is_not(None) if self.done else self.key[0].is_(None)

    def here(self, sites: Collection[UUID]) -> ColumnElement[bool]:
        """Give the condition that a row is listed, at these sites."""
        return self.site.in_(sites) & self.chosen

    def count(self, session: Session, sites: Collection[UUID]) -> int:
        """Give how many there are."""
        told = select(func.sum(AskedTally.number)).where(
            AskedTally.site_id.in_(sites), AskedTally.kind == self.kind, AskedTally.done == self.done
        )
        return int(session.scalar(told) or 0)

    def page(self, session: Session, sites: Collection[UUID], *, count: int, page: int, size: int) -> Sequence[UUID]:
        """Give the ids of a page's rows, of `count` in all.

        What is told of each is asked afterwards: PostgreSQL looks for the best order of eight tables and no more, and
        would join all that can be told before it finds what is on the page.
        """
        if not count:
            return []
        of_sites = [select(*self.key).where(self.site == each, self.chosen) for each in sites]
        on_page = page_of(of_sites, backwards=self.done, count=count, page=page, size=size)
        return session.scalars(select(on_page.c[self.key[-1].key])).all()


def page_of(parts: Sequence[Select[Any]], *, backwards: bool, count: int, page: int, size: int) -> Subquery:
    """Give the rows of page `page` (from 1) of `size` rows, of `count` that these parts have together.

    Each part is in the order of its own columns already, by an index, and they are only merged; the second half of the
    list is read from its end. The rows come in any order.
    """
    first = (page - 1) * size
    size = max(0, min(size, count - first))
    if first > count - first - size:
        first, backwards = count - first - size, not backwards
    if first < _NEAR:  # PostgreSQL, which sorts what SQLite merges, then reads no more of each part either
        ordered = (part.order_by(*_order(part.selected_columns, backwards)) for part in parts)
        parts = [select(part.limit(first + size).subquery()) for part in ordered]
    merged: CompoundSelect[Any] = union_all(*parts)
    return merged.order_by(*_order(merged.selected_columns, backwards)).limit(size).offset(first).subquery()


def _order(columns: Iterable[Any], backwards: bool) -> list[Any]:
    return [column.desc() if backwards else column for column in columns]
