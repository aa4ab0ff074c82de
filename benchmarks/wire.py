"""The wire between a browser and a server: passes every byte on and counts those that come down, whoever asked."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer

_HOST = "127.0.0.1"
_PIECE = 65536  # bytes


@dataclass
class Wire:
    """A port to talk to instead of the server's; `down` counts the bytes that the server has sent since the start."""

    port: int = 0
    down: int = 0


@contextmanager
def counted(port: int) -> Iterator[Wire]:
    """Stand between browsers and the server on `port` until the block ends.

    What a page, its worker or the browser itself asks for: everything passes here, headers included.
    """
    wire = Wire()

    class Connection(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((_HOST, port)) as server:
                up = threading.Thread(target=_pass, args=(self.request, server))
                up.start()
                _pass(server, self.request, wire)
                up.join()

    with ThreadingTCPServer((_HOST, 0), Connection) as listening:
        listening.daemon_threads = True
        wire.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield wire
        finally:
            listening.shutdown()
            thread.join()


def _pass(here: socket.socket, there: socket.socket, wire: Wire | None = None) -> None:
    with suppress(OSError):  # one of the two has gone
        while piece := here.recv(_PIECE):
            if wire:
                wire.down += len(piece)
            there.sendall(piece)
    with suppress(OSError):
        there.shutdown(socket.SHUT_WR)
