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
