"""A very small browser: one kept-alive connection, cookies, forms, and every byte that came over the wire."""

import json
import re
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import brotli  # type: ignore[import-untyped] # ships no types

_ACCEPTED = {"Accept-Encoding": "br", "Accept-Language": "fr"}


@dataclass(frozen=True)
class Reply:
    """An answer as it came: `body` is still compressed, `header_bytes` counts the status line and all headers."""

    status: int
    body: bytes
    encoding: str
    header_bytes: int

    @property
    def text(self) -> str:
        """The body as a person reads it."""
        body: bytes = brotli.decompress(self.body) if self.encoding == "br" else self.body
        return body.decode()

    @property
    def json(self) -> Any:
        """The body as a program reads it."""
        return json.loads(self.text)


class Browser:
    """A person's browser; it follows no redirect by itself."""

    def __init__(self, port: int) -> None:
        self.cookies: dict[str, str] = {}
        self._connection = HTTPConnection("127.0.0.1", port)

    def get(self, path: str) -> Reply:
        """Ask for a page."""
        return self._ask("GET", path, None, {})

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
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found, f"{path} has no form"
        return found[1]

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        headers = headers | _ACCEPTED
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
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
        return Reply(response.status, response.read(), response.headers.get("Content-Encoding", ""), size)
