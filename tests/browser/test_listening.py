"""The portal of tests that goes out of reach: nothing gets through that was begun before."""

import socket
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.browser.listening import Listening


@pytest.fixture
def portal(app: Flask) -> Iterator[Listening]:
    listening = Listening(app)
    yield listening
    listening.stop()


def test_a_connection_that_was_open_before_is_cut(portal: Listening) -> None:
    """Browsers open some in advance, and ask by them later."""
    with _connection(portal) as early:
        with _connection(portal) as other:
            assert b" 200 " in _asked(other)  # it came after the early one, which was taken then, too
        portal.stop()
        assert _asked(early) == b""
    portal.start()
    with _connection(portal) as again:
        assert b" 200 " in _asked(again)


def _connection(portal: Listening) -> socket.socket:
    host, port = portal.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def _asked(connection: socket.socket) -> bytes:
    """Ask for a page, and read what comes first."""
    try:
        connection.sendall(b"GET /staff/sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection.recv(1000)
    except ConnectionError:
        return b""
