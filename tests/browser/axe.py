"""axe-core on a page: every rule that it runs by itself, and two stricter ones that it leaves to be asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped] # ships no types
from flask import Flask, template_rendered
from playwright.sync_api import Page

_RULES = {
    # SC 1.4.6: contrasts from 4.5:1 to 7:1; what is under 4.5:1 it leaves to the rule that runs by itself
    "color-contrast-enhanced": {"enabled": True},
    # SC 2.5.8, 24 px; on a patient's page our own probes ask for 56
    "target-size": {"enabled": True},
}
_CONTRASTS = ["color-contrast", "color-contrast-enhanced"]

_RUN = "options => axe.run(document, { resultTypes: ['violations'], ...options })"


def check(page: Page, *, by_night: bool = True) -> None:
    """Fail when axe finds anything on the page before us by day, or a contrast too low by night."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    page.emulate_media(color_scheme="light")
    found = _violations(page, {"rules": _RULES})
    if by_night:
        page.emulate_media(color_scheme="dark")
        found += [f"{each} (dark)" for each in _violations(page, {"runOnly": _CONTRASTS})]
        page.emulate_media(color_scheme="light")
    assert found == [], f"{page.url}:\n" + "\n".join(found)


@contextmanager
def pages_of(app: Flask) -> Iterator[set[str]]:
    """The names of the templates that make pages from here on."""
    names: set[str] = set()

    def note(_app: Flask, template: Any, **_more: Any) -> None:
        names.add(template.name)

    with template_rendered.connected_to(note, app):
        yield names


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    found = page.evaluate(_RUN, options)
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
