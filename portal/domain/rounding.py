"""The one way in which an exact number becomes the decimals a person reads."""

from decimal import Decimal
from fractions import Fraction

Exact = int | Fraction | Decimal


def show(value: Exact, places: int = 2) -> Decimal:
    """Round an exact number to `places` decimals, halves away from zero (0.125 -> 0.13, -0.125 -> -0.13).

    Python's own round() takes halves to the even digit, so that 0.125 would show as 0.12.
    """
    numerator, denominator = value.as_integer_ratio()
    scaled = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    return Decimal(scaled if numerator >= 0 else -scaled).scaleb(-places)


def exact(stored: float) -> Fraction:
    """Give back the exact score from the float a store keeps: no rule's denominator comes near 10,000.

    0.575 is kept as 0.57499999…; as 23/40 it shows as 0.58, as it did before it was stored.
    """
    return Fraction(stored).limit_denominator(10_000)
