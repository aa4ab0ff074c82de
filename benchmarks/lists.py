"""What the lists of staff cost with 28, 1,000 and 20,000 participants at one site."""

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import quantiles
from time import process_time

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks import clinic, crowd
from benchmarks.figure import Figure
from benchmarks.rounds import Course, take_turns
from portal.app import create_app
from portal.domain.roles import Role
from tests.factories import load_study

_SIZES = (28, 1000, 20000)
_FIRST = "first page"
_LAST = "last page"
_ROUNDS = 100
_LIMIT = 1.3
_SEARCH = "search by number"
_SEARCH_QUERIES = 4
_SEARCH_LIMIT = 15  # ms: what is found differs with the crowd, from one number to fifty
_PAGE_LAST = "page=last"  # stands in an address for the number of the last page
_NURSE, _READER, _NEWCOMER = "nurse", "reader", "newcomer"
_READERS = {_NURSE: Role.NURSE, _READER: Role.INVESTIGATOR, _NEWCOMER: Role.INVESTIGATOR}
_LISTS = {
    "nurse's list": (
        _NURSE,
        {
            _FIRST: "/clinic/",
            "one state": "/clinic/?state=open",
            "by state": "/clinic/?sort=state",
            "by number": "/clinic/?sort=number",
            "page 2": "/clinic/?page=2",
            _LAST: "/clinic/?page=last",
        },
    ),
    "investigator's list": (
        _READER,
        {
            _FIRST: "/investigator/",
            "all": "/investigator/?shown=all",
            "page 2": "/investigator/?page=2",
            _LAST: "/investigator/?shown=all&page=last",
        },
    ),
    "summaries to sign": (_READER, {"some opened": "/investigator/sign"}),
    "summaries to open": (_NEWCOMER, {"none opened": "/investigator/sign"}),
    "queries": (
        _NURSE,
        {
            _FIRST: "/staff/queries",
            "page 2": "/staff/queries?page=2",
            _LAST: "/staff/queries?page=last",
            "closed": "/staff/queries?state=closed",
            "closed, last page": "/staff/queries?state=closed&page=last",
        },
    ),
    "wishes for a correction": (
        _NURSE,
        {
            _FIRST: "/staff/correction-requests",
            _LAST: "/staff/correction-requests?page=last",
            "settled": "/staff/correction-requests?state=settled",
            "settled, last page": "/staff/correction-requests?state=settled&page=last",
        },
    ),
    "all patients": (
        _NURSE,
        {
            _FIRST: "/staff/all-patients",
            "page 2": "/staff/all-patients?page=2",
            _LAST: "/staff/all-patients?page=last",
            "last number first": "/staff/all-patients?sort=last",
            "last number first, last page": "/staff/all-patients?sort=last&page=last",
            "those who take part": "/staff/all-patients?state=takes-part",
        },
    ),
    "promises": (
        _NURSE,
        {
            _FIRST: "/staff/promises",
            "kept": "/staff/promises?shown=kept",
            "kept late": "/staff/promises?shown=late",
            "all": "/staff/promises?shown=all",
            "all, last page": "/staff/promises?shown=all&page=last",
        },
    ),
    _SEARCH: (
        _NURSE,
        {"whole": "/staff/patients?number=01-00014", "part": "/staff/patients?number=14"},
    ),
}


@dataclass(frozen=True)
class _Page:
    """One page at one size: how many statements it sends, and what asking for it costs."""

    queries: int
    course: Course

    @property
    def milliseconds(self) -> float:
        """The 95th percentile of the rounds."""
        return quantiles(self.course.seconds, n=20)[-1] * 1000


def measure() -> list[Figure]:
    """Give queries and CPU time (95th percentile) of each page, against the page with 28.

    That is the same page with 28 participants, or their first page where the same one is nearly empty.
    """
    with ExitStack() as stack:
        stores = {size: stack.enter_context(_store(size)) for size in _SIZES}
        figures = []
        for name, (reader, pages) in _LISTS.items():
            measured = {
                (size, page): _page(*stores[size](reader), path) for page, path in pages.items() for size in _SIZES
            }
            gc.collect()
            gc.freeze()  # as portal.serve does with what lives as long as the process
            take_turns(*(page.course for page in measured.values()), rounds=_ROUNDS, times=1, warm_up=2)
            for page in pages:
                at_first = [measured[_SIZES[0], each] for each in {page, _FIRST if _FIRST in pages else page}]
                first = max(at_first, key=lambda each: each.milliseconds)
                few = max(each.queries for each in at_first)
                figures += [_figure(name, page, size, measured[size, page], first) for size in _SIZES]
                most = max(measured[size, page].queries for size in _SIZES)
                # One number that is found leads to another page, and a search that finds several shows them.
                limit = _SEARCH_QUERIES / few if name == _SEARCH else 1
                figures.append(
                    Figure(
                        name=f"{name}, {page}: queries",
                        value=most,
                        unit="",
                        reference=few,
                        limit=limit,
                        limits_ratio=True,
                    )
                )
    return figures


def _figure(name: str, page: str, size: int, measured: _Page, first: _Page) -> Figure:
    if name == _SEARCH:
        return Figure(
            name=f"{name}, {page}, {size:,} participants",
            value=measured.milliseconds,
            unit="ms",
            reference=first.milliseconds,
            limit=_SEARCH_LIMIT,
        )
    return Figure(
        name=f"{name}, {page}, {size:,} participants",
        value=measured.milliseconds,
        unit="ms",
        reference=first.milliseconds,
        limit=None if size == _SIZES[0] else _LIMIT,
        limits_ratio=True,
    )


@contextmanager
def _store(size: int) -> Iterator[Callable[[str], tuple[Flask, FlaskClient]]]:
    """Fill a store of this size and give who is signed in to it."""
    with clinic.settings() as settings:
        staff = {login: clinic.add_staff(settings, role, login=login) for login, role in _READERS.items()}
        with clinic.writing(settings) as session:
            reader = staff[_READER].row
            crowd.fill(session, load_study(session)[0], reader, size, at=datetime.now(UTC))
        app = create_app(settings)
        clients = {login: sign_in(app, person) for login, person in staff.items()}
        yield lambda login: (app, clients[login])


def _page(app: Flask, client: FlaskClient, path: str) -> _Page:
    if path.endswith(_PAGE_LAST):
        first = path.removesuffix(_PAGE_LAST)
        linked = re.findall(r"[?;]page=(\d+)", client.get(first).text)  # that of the last page is among them
        path = f"{first}page={max(map(int, linked), default=1)}"

    def ask() -> None:
        reply = client.get(path)
        assert reply.status_code in (200, 303), f"{path} answered {reply.status}"

    ask()
    with counted(app) as queries:
        ask()
    return _Page(queries(), Course(ask, process_time))


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
