"""WebKitGTK and Firefox: each starts in one process of the tests, and each test has a window that knows nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.browser.engines import firefox, webkit
from tests.browser.engines.engine import Engine
from tests.browser.engines.patients import PatientInEngine
from tests.browser.listening import Listening
from tests.web.patients import Patient

_DEBIAN = Path("/etc/debian_version").exists() and "ID=ubuntu" not in Path("/etc/os-release").read_text("utf-8")


def want(name: str, is_installed: bool, packages: str) -> None:
    """Leave the test out where an engine is not to be had; where set-up installs it, its absence is a fault."""
    if is_installed:
        return
    if _DEBIAN:
        pytest.fail(f"{name} is not installed: scripts/setup.sh test installs {packages}")
    pytest.skip(f"{name} is not installed, and this system has no {packages} of Debian's")


@pytest.fixture(scope="session")
def new_webkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Engine]]:
    """Open a window of WebKitGTK."""
    want("WebKitGTK", webkit.is_installed(), webkit.PACKAGES)
    with webkit.screen(tmp_path_factory.mktemp("screen")) as surroundings:
        yield lambda: webkit.WebKit(surroundings)


@pytest.fixture(scope="session")
def new_firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Engine]]:
    """Open a window of Firefox."""
    want("Firefox", firefox.is_installed(), firefox.PACKAGES)
    with firefox.FirefoxProcess(tmp_path_factory.mktemp("firefox")) as process:
        yield lambda: firefox.Firefox(process)


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("new_webkit", "new_firefox")]
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One window of each engine in its turn."""
    opened: Engine = request.getfixturevalue(request.param)()
    yield opened
    opened.close()


@pytest.fixture
def portal(app: Flask, at: datetime) -> Iterator[Listening]:
    """The portal at an address of its own; its clock stands at `at`."""
    listening = Listening(app)
    yield listening
    listening.stop()


@pytest.fixture
def patient(app: Flask, store: Session, portal: Listening, engine: Engine) -> PatientInEngine:
    """A participant who reads French, with her link and code, and a browser that knows nothing of her."""
    return PatientInEngine(engine, portal, Patient(app, store))
