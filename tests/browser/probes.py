"""What a ruler and a light meter would tell of a page: measured in the browser, not read from the sources."""

from playwright.sync_api import Page

_FAINT_WORDS = """() => {
  const light = colour => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
      .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = each => {
    for (let at = each; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('body *')]
    .filter(each => each.offsetParent && [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(each => {
      const [one, other] = [light(getComputedStyle(each).color), light(ground(each))].sort((a, b) => b - a);
      return [each.innerText.slice(0, 40), Math.round((one + 0.05) / (other + 0.05) * 10) / 10];
    })
    .filter(([, contrast]) => contrast < 7);
}"""


def faint_words(page: Page) -> list[list[object]]:
    """List the words whose contrast with the ground behind them is under 7:1, each with its contrast."""
    found: list[list[object]] = page.evaluate(_FAINT_WORDS)
    return found


_LISTEN = """() => {
  window.announced = [];
  const seen = new MutationObserver(changes => changes.forEach(change => {
    const at = change.target.nodeType === 1 ? change.target : change.target.parentElement;
    const region = at && at.closest('[role=status], [role=alert], [aria-live]');
    if (region && region.innerText && window.announced.slice(-1)[0] !== region.innerText) {
      window.announced.push(region.innerText);
    }
  }));
  seen.observe(document.body, { childList: true, characterData: true, subtree: true });
}"""
# A reader announces what changes in a region that it knows already and that is not hidden: innerText leaves hidden out.


def listen(page: Page) -> None:
    """Note from here on what a screen reader would announce on this page by itself."""
    page.evaluate(_LISTEN)


def announced(page: Page) -> list[str]:
    """What has been announced since `listen`, in order."""
    found: list[str] = page.evaluate("window.announced")
    return found


_WORDS_OF_ANOTHER_LANGUAGE = """([selector, language]) => [...document.querySelectorAll(selector)]
  .filter(each => each.closest('[lang]').lang !== language)
  .map(each => each.textContent.trim())"""


def not_in(page: Page, language: str, selector: str) -> list[str]:
    """The texts of these elements that a screen reader would not read in `language`."""
    found: list[str] = page.evaluate(_WORDS_OF_ANOTHER_LANGUAGE, [selector, language])
    return found


_HALT = """() => {
  const at = document.activeElement;
  return at === document.body ? '' : `${[...document.querySelectorAll('*')].indexOf(at)} ${at.tagName} ${at.id}`;
}"""


def halts(page: Page, key: str) -> list[str]:
    """Go round the page with a key ("Tab", "Shift+Tab"); gives each halt once: its place, tag and id."""
    met: list[str] = []
    for _ in range(60):
        page.keyboard.press(key)
        halt = page.evaluate(_HALT)
        if halt and halt in met:
            return met
        if halt:
            met.append(halt)
    raise AssertionError(f"{key} does not come round: {met}")
