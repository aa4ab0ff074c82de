"""`portal run`: serves the web pages with gunicorn."""

import os
import socket
import sys

import click

from portal.cli.settings import Refused, open_store, read_settings, refuse_pretence
from portal.db.revision import Store
from portal.services.contacts import Contacts, NoContactKeyError

SERVER_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072", "PYTHONOPTIMIZE": "2"}
"""Keeps a worker small: the C library gives memory back (checking one password takes 19 MB for a moment), and the
libraries' docstrings, 4 MB of them, stay on the disk."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
def run(host: str, port: int, workers: int) -> None:
    """Serve the portal's pages; the worker is a command of its own (`portal work`).

    Example: portal run --port 8000
    """
    settings = read_settings()
    for store, url in ((Store.CLINICAL, settings.database_url), (Store.CONTACT, settings.contact_database_url)):
        open_store(url, store).dispose()
    refuse_pretence(settings)
    try:
        Contacts.check_key(settings.contact_key)
    except NoContactKeyError as fault:
        raise Refused(str(fault)) from None
    assert_free(host, port)
    sys.stdout.flush()
    command = [sys.executable, *server_arguments(host, port, workers)]
    os.execve(sys.executable, command, SERVER_ENVIRONMENT | os.environ)  # noqa: S606 - a fixed program, and no shell is wanted


def assert_free(host: str, port: int) -> None:
    """Refuse, in one line, an address on which the web server could not listen: it would try for five seconds."""
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
            probe.bind(address)
    except OSError as fault:
        raise Refused(f"Nothing can listen on {host}, port {port}: {fault.strerror}. Choose another --port.") from None


def server_arguments(host: str, port: int, workers: int) -> list[str]:
    """Give the arguments after `python` that start the web server.

    One process answers several patients at once (threads): most of an answer's time is the disk's.
    """
    return [
        *("-m", "gunicorn", "--bind", f"{host}:{port}", "--workers", str(workers), "--threads", "4"),
        *("--worker-class", "gthread", "--graceful-timeout", "20", "--preload", "--no-control-socket"),
        "portal.serve:app",
    ]
