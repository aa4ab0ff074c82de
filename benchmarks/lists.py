"""What the nurse's and the investigator's lists cost with 28, 1,000 and 20,000 participants at one site."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import process_time

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks import clinic, crowd
from benchmarks.figure import Figure
from benchmarks.rounds import Course
from portal.app import create_app
from portal.domain.roles import Role
from tests.factories import load_study

_SIZES = (28, 1000, 20000)
_LISTS = {
    "nurse's list": (Role.NURSE, "/clinic/"),
    "investigator's list": (Role.INVESTIGATOR, "/investigator/"),
}


def measure() -> list[Figure]:
    """Give the number of queries and the CPU time of a list's first page, each against the smallest store."""
    measured = {size: _measure(size) for size in _SIZES}
    figures = []
    for name in _LISTS:
        first_queries, first_milliseconds = measured[_SIZES[0]][name]
        for size in _SIZES:
            queries, milliseconds = measured[size][name]
            figures.append(
                Figure(
                    name=f"{name}, {size:,} participants: queries",
                    value=queries,
                    unit="",
                    reference=first_queries,
                    limit=1,
                    limits_ratio=True,
                )
            )
            figures.append(Figure(name="  time of a page", value=milliseconds, unit="ms", reference=first_milliseconds))
    return figures


def _measure(size: int) -> dict[str, tuple[int, float]]:
    """Give queries and milliseconds of each list's first page in a store of this size."""
    with clinic.settings() as settings:
        staff = {role: clinic.add_staff(settings, role) for role, _ in _LISTS.values()}
        with clinic.writing(settings) as session:
            reader = staff[Role.INVESTIGATOR].row
            crowd.fill(session, load_study(session)[0], reader, size, at=datetime.now(UTC))
        app = create_app(settings)
        return {name: _page(app, sign_in(app, staff[role]), path) for name, (role, path) in _LISTS.items()}


def _page(app: Flask, client: FlaskClient, path: str) -> tuple[int, float]:
    def ask() -> None:
        reply = client.get(path)
        assert reply.status_code == 200, f"{path} answered {reply.status}"

    ask()
    with counted(app) as queries:
        ask()
    page = Course(ask, process_time)
    for _ in range(5):
        page.run(2)
    return queries(), page.milliseconds


@contextmanager
def counted(app: Flask) -> Iterator[Callable[[], int]]:
    """Count the statements that the app sends to its clinical store."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = app.extensions["stores"].clinical
    event.listen(engine, "before_cursor_execute", note)
    yield lambda: sum(not statement.startswith("BEGIN") for statement in sent)
    event.remove(engine, "before_cursor_execute", note)


def sign_in(app: Flask, person: clinic.Person) -> FlaskClient:
    client = app.test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/staff/sign-in").text)
    assert found
    entered = client.post("/staff/sign-in", data=person.form() | {"csrf_token": found[1]})
    assert entered.status_code == 303, f"signing in answered {entered.status}"
    return client
