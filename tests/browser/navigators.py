"""What people do with a browser: one navigator for each kind of person."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.web.patients import Patient

_MEASURE = """() => {
  const cards = [...document.querySelectorAll('.q.here .card')].map(card => card.getBoundingClientRect());
  const targets = [...document.querySelectorAll('.q.here .card, .q.here .line, .nav button, .language button')]
    .map(target => target.getBoundingClientRect()).filter(box => box.height);
  const heading = document.querySelector('.q.here legend').getBoundingClientRect();
  const answers = document.querySelector('.q.here .cards, .q.here .vas').getBoundingClientRect();
  return {
    top: heading.top, bottom: answers.bottom, bar: document.querySelector('.nav').getBoundingClientRect().top,
    heights: cards.map(card => card.height), widths: cards.map(card => card.width),
    smallest: Math.min(...targets.map(target => target.height)),
    overflowing: [...document.querySelectorAll('.q.here .card span')].filter(
      span => span.scrollWidth > span.clientWidth || span.scrollHeight > span.clientHeight).length,
    sideways: document.documentElement.scrollWidth - window.innerWidth,
    chosen: document.querySelectorAll('.q.here input:checked').length,
    focused: document.activeElement.classList.contains('h'),
    recall: document.querySelector('.q.here .recall').innerText,
  };
}"""


@dataclass
class PatientOnPhone:
    """A participant with a phone in her hand."""

    page: Page
    base_url: str
    person: Patient

    def open_link(self) -> "PatientOnPhone":
        """Open the link she was sent."""
        self.page.goto(self.base_url + self.person.address)
        return self

    def come_in(self) -> "PatientOnPhone":
        """Open the link on a new phone and type the code."""
        self.open_link()
        self.page.fill("#code", self.person.code)
        self.page.tap(".code .go")
        self.page.wait_for_url("**/visit")
        return self

    def begin(self) -> "PatientOnPhone":
        """Tap Start, Continue, or the way to the next questionnaire."""
        self.page.tap(".nav .go")
        expect(self.page.locator(".h:focus, #t-review:focus")).to_be_visible()
        return self

    @property
    def question(self) -> Locator:
        """The question before her."""
        return self.page.locator(".q.here")

    @property
    def code(self) -> str:
        """The code of the question before her; "" on the look back."""
        found = self.question.get_attribute("data-code") if self.question.count() else ""
        return found or ""

    @property
    def place(self) -> str:
        """Where she is told she is."""
        return self.page.inner_text("#place")

    @property
    def saved(self) -> Locator:
        """What she is told about her answers being kept."""
        return self.page.locator("#saved")

    def measure(self) -> dict[str, Any]:
        """How the question before her lies on the screen, in CSS pixels."""
        found: dict[str, Any] = self.page.evaluate(_MEASURE)
        return found

    def choose(self, words: str) -> "PatientOnPhone":
        """Tap the answer that reads so."""
        self.question.locator(".card", has_text=words).tap()
        return self

    def choose_number(self, number: int) -> "PatientOnPhone":
        """Tap the answer at this place, from 0."""
        self.question.locator(".card").nth(number).tap()
        return self

    def touch_line(self, share: float) -> "PatientOnPhone":
        """Tap the line at a share of its length, 0 to 1."""
        box = self.question.locator(".line").bounding_box()
        assert box
        self.page.touchscreen.tap(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        return self

    def next(self) -> "PatientOnPhone":
        """Tap Next (or Send, on the look back)."""
        self.page.tap("#next")
        return self

    def back(self) -> "PatientOnPhone":
        """Tap Back."""
        self.page.tap("#back")
        return self

    def leave_out(self) -> "PatientOnPhone":
        """Go on without an answer and say that this is meant."""
        self.next()
        expect(self.page.locator("#ask")).to_be_visible()
        self.page.tap("#leave")
        return self
