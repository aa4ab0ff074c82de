"""One measured figure beside what it is compared with and what it should be, and the table that shows them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measured value; `reference` was measured in the same run and in the same unit.

    `limit` is the most allowed: of the ratio to the reference when `limits_ratio`, else of the value. Without one the
    figure is shown for information.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    limit: float | None = None
    limits_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the reference."""
        return self.value / self.reference if self.reference else None

    @property
    def is_met(self) -> bool:
        """Whether the figure is within its limit."""
        measured = self.ratio if self.limits_ratio else self.value
        return self.limit is None or (measured is not None and measured <= self.limit)

    def cells(self) -> tuple[str, ...]:
        """Give the row of the table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} ×"
        reference = "" if self.reference is None else _amount(self.reference, self.unit)
        target, verdict = "", ""
        if self.limit is not None:
            target = f"≤ {self.limit:g} ×" if self.limits_ratio else f"≤ {_amount(self.limit, self.unit)}"
            verdict = "met" if self.is_met else "NOT MET"
        return self.name, _amount(self.value, self.unit), reference, ratio, target, verdict


HEADINGS = ("what", "measured", "reference", "ratio", "target", "")


def table(figures: Iterable[Figure]) -> str:
    """Lay the figures out in columns, numbers to the right."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _amount(value: float, unit: str) -> str:
    places = 0 if float(value).is_integer() else 2 if value < 10 else 1
    return f"{value:,.{places}f} {unit}".rstrip()
