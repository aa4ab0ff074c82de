"""A portal that really listens, fails as networks and servers fail, and can be stopped and started again."""

import socket
import threading
import time
from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Fault(StrEnum):
    """What becomes of one request that sends answers."""

    NEVER_ARRIVES = "never-arrives"
    REPLY_LOST = "reply-lost"
    BROKEN = "500"
    BUSY = "503"
    SLOW = "slow"


SLOWNESS = 0.4  # seconds


class Listening:
    """A server in a thread, on one port for as long as it lives; `faults` befall requests with answers, in order.

    Out of reach, it hears nothing: a browser that was set offline lets pass what a page sends as it closes.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.faults: deque[Fault] = deque()
        self.befallen: list[Fault] = []
        self.in_reach = True
        self._port = 0
        self._server: BaseWSGIServer | None = None
        self.start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen, on the port of before."""
        self._server = make_server("127.0.0.1", self._port, self, threaded=True)
        self._port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        """Answer what has been asked, and then nothing, on connections that were opened before, too."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            self._thread.join()
            server.server_close()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request, or fail to."""
        if self._server is None or not self.in_reach:
            raise _cut(environ)
        if not (environ["PATH_INFO"].startswith("/api/") and self.faults):
            return self.app(environ, start_response)
        fault = self.faults.popleft()
        self.befallen.append(fault)
        match fault:
            case Fault.NEVER_ARRIVES:
                raise _cut(environ)
            case Fault.REPLY_LOST:
                list(self.app(environ, lambda *_: lambda _: None))  # it is done, and nobody is told
                raise _cut(environ)
            case Fault.BROKEN:
                start_response("500 INTERNAL SERVER ERROR", [("Content-Type", "text/plain")])
                return [b"something broke"]
            case Fault.BUSY:
                start_response("503 SERVICE UNAVAILABLE", [("Content-Type", "text/plain")])
                return [b"come back later"]
            case Fault.SLOW:
                time.sleep(SLOWNESS)
        return self.app(environ, start_response)


def _cut(environ: "WSGIEnvironment") -> ConnectionError:
    """Break the connection of a request; whoever answers it gives up with what this returns."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return ConnectionResetError("cut on purpose")
