"""Ways of looking at a page: larger text, and what stands where on the screen, in CSS pixels."""

from typing import Any

from playwright.sync_api import Page

QUESTION = """() => {
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

SHOW = """index => {
  const questions = [...document.querySelectorAll('.q')];
  questions.forEach((each, at) => each.classList.toggle('here', at === index));
  document.documentElement.scrollTop = 0;
  return index < questions.length;
}"""


def each_question(page: Page) -> list[dict[str, Any]]:
    """Measure every question of the questionnaire before us, each shown in its turn as the script would show it."""
    measured: list[dict[str, Any]] = []
    while page.evaluate(SHOW, len(measured)):
        measured.append(page.evaluate(QUESTION))
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
