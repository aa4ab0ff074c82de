"""An old phone on a slow network: Chromium with a small screen and touch, its network and processor slowed down."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, Request, sync_playwright

from tests.browser.switches import BY_ITSELF

_PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
_BANDWIDTH = 400_000 / 8  # bytes a second, down and up
_ROUND_TRIP = 400  # milliseconds
_TIMES_SLOWER = 6
_BETWEEN = 450  # milliseconds between two taps: less counts as one tap twice
_PATIENCE = 60  # times that

# Notes what the tapping of Next led to, and how long it took until that was painted: what the browser itself says
# (Event Timing: from the finger's leaving the glass to the frame that shows the outcome, in steps of 8 ms, nothing
# under 16 ms), or the time to the end of the frame's work, whichever is more.
_RECORDER = """(() => {
  const moves = window.__moves = [];
  const isNext = (target) => target && target.closest && target.closest('#next');
  const last = () => moves[moves.length - 1];
  const leaves = ['pointerup', 'touchend', 'mouseup', 'click'];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    if (last() && isNext(entry.target) && leaves.includes(entry.name) && entry.startTime >= last().from - 50)
      last().time = Math.max(last().time, entry.duration);
  })).observe({ type: 'event', durationThreshold: 16 });
  document.addEventListener('click', (event) => {
    if (!isNext(event.target)) return;
    const move = { from: event.timeStamp, time: 0, code: null };
    moves.push(move);
    requestAnimationFrame(() => {
      const after = new MessageChannel(), here = document.querySelector('.q.here');
      after.port1.onmessage = () => {
        move.time = Math.max(move.time, performance.now() - move.from);
        move.code = here ? here.dataset.code : 'review';
      };
      after.port2.postMessage(0);
    });
  }, true);
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    window.__largest = { at: entry.startTime, isQuestion: Boolean(entry.element && entry.element.closest('.q.here')) };
  })).observe({ type: 'largest-contentful-paint', buffered: true });
})()"""


@dataclass
class SlowPhone:
    """A phone that holds nothing but its cookies; `asked` are the requests of its page, as method and path."""

    page: Page
    session: CDPSession
    asked: list[str] = field(default_factory=list)

    def slow_down(self) -> None:
        """Slow 3G (400 kbit/s each way, 400 ms for a round trip) and a processor six times slower."""
        conditions = {
            "offline": False,
            "latency": _ROUND_TRIP,
            "downloadThroughput": _BANDWIDTH,
            "uploadThroughput": _BANDWIDTH,
        }
        self.session.send("Network.enable")
        self.session.send("Network.emulateNetworkConditions", conditions)
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": _TIMES_SLOWER})

    def open(self, path: str) -> float:
        """Open a page; gives the milliseconds from the start until its largest text was painted."""
        self.page.goto(path, wait_until="load")
        return self.painted()

    def open_question(self, path: str) -> float:
        """Open a questionnaire; gives the milliseconds from the start until its first question was painted."""
        self.page.goto(path, wait_until="load")
        return self.question_painted()

    def painted(self) -> float:
        """Wait for the page's largest text; gives the milliseconds from the start of its opening to that."""
        return float(self._await("window.__largest && window.__largest.at"))

    def question_painted(self) -> float:
        """Wait for the first question; gives the milliseconds from the start of the page's opening to that."""
        return float(self._await("window.__largest && window.__largest.isQuestion && window.__largest.at"))

    def tap(self, selector: str) -> None:
        """Tap the middle of what stands there, which has to be in view."""
        box = self.page.locator(selector).first.bounding_box()
        assert box, f"{selector} is not there"
        self.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def answer(self) -> None:
        """Answer the question that is shown, in the way that leads to the most questions."""
        vas, no = ".q.here .line", '.q.here .card:has(input[value="N"])'
        self.tap(vas if self.page.locator(vas).count() else no if self.page.locator(no).count() else ".q.here .card")
        self.page.wait_for_timeout(_BETWEEN)

    def go_on(self) -> tuple[str, float]:
        """Tap Next; gives the code of what was shown then, and the milliseconds until it was painted."""
        known = self.page.evaluate("window.__moves.length")
        self.tap("#next")
        code = self._await(f"window.__moves.length > {known} && window.__moves[{known}].code")
        return str(code), float(self.page.evaluate(f"window.__moves[{known}].time"))

    def _await(self, expression: str) -> Any:
        """Give what an expression comes to be; it is asked for seldom, since asking takes the page's time too."""
        for _ in range(_PATIENCE):
            self.page.wait_for_timeout(_BETWEEN)
            found = self.page.evaluate(expression)
            if found:
                return found
        raise AssertionError(f"{expression} did not come")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium, or Playwright's own where there is none."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(BY_ITSELF))
        yield opened
        opened.close()


@contextmanager
def new_phone(opened: Browser, port: int, cookies: Mapping[str, str]) -> Iterator[SlowPhone]:
    """Take a phone out of its box; it speaks French, and is not slow yet."""
    base = f"http://127.0.0.1:{port}"
    context = opened.new_context(base_url=base, locale="fr", **_PHONE)  # type: ignore[arg-type] # options by name
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    context.add_init_script(_RECORDER)
    page = context.new_page()
    phone = SlowPhone(page, context.new_cdp_session(page))

    def note(request: Request) -> None:
        phone.asked.append(f"{request.method} {urlsplit(request.url).path}")

    page.on("request", note)
    yield phone
    context.close()
