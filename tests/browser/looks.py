"""Ways of looking at a page: larger text, and what stands where on the screen, in CSS pixels."""

import re
from typing import Any, Protocol

from playwright.sync_api import Locator, Page

_QUESTION = """() => {
  const box = each => each.getBoundingClientRect();
  const here = document.querySelector('.q.here'), cards = [...here.querySelectorAll('.card')].map(box);
  const columns = new Map();
  cards.forEach(card => columns.set(card.left, [...(columns.get(card.left) || []), card]));
  const gaps = [...columns.values()].flatMap(column => column.slice(1).map((card, at) => card.top - column[at].bottom));
  const line = here.querySelector('.line'), ends = [...here.querySelectorAll('.ends span')].map(box);
  return {
    code: here.dataset.code, sideways: document.documentElement.scrollWidth - window.innerWidth,
    heights: cards.map(card => card.height), widths: cards.map(card => card.width), gaps,
    cut: [...here.querySelectorAll('.card span, .h, .recall, .hint, .ends span')].filter(
      each => each.scrollWidth > each.clientWidth + 1 && each.clientWidth).map(each => each.innerText),
    top: box(here).top - box(document.querySelector('.top')).bottom,
    bottom: Math.max(...[...cards, ...ends].map(each => each.bottom)), bar: box(document.querySelector('.nav')).top,
    line: line && box(line).width, lineHeight: line && box(line).height, lineBottom: line && box(line).bottom,
    lineInView: line && box(line).left >= 0 && box(line).right <= window.innerWidth,
    endsTop: ends.length ? Math.min(...ends.map(each => each.top)) : null,
  };
}"""

_SHOW = """index => {
  const questions = [...document.querySelectorAll('.q')];
  questions.forEach((each, at) => each.classList.toggle('here', at === index));
  document.documentElement.scrollTop = 0;
  return index < questions.length;
}"""


_COLOUR = "(each, [name, part]) => getComputedStyle(each, part)[name]"

_RING = """() => {
  const each = document.activeElement;
  const shown = each.matches('.card input') ? each.nextElementSibling : each;
  const style = getComputedStyle(shown);
  return {
    what: each.tagName, words: shown.textContent.slice(0, 30), style: style.outlineStyle, colour: style.outlineColor,
    width: parseFloat(style.outlineWidth), paper: getComputedStyle(document.body).backgroundColor,
  };
}"""

_IS_COVERED = """() => {
  const each = document.activeElement, box = each.getBoundingClientRect();
  const x = box.left + Math.min(box.width, innerWidth - box.left) / 2, y = box.top + box.height / 2;
  const on = document.elementFromPoint(x, y);
  return !on || !(each.contains(on) || on.contains(each) || (on.closest('.card, .line') || on).contains(each));
}"""


def _light(colour: str) -> float:
    """The relative luminance of an sRGB colour, 0 to 1 (WCAG 2)."""
    parts = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as the browser computes them, 1 to 21 (WCAG 2)."""
    lighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colour(of: Locator, name: str, part: str = "") -> str:
    """One colour of an element, or of its ::before; "backgroundColor" and the like."""
    found: str = of.evaluate(_COLOUR, [name, part])
    return found


def ring(page: Page) -> dict[str, Any]:
    """The ring around what has the focus, and its contrast with the page."""
    found: dict[str, Any] = page.evaluate(_RING)
    return found | {"contrast": contrast(found["colour"], found["paper"])}


def is_covered(page: Page) -> bool:
    """Say whether something else lies over what has the focus, or it is out of view."""
    covered: bool = page.evaluate(_IS_COVERED)
    return covered


class Evaluates(Protocol):
    """A page of any browser that answers to JavaScript."""

    def evaluate(self, expression: str, arg: Any = None) -> Any:
        """Call a function of the page."""


def each_question(page: Evaluates) -> list[dict[str, Any]]:
    """Measure every question of the questionnaire before us, each shown in its turn as the script would show it."""
    measured: list[dict[str, Any]] = []
    while page.evaluate(_SHOW, len(measured)):
        measured.append(page.evaluate(_QUESTION))
    return measured


def enlarge(page: Page, percent: int) -> None:
    """Set the browser's text size, as a person does in its settings; 100 is 16 pixels."""
    settings = page.context.new_cdp_session(page)
    settings.send("Page.enable")
    settings.send("Page.setFontSizes", {"fontSizes": {"standard": 16 * percent // 100}})


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wider
