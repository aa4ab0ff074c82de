"""Firefox by its own WebDriver BiDi: Debian brings no geckodriver, and this protocol needs none."""

import json
import shutil
import subprocess
import time
from itertools import count
from pathlib import Path
from typing import Any, Self

from websocket import WebSocket, create_connection

from tests.browser.engines.engine import Actions, Engine, Unreachable

PACKAGES = "firefox-esr"

STARTING = 60
"""How long Firefox may take to listen, in seconds; a busy machine needs ten."""

_SETTINGS = {
    "intl.accept_languages": "fr",
    # Nothing is looked for outside: updates, experiments, lists, whether there is an Internet.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "messaging-system.rsexperimentloader.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#nowhere",
}


def is_installed() -> bool:
    """Say whether Debian's Firefox is there."""
    return bool(shutil.which("firefox-esr"))


class Fault(Exception):
    """Firefox refused a command."""


class FirefoxProcess:
    """One Firefox with a profile in `folder`, and the line to it."""

    def __init__(self, folder: Path) -> None:
        settings = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _SETTINGS.items())
        (folder / "user.js").write_text("\n".join(settings), encoding="utf-8")
        self._process = subprocess.Popen(
            ["firefox-esr", "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._numbers = count(1)
        self._line = self._connect(folder / "WebDriverBiDiServer.json")
        self.call("session.new", capabilities={})

    def _connect(self, announcement: Path) -> WebSocket:
        until = time.monotonic() + STARTING
        while not announcement.exists() and self._process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        address = json.loads(announcement.read_text(encoding="utf-8"))
        # A browser's Origin would be refused: this is no page.
        return create_connection(
            f"ws://{address['ws_host']}:{address['ws_port']}/session", timeout=STARTING, suppress_origin=True
        )

    def call(self, method: str, **parameters: Any) -> Any:
        """Give one command and wait for its answer; raises Fault."""
        number = next(self._numbers)
        self._line.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._line.recv())
            if answer.get("id") == number:
                break
        if answer["type"] == "error":
            raise Fault(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._process.terminate()
        self._process.wait(STARTING)


class Firefox(Engine):
    """One tab with cookies, storage and workers of its own."""

    def __init__(self, process: FirefoxProcess) -> None:
        self._call = process.call
        self._person = self._call("browser.createUserContext")["userContext"]
        self._tab = self._call("browsingContext.create", type="tab", userContext=self._person)["context"]
        self._call("browsingContext.setViewport", context=self._tab, viewport={"width": 360, "height": 640})

    def open(self, address: str) -> None:
        try:
            self._call("browsingContext.navigate", context=self._tab, url=address, wait="complete")
        except Fault as fault:
            raise Unreachable(address) from fault

    def reload(self) -> None:
        try:
            self._call("browsingContext.reload", context=self._tab, wait="complete")
        except Fault as fault:
            raise Unreachable from fault

    def go_back(self) -> None:
        self._call("browsingContext.traverseHistory", context=self._tab, delta=-1)

    def run(self, function: str, *arguments: Any) -> Any:
        answer = self._call(
            "script.callFunction",
            functionDeclaration=f"async (given) => JSON.stringify(await ({function})(...JSON.parse(given)))",
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self._tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise Fault(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def perform(self, actions: Actions) -> None:
        self._call("input.performActions", context=self._tab, actions=actions)

    def close(self) -> None:
        self._call("browser.removeUserContext", userContext=self._person)
