"""Random network cuts, played against the page: the server ends with exactly what was tapped, each tap once.

Each seed is another play of taps (answers, changes of mind, Back, leaving out, reloading, closing and opening again,
the other language) among networks that come and go and servers that fail. The model beside it knows the taps only.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import on_server
from tests.browser.listening import Fault, Listening
from tests.browser.navigators import PatientOnPhone

SEEDS = range(1, 7)
STEPS = 32

_WOULD_WARN = "() => !window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"


class Play:
    """One patient's taps, in an order that a seed decides; `taps` is what she has said, in words the server knows."""

    def __init__(self, patient: PatientOnPhone, listening: Listening, seed: int) -> None:
        self.patient = patient
        self.listening = listening
        self.random = random.Random(seed)
        self.taps: list[tuple[str, Any]] = []
        self.story: list[str] = []
        self.offline = False

    @property
    def last(self) -> dict[str, Any]:
        """What she has said last of each item; None = left out."""
        return dict(self.taps)

    @property
    def told(self) -> str:
        """What has happened, for whoever reads of a failure."""
        return "\n".join([*self.story, f"said: {self.last}"])

    def run(self) -> None:
        """Play; whatever happens to the network, she finds what she has said."""
        deeds: dict[Callable[[], None], int] = {
            self.answer: 9,
            self.go_on: 9,
            self.go_back: 2,
            self.reload: 2,
            self.open_again: 2,
            self.speak_otherwise: 2,
            self.cross_the_border: 4,
            self.meet_faults: 4,
        }
        for _ in range(STEPS):
            deed = self.random.choices(list(deeds), list(deeds.values()))[0]
            self.story.append(f"{deed.__name__} at {self.patient.code or 'the end'}")
            deed()
            self.check()

    def check(self) -> None:
        """What lies before her is what she has said of it, or says that it was received already."""
        code = self.patient.code
        if code in {"", "filled_in_by"}:
            return
        said, chosen = self.last.get(code), self.patient.question.locator("input:checked")
        if chosen.count():
            assert chosen.get_attribute("value") == str(said), self.told
        else:
            assert said is None or self.patient.page.locator("#received").is_visible(), self.told

    # ── what she does ─────────────────────────────────────────────────────────

    def answer(self) -> None:
        """Tap one of the answers."""
        if self.patient.code in {"", "filled_in_by"}:
            return
        inputs = self.patient.question.locator("input")
        number = self.random.randrange(inputs.count())
        if inputs.nth(number).is_checked():
            return
        text = inputs.nth(number).get_attribute("value") or ""
        self.patient.choose_number(number)
        self.taps.append((self.patient.code, int(text) if text.isdigit() else text))

    def go_on(self) -> None:
        """Tap Next, and leave out what she has not answered, or stay at it."""
        code = self.patient.code
        if not code:
            return
        leaves = self.patient.page.inner_text("#next") in {"Je préfère ne pas répondre", "I prefer not to answer"}
        self.patient.next()
        if self.patient.page.locator("#ask").is_visible():
            leaves = self.random.random() < 0.7
            self.patient.page.tap("#leave" if leaves else "#answer")
        if leaves and code != "filled_in_by":
            self.taps.append((code, None))

    def go_back(self) -> None:
        """Tap Back, unless it leads out."""
        if self.patient.page.url.split("#")[1] not in {"q1", "review"}:
            self.patient.back()

    def reload(self) -> None:
        """Reload the page."""
        self.wait_if_warned()
        self.patient.page.reload()
        self.find_place()

    def open_again(self) -> None:
        """Close the page, and come by the link."""
        self.wait_if_warned()
        self.patient.open_again()
        self.find_place()

    def speak_otherwise(self) -> None:
        """Read on in the other language, at the same question."""
        page, code = self.patient.page, self.patient.code
        other = page.get_attribute(".language button", "value")
        assert other
        page.tap(".language button")
        expect(page.locator(f"html[lang={other}]")).to_be_attached()
        self.find_place()
        assert self.patient.code == code, self.told

    def wait_if_warned(self) -> None:
        """Leave only when the browser would not ask whether she really wants to."""
        for _ in range(1000):
            if not self.patient.page.evaluate(_WOULD_WARN):
                return
            self.patient.page.wait_for_timeout(20)
        raise AssertionError(self.told)

    def find_place(self) -> None:
        """From wherever the page has led her, to the questionnaire."""
        page = self.patient.page
        before_her, task = page.locator(".q.here, #review:not([hidden])"), page.locator(".task.now")
        kept = page.locator("#kept a")
        for _ in range(20):
            expect(before_her.or_(kept).or_(task).first).to_be_visible()
            if before_her.count():
                break
            if kept.count():
                self.patient.go_on_without_network()
            elif task.count():
                self.patient.begin()
            # else the page comes anew, now that what waited on the phone was sent: look again
        expect(before_her).to_be_visible()

    # ── what befalls her ──────────────────────────────────────────────────────

    def cross_the_border(self) -> None:
        """Lose the network, or find it again."""
        self.offline = not self.offline
        self.patient.page.context.set_offline(self.offline)
        self.listening.in_reach = not self.offline

    def meet_faults(self) -> None:
        """Let the next sendings go wrong."""
        self.listening.faults.extend(self.random.choices(list(Fault), k=self.random.randrange(1, 4)))

    def finish(self) -> None:
        """Send, with a network that works."""
        self.listening.faults.clear()
        self.listening.in_reach = True
        self.patient.find_network()
        self.patient.page.evaluate("location.hash = 'review'")
        expect(self.patient.page.locator("#review")).to_be_visible()
        self.patient.next().expect_receipt()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_the_network_does(new_patient: Callable[..., PatientOnPhone], listening: Listening, seed: int) -> None:
    patient = new_patient().come_in().begin().expect_ready()
    play = Play(patient, listening, seed)
    play.run()
    play.finish()
    rows = on_server.answers(patient.person)
    assert Counter((row.link_id, row.value) for row in rows) == Counter(play.taps), play.told
    assert len({(row.link_id, row.at) for row in rows}) == len(rows), play.told
    assert on_server.counting(patient.person) == play.last, play.told
    frozen = on_server.frozen(patient.person)
    shown = {code: value for code, value in play.last.items() if code != "DLQI107A" or play.last.get("DLQI107") == "N"}
    assert {code: frozen[code].get("value") for code in shown} == shown, play.told
