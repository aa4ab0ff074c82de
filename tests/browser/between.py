"""What may stand between a phone and the portal: a network that answers in the portal's place."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Between:
    """What stands between phone and portal: while it has a reply for an address, it gives that itself."""

    def __init__(self, portal: "WSGIApplication") -> None:
        self.portal = portal
        self.reply: tuple[str, str, bytes] | None = None  # status, content type, body
        self.only = "/"

    def answer(self, status: str, body: bytes, kind: str = "text/html", only: str = "/") -> None:
        """Give this from now on to what is asked under an address."""
        self.reply, self.only = (status, kind, body), only

    def stand_aside(self) -> None:
        """Let everything through."""
        self.reply = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self.reply is None or not environ["PATH_INFO"].startswith(self.only):
            return self.portal(environ, start_response)
        status, kind, body = self.reply
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]
