"""What staff do in a real browser: sign in by keyboard, read the list, open, print, say seen."""

import re

import pyotp
from playwright.sync_api import Page

from portal.db.staff import Staff
from tests.conftest import NOW
from tests.web.staff_people import PASSWORD

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class StaffAtScreen:
    """One member of staff before one screen."""

    def __init__(self, page: Page, base_url: str, person: Staff) -> None:
        self.page = page
        self.base_url = base_url
        self.person = person

    def sign_in(self, address: str = "/staff/sign-in") -> "StaffAtScreen":
        """Go to a page with a sign-in whose form is sent without being drawn, for tests that are about what follows."""
        door = self.page.context.request
        asked = door.get(f"{self.base_url}{address}")
        form = {"csrf_token": _TOKEN.search(asked.text())[1]}  # type: ignore[index] # a form without one fails here
        for name, typed in zip(("email", "password", "code"), self._keys(), strict=True):
            form[name] = typed
        opened = door.post(asked.url, form=form, headers={"Referer": asked.url}, max_redirects=0)
        assert opened.status == 303, opened.text()
        return self.open(opened.headers["location"])

    def sign_in_by_keyboard(self, address: str = "/staff/sign-in") -> "StaffAtScreen":
        """Type address, password and code, going from field to field with the Tab key."""
        self.open(address)
        self.page.locator("#email").focus()
        for typed in self._keys():
            self.page.keyboard.type(typed)
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/staff/sign-in" not in url)
        return self

    def _keys(self) -> tuple[str, str, str]:
        return self.person.email, PASSWORD, pyotp.TOTP(self.person.totp_secret).at(NOW)

    def open(self, address: str) -> "StaffAtScreen":
        """Go to a page of the portal."""
        self.page.goto(f"{self.base_url}{address}")
        return self

    def unfold(self) -> "StaffAtScreen":
        """Open, by keyboard, what else can be done about each visit of a list."""
        for opener in self.page.locator(".more summary").all():
            opener.press("Enter")
        self.page.locator(".more[open] a").first.wait_for()
        return self

    def press(self, words: str) -> "StaffAtScreen":
        """Press the first button or link that says these words, in a menu that is opened for it if it stands in one."""
        wanted = self.page.locator("main a, main button, .language button").filter(has_text=words).first
        menu = wanted.locator("xpath=ancestor::details[not(@open)]/summary")
        if menu.count():
            menu.click()
        with self.page.expect_navigation():
            wanted.click()
        return self

    @property
    def text(self) -> str:
        """The words on the page, as they are shown."""
        return " ".join(self.page.locator("body").inner_text().split())

    def sideways(self) -> int:
        """By how many pixels the page is wider than the screen."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wider

    def small_targets(self) -> list[str]:
        """The buttons and links, outside running text, that are lower than 40 pixels."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll('button, a.button, nav a, .tabs a')]
                .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 40)
                .map(e => e.textContent.trim())"""
        )
        return found
