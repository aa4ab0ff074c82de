"""What people do with a browser: one navigator for each kind of person."""

import re
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from playwright.sync_api import Error, Locator, Page, expect

from tests.web.patients import Patient

DOUBLE_TAP = 0.36  # seconds; the page takes a tap that comes sooner after a move for the second of two

_STIRRED = "#ask:not([hidden]), #next:disabled, #pending:not([hidden])"

_READY = """async shells => {
  const cache = await caches.open('previsit'), kept = (await cache.keys()).map(each => each.url);
  return kept.filter(each => each.includes(shells)).length === 2 && Boolean(navigator.serviceWorker.controller);
}"""

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
    _place: str = field(default="", init=False)
    _came_at: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._link, self._code = self.base_url + self.person.address, self.person.code
        self.person.store.rollback()  # what was looked up holds SQLite's lock, for which her phone would wait

    def open_link(self) -> "PatientOnPhone":
        """Open the link she was sent."""
        self.page.goto(self._link)
        return self

    def come_in(self) -> "PatientOnPhone":
        """Open the link on a new phone and type the code."""
        self.open_link()
        self.page.fill("#code", self._code)
        self.page.tap(".code .go")
        self.page.wait_for_url("**/visit")
        return self

    def start(self) -> "PatientOnPhone":
        """Tap Start, Continue, or the way to the next questionnaire; before the first ever, this is the practice."""
        self.page.tap(".nav .go")
        expect(self.page.locator(".h:focus, #t-review:focus")).to_be_visible()
        return self

    def begin(self) -> "PatientOnPhone":
        """The same, without the practice."""
        self.start()
        if _is_at(self.page, "/practice"):
            self.page.tap(".q.here .quiet a")
            self.page.wait_for_url(lambda url: "/practice" not in url)
            if _is_at(self.page, "/visit"):  # her answers have come meanwhile: she needs no practice
                return self.start()
            expect(self.page.locator(".h:focus, #t-review:focus")).to_be_visible()
        return self

    def open_questionnaire(self, instrument: str = "DLQI", at: str = "") -> "PatientOnPhone":
        """Open a questionnaire by its address, at "q3" or "review", else where it opens by itself."""
        address = f"{self.base_url}/answer/{self.person.assignment(instrument)}"
        self.page.goto(f"{address}#{at}" if at else address)
        expect(self.page.locator(".q.here, #review:not([hidden])")).to_be_visible()
        return self

    def open_again(self, address: str = "") -> "PatientOnPhone":
        """Close the page, and open the link (or an address) on another page of the same phone."""
        context = self.page.context
        self.page.close()
        self.page = context.new_page()
        self.page.goto(self.base_url + address if address else self._link)
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

    def expect_ready(self, *instruments: str) -> "PatientOnPhone":
        """Wait until her phone has put by what these questionnaires (the DLQI) need without network."""
        for instrument in instruments or ("DLQI",):
            shells = f"/answer/{self.person.assignment(instrument)}/shell/"
            for _ in range(1200):
                if self.page.evaluate(_READY, shells):
                    break
                self.page.wait_for_timeout(25)
            else:
                raise AssertionError(f"the phone has not kept {instrument}")
        return self

    def go_on_without_network(self, number: int = 0) -> "PatientOnPhone":
        """Tap a questionnaire in the list of what the phone keeps, until it opens."""
        for _ in range(10):
            if self.page.locator("#kept a").count():
                self.page.locator("#kept a").nth(number).tap()
            try:
                self.page.locator(".q.here, #review:not([hidden])").wait_for(timeout=2000)
            except Error:  # the page was loaded anew under her finger
                continue
            return self
        raise AssertionError("the questionnaire does not open")

    def lose_network(self) -> "PatientOnPhone":
        """Walk out of reach."""
        self.page.context.set_offline(True)
        return self

    def find_network(self) -> "PatientOnPhone":
        """Come back within reach."""
        self.page.context.set_offline(False)
        return self

    @property
    def chosen(self) -> list[str]:
        """The words of the answers that are chosen in the question before her."""
        return self.question.locator("input:checked + span").all_inner_texts()

    def choose(self, words: str) -> "PatientOnPhone":
        """Tap the answer that reads so."""
        self._look_where()
        self.question.locator(".card", has_text=words).tap()
        return self

    def choose_number(self, number: int) -> "PatientOnPhone":
        """Tap the answer at this place, from 0."""
        self._look_where()
        self.question.locator(".card").nth(number).tap()
        return self

    def touch_line(self, share: float) -> "PatientOnPhone":
        """Tap the line at a share of its length, 0 to 1; less or more is beyond its ends."""
        box = self.question.locator(".line").bounding_box()
        assert box
        self.page.touchscreen.tap(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        return self

    def next(self) -> "PatientOnPhone":
        """Tap Next (or Send, on the look back), and wait until the page has followed."""
        return self._move("#next")

    def back(self) -> "PatientOnPhone":
        """Tap Back, and wait until the page has followed."""
        return self._move("#back")

    def leave_out(self) -> "PatientOnPhone":
        """Go on without an answer and say that this is meant."""
        self.next()
        expect(self.page.locator("#ask")).to_be_visible()
        self.page.tap("#leave")
        return self

    def say_who(self, number: int = 0) -> "PatientOnPhone":
        """Say who filled this in (0: she did, alone), and go on to the look back."""
        expect(self.page.locator("#who")).to_be_visible()
        return self.choose_number(number).next()

    def answer_all(self, number: int = 0) -> "PatientOnPhone":
        """Answer each question from the one before her with its card at this place, up to the look back."""
        while self.code not in {"", "filled_in_by"}:
            self.answer(number).next()
        if self.code:
            self.say_who()
        expect(self.page.locator("#review")).to_be_visible()
        return self

    def answer(self, number: int = 0) -> "PatientOnPhone":
        """Answer the question before her: the card at this place, the last of a list (none of these), or mid-line."""
        if self.question.locator(".line").count():
            return self.touch_line(0.5)
        boxes = self.question.locator("input[type=checkbox]").count()
        return self.choose_number(boxes - 1 if boxes else number)

    def expect_received(self) -> "PatientOnPhone":
        """Wait until she is told that the server has everything."""
        expect(self.saved).to_have_text(re.compile("^(Reçu à|Received at) "))
        return self

    def expect_kept(self) -> "PatientOnPhone":
        """Wait until she is told that her phone keeps what has not been sent."""
        expect(self.saved).to_have_text(re.compile("^(Gardé sur ce téléphone, pas encore envoyé|Kept on this phone)"))
        return self

    def expect_receipt(self) -> "PatientOnPhone":
        """Wait for the receipt."""
        self.page.wait_for_url("**/receipt")
        expect(self.page.locator(".number")).to_be_visible()
        return self

    def _look_where(self) -> None:
        """Note when she was first seen at the question before her."""
        place = f"{self.page.url} {self.page.evaluate('performance.timeOrigin')}"  # loaded anew is another place
        if place != self._place:
            self._place, self._came_at = place, monotonic()

    def _move(self, button: str) -> "PatientOnPhone":
        """Tap a button no sooner than a person who has read the question, and wait until something came of it."""
        self._look_where()
        self.page.wait_for_timeout(max(0, self._came_at + DOUBLE_TAP - monotonic()) * 1000)
        before, until = self.page.url, monotonic() + 5
        self.page.tap(button)
        while self.page.url == before and monotonic() < until and not self._has_stirred():
            self.page.wait_for_timeout(10)
        self._place = ""
        return self

    def _has_stirred(self) -> bool:
        try:
            return self.page.locator(_STIRRED).count() > 0
        except Error:  # another page has come already
            return True


def _is_at(page: Page, address: str) -> bool:
    return page.url.split("#")[0].endswith(address)
