"""The printer: `python -m portal.adapters.printing_process` takes orders on stdin and answers each on stdout.

An order is a SummaryPage, or a wording and whether in large letters, pickled by the worker that started it
(portal.adapters.printing); the answer is the document, or the class of what went wrong. It ends when its stdin does.
"""

from typing import Any

from portal.adapters import blank_forms, pdf, printing_loop
from portal.services.summaries import SummaryPage


def make(order: Any) -> bytes:
    """Print what is ordered."""
    if isinstance(order, SummaryPage):
        return pdf.render(order)
    wording, large = order
    return blank_forms.render(wording, large=large)


if __name__ == "__main__":
    printing_loop.serve(make)
