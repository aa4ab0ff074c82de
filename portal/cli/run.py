"""`portal run`: serves the web pages with gunicorn."""

import os
import sys

import click

from portal.cli.settings import Refused, read_settings
from portal.db.engine import open_engine
from portal.db.revision import Store, is_current

SERVER_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""Has the C library give memory back: without it a worker keeps the 19 MB that checking one password took."""


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
        if not is_current(open_engine(url), store):
            raise Refused(f"The {store.name.lower()} store is not up to date: run `portal migrate` first.")
    sys.stdout.flush()
    command = [sys.executable, *server_arguments(host, port, workers)]
    os.execve(sys.executable, command, SERVER_ENVIRONMENT | os.environ)  # noqa: S606 - a fixed program, and no shell is wanted


def server_arguments(host: str, port: int, workers: int) -> list[str]:
    """Give the arguments after `python` that start the web server.

    One process answers several patients at once (threads): most of an answer's time is the disk's.
    """
    return [
        *("-m", "gunicorn", "--bind", f"{host}:{port}", "--workers", str(workers), "--threads", "4"),
        *("--worker-class", "gthread", "--graceful-timeout", "20", "--preload", "--no-control-socket"),
        "portal.serve:app",
    ]
