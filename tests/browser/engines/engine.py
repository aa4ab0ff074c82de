"""What every browser engine can do for a person: open, tap, draw, press keys; the same few verbs for each."""

from abc import ABC, abstractmethod
from typing import Any

from selenium.webdriver.common.keys import Keys

Actions = list[dict[str, Any]]
"""Input sources with their steps, as WebDriver and WebDriver BiDi both read them."""

_NAMED = {
    "ArrowDown": Keys.ARROW_DOWN,
    "ArrowLeft": Keys.ARROW_LEFT,
    "ArrowRight": Keys.ARROW_RIGHT,
    "End": Keys.END,
    "Enter": Keys.ENTER,
    "Home": Keys.HOME,
    "Space": Keys.SPACE,
    "Tab": Keys.TAB,
}


class Unreachable(Exception):
    """The page that was asked for did not come."""


class Engine(ABC):
    """One window of one browser, phone-sized, which has kept nothing of anybody before."""

    @abstractmethod
    def open(self, address: str) -> None:
        """Go to an address and wait until it stands; raises Unreachable."""

    @abstractmethod
    def reload(self) -> None:
        """Load the page anew; raises Unreachable."""

    @abstractmethod
    def go_back(self) -> None:
        """Press the browser's own way back."""

    @abstractmethod
    def run(self, function: str, *arguments: Any) -> Any:
        """Call a JavaScript function expression in the page; arguments and answer as JSON."""

    def evaluate(self, expression: str, arg: Any = None) -> Any:
        """The same under the name, and with the one argument, that Playwright's pages have."""
        return self.run(expression, arg)

    @abstractmethod
    def close(self) -> None:
        """Close the window and forget everything."""

    @abstractmethod
    def perform(self, actions: Actions) -> None:
        """Let pointer and keys do these steps."""

    def draw(self, *points: tuple[float, float]) -> None:
        """Put the pointer down on the first point, in CSS pixels, move it over the others, and lift it."""
        moves = [{"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y)} for x, y in points]
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        steps = [moves[0], down, *moves[1:], up]
        self.perform(
            [{"type": "pointer", "id": "pointer", "parameters": {"pointerType": self.pointer}, "actions": steps}]
        )

    @property
    def pointer(self) -> str:
        """What points: "touch" where the engine's automation has fingers."""
        return "touch"

    def press(self, *keys: str) -> None:
        """Press keys one after the other, by name ("Tab", "End") or as characters."""
        steps: Actions = []
        for key in keys:
            value = _NAMED.get(key, key)
            steps += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.perform([{"type": "key", "id": "keys", "actions": steps}])
