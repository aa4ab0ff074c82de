"""Where a plot's axis has its marks: round numbers from nought, few enough to be read."""

from fractions import Fraction

_STEPS = (1, 2, 5)
_MOST = 5


def ticks(high: Fraction) -> tuple[int, ...]:
    """Give the marks of an axis that begins at 0 and holds `high`: whole, evenly apart, at most five after the 0.

    The distance is 1, 2 or 5 times a power of ten; there is always a mark beside the 0.
    """
    unit = 1
    while True:
        for step in _STEPS:
            count = max(1, -(-high // (step * unit)))
            if count <= _MOST:
                return tuple(step * unit * place for place in range(int(count) + 1))
        unit *= 10
