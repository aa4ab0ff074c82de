"""What a patient does with any browser: looks, taps, waits for words, by nothing but what the page shows."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from tests.browser.engines.engine import Engine
from tests.browser.listening import Listening
from tests.browser.navigators import DOUBLE_TAP
from tests.web.patients import Patient

PATIENCE = 10.0
"""How long she waits for something to appear, in seconds."""

RECEIVED = r"^(Reçu à|Received at) \d"
KEPT = r"^(Gardé sur ce téléphone, pas encore envoyé|Kept on this phone, not sent yet)"

# Everything below is one function of the page: a selector, the words that the element must hold, and its place.
_FIND = """(selector, words, nth) => {
  const seen = [...document.querySelectorAll(selector)]
    .filter(each => each.checkVisibility() && each.innerText.includes(words));
  const found = seen[nth];
  if (!found) return null;
  let box = found.getBoundingClientRect();
  if (box.top < 0 || box.bottom > innerHeight) {
    found.scrollIntoView({ block: 'center' });
    box = found.getBoundingClientRect();
  }
  return [box.left, box.top, box.width, box.height];
}"""
_TEXT = """selector => {
  const found = [...document.querySelectorAll(selector)].find(each => each.checkVisibility());
  return found ? found.innerText.trim() : '';
}"""


@dataclass
class PatientInEngine:
    """A participant before one window of one browser."""

    engine: Engine
    portal: Listening
    person: Patient
    _place: str = field(default="", init=False)
    _came_at: float = field(default=0.0, init=False)

    # ── looking ──────────────────────────────────────────────────────────────

    def run(self, function: str, *arguments: Any) -> Any:
        """Ask the page by a function of JavaScript."""
        return self.engine.run(function, *arguments)

    def text(self, selector: str) -> str:
        """The words of the first such element that is shown; "" where there is none."""
        return str(self.run(_TEXT, selector))

    def is_shown(self, selector: str, words: str = "") -> bool:
        """Say whether such an element is on the page, holding these words."""
        return self.run(_FIND, selector, words, 0) is not None

    @property
    def address(self) -> str:
        """The path and the place of the page before her."""
        return str(self.run("() => location.pathname + location.hash"))

    @property
    def place(self) -> str:
        """Where she is told she is."""
        return self.text("#place")

    @property
    def code(self) -> str:
        """The code of the question before her; "" where there is none."""
        return str(self.run("() => (document.querySelector('.q.here') || { dataset: { code: '' } }).dataset.code"))

    @property
    def chosen(self) -> list[str]:
        """The words of the answers that are chosen in the question before her."""
        found: list[str] = self.run(
            "() => [...document.querySelectorAll('.q.here input:checked + span')].map(each => each.innerText)"
        )
        return found

    def wait(self, holds: Callable[[], bool], what: str) -> Self:
        """Wait until something holds; fails after her patience, saying what she saw last."""
        until = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > until:
                raise AssertionError(f"waited in vain: {what}; on {self.address}: {self.text('body')[:600]}")
            time.sleep(0.03)
        return self

    def wait_for(self, selector: str, words: str = "") -> Self:
        """Wait until such an element is shown."""
        return self.wait(lambda: self.is_shown(selector, words), f"{selector} {words}")

    def wait_for_state(self, pattern: str) -> Self:
        """Wait until she is told where her answers are: RECEIVED or KEPT."""
        return self.wait(lambda: bool(re.search(pattern, self.text("#saved"))), pattern)

    # ── doing ────────────────────────────────────────────────────────────────

    def open(self, path: str) -> Self:
        """Go to a page of the portal."""
        self.engine.open(self.portal.address + path)
        return self

    def tap(self, selector: str, words: str = "", nth: int = 0) -> Self:
        """Tap the middle of an element once it is there."""
        x, y, width, height = self._box(selector, words, nth)
        self.engine.draw((x + width / 2, y + height / 2))
        return self

    def draw_on_line(self, *shares: float) -> Self:
        """Tap the line at a share of its length, 0 to 1, or draw from one share to the next."""
        x, y, width, height = self._box(".q.here .line", "", 0)
        self.engine.draw(*((x + width * share, y + height / 2) for share in shares))
        return self

    def come_in(self) -> Self:
        """Open the link on a new phone and type the code."""
        self.open(self.person.address).tap("#code")
        self.engine.press(*self.person.code)
        return self.tap(".code .go").wait(lambda: self.address == "/visit", "her questionnaires")

    def begin(self) -> Self:
        """Tap Start, Continue, or the way to the next questionnaire, and leave the practice out."""
        self.tap(".nav .go").wait_for(".q.here, #review")
        if self.address.startswith("/practice"):
            self.tap(".q.here .quiet a").wait(lambda: self.address.startswith("/answer/"), "the questionnaire")
        return self.wait_for(".q.here, #review")

    def open_questionnaire(self, instrument: str, at: str) -> Self:
        """Open a questionnaire at a question such as "q3"."""
        return self.open(f"/answer/{self.person.assignment(instrument)}#{at}").wait_for(".q.here")

    def choose(self, number: int) -> Self:
        """Tap the answer at this place, from 0."""
        self._look_where()
        return self.tap(".q.here .card", nth=number)

    def next(self) -> Self:
        """Tap Next (or Send), no sooner than somebody who has read the question."""
        return self._move("#next")

    def back(self) -> Self:
        """Tap Back."""
        return self._move("#back")

    def leave_out(self) -> Self:
        """Go on without an answer and say that this is meant."""
        return self.next().tap("#leave")

    def answer_all(self, number: int = 0) -> Self:
        """Answer every question from the one before her with its card at this place, and say who filled it in."""
        while code := self.code:
            self.choose(number).next().wait(lambda code=code: self.code != code, f"the question after {code}")  # type: ignore[misc] # the loop's own code
        return self.wait_for("#review .answer")

    def _move(self, selector: str) -> Self:
        self._look_where()
        time.sleep(max(0.0, self._came_at + DOUBLE_TAP - time.monotonic()))
        return self.tap(selector)

    def _look_where(self) -> None:
        """Note when she was first seen at the question before her."""
        if self.address != self._place:
            self._place, self._came_at = self.address, time.monotonic()

    def _box(self, selector: str, words: str, nth: int) -> list[float]:
        found: list[list[float]] = []

        def looks() -> bool:
            box = self.run(_FIND, selector, words, nth)
            found.append(box)
            return box is not None

        self.wait(looks, f"{selector} {words} {nth}")
        return found[-1]
