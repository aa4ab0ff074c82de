"""The figures of "How are we doing": each one is shown as a plot, as a table and as a file, out of the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from flask_babel import gettext as _

from portal.adapters.spreadsheets import Cell, Column
from portal.domain.instruments.scores import Band
from portal.domain.quantiles import Spread
from portal.domain.rounding import show


@dataclass(frozen=True)
class ShareRow:
    """One bar: how many had each outcome; `asides` are numbers that no share counts in. `code` is the short name.

    `withheld` are so few that only their number is told; then there are no counts.
    """

    code: str
    name: str
    counts: tuple[int, ...]
    asides: tuple[int, ...] = ()
    withheld: int = 0

    @property
    def total(self) -> int:
        """Of how many the shares are."""
        return sum(self.counts)

    @property
    def shares(self) -> tuple[Fraction | None, ...]:
        """The share of each outcome; None of nothing."""
        return tuple(Fraction(count, self.total) if self.total else None for count in self.counts)


@dataclass(frozen=True)
class ShareFigure:
    """Bars of shares. `subject` heads their names, `counted` what is counted; `parts` and `asides` name the numbers."""

    name: str
    title: str
    note: str
    subject: str
    counted: str
    parts: tuple[str, ...]
    rows: tuple[ShareRow, ...]
    asides: tuple[str, ...] = ()
    kind: str = "share"

    @property
    def is_drawn(self) -> bool:
        """Whether there is any share to draw."""
        return any(row.total for row in self.rows)

    @property
    def headings(self) -> tuple[str, ...]:
        """What heads the numbers of a row."""
        return (self.counted, *self.parts, *self.asides)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not any(chain.from_iterable((*row.counts, *row.asides, row.withheld) for row in self.rows))

    def columns(self) -> list[Column]:
        """Give the columns of the file."""
        return [Column(self.subject, 24), *(Column(each) for each in self.headings)]

    def cells(self) -> list[list[Cell]]:
        """Give the rows of the file: numbers, from which a spreadsheet makes its own shares."""
        return [[row.name, row.total + row.withheld, *self._counts(row), *row.asides] for row in self.rows]

    def _counts(self, row: ShareRow) -> Sequence[Cell]:
        return [None] * len(self.parts) if row.withheld else row.counts


@dataclass(frozen=True)
class SpreadRow:
    """One box: how `count` values lie; None when they are too few to be shown. `aside` counts what has no value."""

    code: str
    name: str
    count: int
    spread: Spread | None
    aside: int | None = None


@dataclass(frozen=True)
class SpreadFigure:
    """Boxes over the visits. `counted` says what `count` counts, `aside` what its rows' asides are.

    With `extremes` the lowest and highest value are told too. `bands` are the scale's, named with `instrument`.
    """

    name: str
    title: str
    counted: str
    rows: tuple[SpreadRow, ...]
    ticks: tuple[int, ...]
    places: int
    aside: str | None = None
    extremes: bool = False
    instrument: str = ""
    bands: tuple[Band, ...] = ()
    kind: str = "spread"

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show, not even a number."""
        return not any(row.count or row.aside for row in self.rows)

    @property
    def is_drawn(self) -> bool:
        """Whether any box can be shown."""
        return any(row.spread for row in self.rows)

    def columns(self) -> list[Column]:
        """Give the columns of the file."""
        marks = [_("Lower quartile"), _("Median"), _("Upper quartile")]
        if self.extremes:
            marks = [_("Lowest"), *marks, _("Highest")]
        return [
            Column(_("Visit"), 24),
            Column(self.counted),
            *(Column(each, 12, self.places) for each in marks),
            *([Column(self.aside)] if self.aside else []),
        ]

    def cells(self) -> list[list[Cell]]:
        """Give the rows of the file."""
        return [
            [row.name, row.count, *self._marks(row.spread), *([row.aside] if self.aside else [])] for row in self.rows
        ]

    def _marks(self, spread: Spread | None) -> Sequence[Cell]:
        if spread is None:
            return [None] * (5 if self.extremes else 3)
        marks = [spread.lower, spread.median, spread.upper]
        if self.extremes:
            marks = [spread.low, *marks, spread.high]
        return [show(mark, self.places) for mark in marks]


Figure = ShareFigure | SpreadFigure
