"""The sessions of a request: one unit of work on the clinical store, committed once, after the view returned."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.engine import assert_durable, for_snapshots, for_writing, open_engine
from portal.db.revision import Store, is_current
from portal.services import studies

_SAFE = {"GET", "HEAD", "OPTIONS"}


class StoreNotCurrentError(Exception):
    """The store's tables are not those of this version; the text says what to run."""


@dataclass(frozen=True)
class Stores:
    """The engines behind an app; `writing` is the clinical one for units of work that write."""

    clinical: Engine
    contact: Engine
    writing: Engine


def init_app(app: Flask, settings: Settings) -> None:
    """Open both stores, refuse them if they would lose answers or lack tables, and commit after each view."""
    clinical = open_engine(settings.database_url)
    stores = Stores(clinical, open_engine(settings.contact_database_url), for_writing(clinical))
    for engine, store in ((stores.clinical, Store.CLINICAL), (stores.contact, Store.CONTACT)):
        assert_durable(engine)
        if not is_current(engine, store):
            raise StoreNotCurrentError(f"The {store.name.lower()} store is not up to date: run `portal migrate`.")
    with Session(clinical) as opened:
        studies.check_settings(opened, settings.demonstration_only)
    for engine in (stores.clinical, stores.contact):
        engine.dispose()  # no connection may be shared between the processes that gunicorn forks from this one
    app.extensions["stores"] = stores
    app.after_request(_commit)
    app.teardown_request(_close)


def session() -> Session:
    """Give this request's session on the clinical store; it may write unless the view only reads."""
    if "session" not in g:
        stores = current_stores()
        g.session = Session(stores.writing if _writes() else stores.clinical, expire_on_commit=False)
    return g.session  # type: ignore[no-any-return] # g is untyped


def release() -> None:
    """Commit what was done so far and give up the one writer's place: for a view that acts, before it takes long."""
    for name in ("contact_session", "session"):
        if name in g:
            g.get(name).commit()


@contextmanager
def snapshot() -> Iterator[Session]:
    """Open a session that only reads, and sees one state of the clinical store for as long as it is open."""
    with Session(for_snapshots(current_stores().clinical)) as opened:
        yield opened


@contextmanager
def recording() -> Iterator[Session]:
    """Open a short unit of work of its own, committed at its end: the record of what a view has read at length.

    Such a view reads with `session` and does not declare `records`, so that meanwhile others can write.
    """
    with Session(current_stores().writing, expire_on_commit=False) as opened:
        yield opened
        opened.commit()


def contact_session() -> Session:
    """Give this request's session on the contact store; it may write unless the view only reads."""
    if "contact_session" not in g:
        contact = current_stores().contact
        g.contact_session = Session(for_writing(contact) if _writes() else contact, expire_on_commit=False)
    return g.contact_session  # type: ignore[no-any-return] # g is untyped


def current_stores() -> Stores:
    """Give the engines of the running app."""
    return current_app.extensions["stores"]  # type: ignore[no-any-return] # extensions is untyped


def _writes() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method not in _SAFE or getattr(view, "records", False)


def _commit(response: Response) -> Response:
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return response  # it broke off half-way: what it wrote until then is rolled back on closing
    for name in ("contact_session", "session"):  # the trail, in the clinical one, must not tell of what did not happen
        if name in g:
            g.get(name).commit()
    return response


def _close(_error: BaseException | None) -> None:
    for name in ("session", "contact_session"):
        if name in g:
            g.pop(name).close()
