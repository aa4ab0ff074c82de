"""What staff do in a real browser: sign in by keyboard, read the list, open, print, say seen."""

import pyotp
from playwright.sync_api import Page

from portal.db.staff import Staff
from tests.conftest import NOW
from tests.web.staff_people import PASSWORD


class StaffAtScreen:
    """One member of staff before one screen."""

    def __init__(self, page: Page, base_url: str, person: Staff) -> None:
        self.page = page
        self.base_url = base_url
        self.person = person

    def sign_in(self, address: str = "/staff/sign-in") -> "StaffAtScreen":
        """Type address, password and code, going from field to field with the Tab key."""
        self.open(address)
        self.page.locator("#email").focus()
        for typed in (self.person.email, PASSWORD, pyotp.TOTP(self.person.totp_secret).at(NOW)):
            self.page.keyboard.type(typed)
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/staff/sign-in" not in url)
        return self

    def open(self, address: str) -> "StaffAtScreen":
        """Go to a page of the portal."""
        self.page.goto(f"{self.base_url}{address}")
        return self

    def press(self, words: str) -> "StaffAtScreen":
        """Press the first button or link that says these words."""
        with self.page.expect_navigation():
            self.page.locator("main a, main button, .language button").filter(has_text=words).first.click()
        return self

    @property
    def text(self) -> str:
        """The words on the page, as they are shown."""
        return " ".join(self.page.locator("body").inner_text().split())

    def sideways(self) -> int:
        """By how many pixels the page is wider than the screen."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wider

    def faint_texts(self) -> list[str]:
        """The texts whose contrast with the ground is under 7:1, each with its ratio."""
        found: list[str] = self.page.evaluate(_FAINT)
        return found

    def small_targets(self) -> list[str]:
        """The buttons and links, outside running text, that are lower than 40 pixels."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('button, a.button, nav a, .tabs a')]
                .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 40)
                .map(e => e.textContent.trim())"""
        )
        return found


_FAINT = """() => {
  const linear = c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => [r, g, b].map(c => linear(c / 255))
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const faint = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length) continue;
    const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 7) faint.push(`${e.textContent.trim().slice(0, 40)} ${ratio.toFixed(1)}`);
  }
  return faint;
}"""
