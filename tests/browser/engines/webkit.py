"""WebKitGTK, the nearest to an iPhone's browser that Debian has: MiniBrowser on an unseen screen, by WebDriver."""

import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import WebKitGTK
from selenium.webdriver.remote.command import Command
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.browser.engines.engine import Actions, Engine, Unreachable

PACKAGES = "webkit2gtk-driver and xvfb"

_NARROW = "* { min-width: 0; margin: 0; padding: 0; border-width: 0; } image { -gtk-icon-transform: scale(0.5); }"
"""MiniBrowser's bar of buttons, which else makes every window at least 447 pixels wide."""

_BAR = 36
"""What that bar takes of the window's height, in pixels."""


def is_installed() -> bool:
    """Say whether driver, browser and screen are all there."""
    return bool(shutil.which("WebKitWebDriver") and _browser() and shutil.which("Xvfb"))


@contextmanager
def screen(folder: Path) -> Iterator[dict[str, str]]:
    """An unseen screen for narrow windows, with its settings in `folder`; gives the environment of its programs."""
    (folder / "gtk-3.0").mkdir()
    (folder / "gtk-3.0" / "gtk.css").write_text(_NARROW, encoding="utf-8")
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "800x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        display = f":{process.stdout.readline().strip()}"
        try:
            yield {**os.environ, "DISPLAY": display, "XDG_CONFIG_HOME": str(folder), "NO_AT_BRIDGE": "1"}
        finally:
            process.terminate()


class WebKit(Engine):
    """One MiniBrowser; each has a storage of its own, in memory only."""

    def __init__(self, surroundings: dict[str, str]) -> None:
        options = Options()
        options.binary_location = _browser()
        options.add_argument("--automation")
        # The driver's path is given, so that Selenium looks for none and downloads none.
        service = Service(str(shutil.which("WebKitWebDriver")), env=surroundings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Selenium 4.51 warns of a call of its own
            self._driver = WebKitGTK(options, service)
        self._driver.set_window_rect(0, 0, 360, 640 + _BAR)

    @property
    def pointer(self) -> str:
        """This automation has a mouse and no fingers."""
        return "mouse"

    def open(self, address: str) -> None:
        try:
            self._driver.get(address)
        except WebDriverException as fault:
            raise Unreachable(address) from fault

    def reload(self) -> None:
        try:
            self._driver.refresh()
        except WebDriverException as fault:
            raise Unreachable(self._driver.current_url) from fault

    def go_back(self) -> None:
        self._driver.back()

    def run(self, function: str, *arguments: Any) -> Any:
        return self._driver.execute_script(f"return ({function})(...arguments);", *arguments)

    def perform(self, actions: Actions) -> None:
        self._driver.execute(Command.W3C_ACTIONS, {"actions": actions})

    def close(self) -> None:
        self._driver.quit()


def _browser() -> str:
    """Where MiniBrowser stands, which is on no path; "" where it does not."""
    return next((str(path) for path in sorted(Path("/usr/lib").glob("*/webkit*gtk-*/MiniBrowser"))), "")
