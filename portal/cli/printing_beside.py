"""Prints in threads of their own: no message waits for a page, and no page for another one that does not come out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from portal.adapters.printing import Printer
from portal.cli.printing import Printing

STUCK = 5.0
"""After how many seconds at one document another printer goes on with the rest; a page takes a tenth of one."""


@dataclass
class PrintingBeside:
    """Two threads: one prints, and the other one only while that is stuck, with a printer that ends afterwards."""

    printing: Printing
    printer: Printer
    spare_printer: Printer
    interval: float
    stuck: float = STUCK

    @contextmanager
    def running(self, stop: threading.Event) -> Iterator[None]:
        """Print until the block ends, or `stop` is set; a page in the middle of which all ends is begun anew later."""
        threads = [threading.Thread(target=deed, args=(stop,)) for deed in (self._print, self._help)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                while thread.is_alive():  # again and again, for one may just have begun a page
                    self.printer.close()
                    self.spare_printer.close()
                    thread.join(timeout=0.5)
            self.printer.close()
            self.spare_printer.close()

    def _print(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.printing.round()
            stop.wait(self.interval)

    def _help(self, stop: threading.Event) -> None:
        # What is in hand is the same for both.
        spare = replace(self.printing, render=self.spare_printer.summary, render_blank=self.spare_printer.blank)
        while not stop.wait(self.stuck / 5):
            if self.printing.in_hand.longest() >= self.stuck:
                spare.round()
            else:
                self.spare_printer.close()
