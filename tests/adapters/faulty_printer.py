"""A printer that does on some pages what a printer must not: the loop of the real one, with another way of making."""

import os
import time
from typing import Any

from portal.adapters import printing_loop
from portal.services.summaries import SummaryPage

HANGS, CRASHES, RAISES, GREEDY = "hangs", "crashes", "raises", "greedy"
GOOD = "good"


def make(order: Any) -> bytes:
    """Do as the page's digits, or the patient's number on it, say; whatever else is printed is said back."""
    wish = order.content.participant_number if isinstance(order, SummaryPage) else order
    if HANGS in wish:
        while True:
            time.sleep(60)
    if CRASHES in wish:
        os._exit(7)
    if RAISES in wish:
        raise ZeroDivisionError("with something that is nobody's business")
    if GREEDY in wish:
        return b"x" * (4 * 1024**3)
    return f"%PDF {wish}".encode()


if __name__ == "__main__":
    printing_loop.serve(make)
