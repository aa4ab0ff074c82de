"""Every script can be read by a browser as it travels: a minifier that cuts one short fails here, not on a phone."""

import pytest
from playwright.sync_api import Page

from portal.web import assets


@pytest.mark.parametrize("name", sorted(name for name in assets.names() if name.endswith(".js")))
def test_a_minified_script_is_still_a_script(page: Page, name: str) -> None:
    fault = page.evaluate(
        "text => { try { new Function(text); return ''; } catch (fault) { return String(fault); } }",
        assets.minified(name).decode(),
    )
    assert fault == ""


def test_what_a_minifier_cuts_short_is_noticed(page: Page) -> None:
    with pytest.raises(Exception, match="Invalid regular expression"):
        page.evaluate("text => { new Function(text); }", "f=(v)=>/^image\\")
