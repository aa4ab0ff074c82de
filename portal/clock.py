"""The one place where the time of day is read; only the edges (web, cli) may import it.

A demonstration can move the clock: `shift` is added to the machine's time, and time goes on from there.
"""

from datetime import UTC, datetime, timedelta

_shift = timedelta(0)


def set_shift(shift: timedelta) -> None:
    """Move this process's clock by `shift` (a demonstration only)."""
    global _shift  # noqa: PLW0603 - one clock for each process is the point of this module
    _shift = shift


def machine_now() -> datetime:
    """Give the machine's own instant, which authenticator apps keep to whatever a demonstration's clock shows."""
    return datetime.now(UTC)


def now() -> datetime:
    """Give the current instant, aware and in UTC."""
    return datetime.now(UTC) + _shift
