"""A very small browser: one kept-alive connection, cookies, forms, and every byte that came over the wire."""

import json
import re
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

_ACCEPTED = {"Accept-Encoding": "gzip, deflate, br", "Accept-Language": "fr"}


@dataclass(frozen=True)
class Reply:
    """An answer as it came: `body` is still compressed, `header_bytes` counts the status line and all headers."""

    status: int
    location: str
    body: bytes
    header_bytes: int

    @property
    def json(self) -> Any:
        """The body, when it is JSON and was not compressed."""
        return json.loads(self.body)


class Browser:
    """A person's browser; it follows no redirect by itself."""

    def __init__(self, port: int) -> None:
        self.cookies: dict[str, str] = {}
        self._connection = HTTPConnection("127.0.0.1", port)

    def get(self, path: str, *, compressed: bool = True) -> Reply:
        """Ask for a page."""
        return self._ask("GET", path, None, _ACCEPTED if compressed else {"Accept-Language": "fr"})

    def post_form(self, path: str, **fields: str) -> Reply:
        """Send a form."""
        return self._ask(
            "POST", path, urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )

    def post_json(self, path: str, body: object, csrf: str = "") -> Reply:
        """Send JSON as the questionnaire's script does."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": csrf}
        return self._ask("POST", path, json.dumps(body).encode(), headers)

    def csrf_of(self, path: str) -> str:
        """Give the token of the form on a page."""
        page = self.get(path, compressed=False).body.decode()
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, f"{path} has no form"
        return found[1]

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        if self.cookies:
            headers = headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except ConnectionError:  # the server closes a connection that was idle for two seconds
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        lines = [f"{name}: {value}" for name, value in response.getheaders()]
        size = len(f"HTTP/1.1 {response.status} {response.reason}") + 4 + sum(len(line) + 2 for line in lines)
        return Reply(response.status, response.headers.get("Location", ""), response.read(), size)
