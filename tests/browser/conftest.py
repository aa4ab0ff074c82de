"""A real browser on a portal that really listens: phones of 360 × 640 in the person's language."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy.orm import Session

from tests.browser.listening import Listening
from tests.browser.navigators import PatientOnPhone
from tests.browser.switches import PATIENCE, QUIET
from tests.web.patients import Patient

# Flask-Compress leaves each static file to be closed by the garbage collector.
LEFT_OPEN = ("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives a browser and a server in a thread."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            for warning in LEFT_OPEN:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or Playwright's own where there is none."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def listening(app: Flask, at: datetime) -> Iterator[Listening]:
    """The portal, which listens until the test ends; its clock stands at `at`."""
    made = Listening(app)
    yield made
    made.stop()


@pytest.fixture
def base_url(listening: Listening) -> str:
    """The address of the portal."""
    return listening.address


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make a browser of its own: phone-sized unless told otherwise; closed at the end."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        chosen: dict[str, object] = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "locale": "fr"}
        context = browser.new_context(**(chosen | options))  # type: ignore[arg-type] # options by name
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """One page on one phone."""
    return new_context().new_page()


@pytest.fixture
def new_patient(
    app: Flask, store: Session, base_url: str, new_context: Callable[..., BrowserContext]
) -> Callable[..., PatientOnPhone]:
    """Make a participant and put a phone into her hand; `known` gives her another phone."""

    def make(language: str = "fr", known: Patient | None = None) -> PatientOnPhone:
        person = known or Patient(app, store, language=language)
        context = new_context(locale=person.participant.language)
        return PatientOnPhone(context.new_page(), base_url, person)

    return make
