"""What the browser of these tests is told to leave out, as it says itself."""

import re
import shutil
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.switches import PLAYWRIGHTS


@pytest.mark.skipif(not shutil.which("chromium"), reason="Playwright's own Chromium has no page that says it")
def test_what_playwright_leaves_out_is_left_out_still(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    page.goto("chrome://version")
    said = re.findall(r"--disable-features=(\S+)", page.inner_text("#command_line"))
    by_playwright, last = (set(each.split(",")) for each in (said[0], said[-1]))
    assert by_playwright == set(PLAYWRIGHTS)
    assert by_playwright < last
