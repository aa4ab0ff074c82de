"""Fresh stores for tests, on SQLite and on a PostgreSQL server of the tests' own.

Each pytest process (each xdist worker too) starts its own server when a test first asks, reachable by a Unix socket
only, and takes it down at the end. A store is migrated once per process and then copied; on PostgreSQL, where a copy
takes a tenth of a second and more, an earlier test's is emptied and given again, if its tables are as they were.
"""

import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from portal.db import migrate
from portal.db.migrate import Store

START_SECONDS = 60
_TABLES = """
    SELECT string_agg(each, ' ' ORDER BY each) FROM (
        SELECT relname || relkind::text AS each FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT proname || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ) AS found
"""
_numbers = count(1)


class PostgreSQL:
    """One running PostgreSQL server in a temporary folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="previsit-pg-", dir="/tmp"))  # a socket's path is at most 107 bytes
        self.account = _account()
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make a cluster and wait until it answers."""
        data = str(self.folder / "data")
        shutil.chown(self.folder, self.account)
        made = subprocess.run(
            [
                *(*self._as_account(), _program("initdb"), "-D", data),
                *("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
        )
        assert made.returncode == 0, f"initdb failed: {made.stderr}"
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "shared_buffers": "16MB",
            # No test cuts the power: what a killed server has written is in the kernel's hands, and safe there.
            "fsync": "off",
            "full_page_writes": "off",
        }
        with (self.folder / "log").open("wb") as log:
            self.server = subprocess.Popen(
                [
                    *(*self._as_account(), _program("postgres"), "-D", data),
                    *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        self._await()

    def stop(self) -> None:
        """End the server at once and remove everything it wrote."""
        if self.server:
            self.server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: it waits for no client
            self.server.wait(START_SECONDS)
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        """The address of one of its databases, as DATABASE_URL wants it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction, as CREATE DATABASE wants it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def tables(self, database: str) -> str:
        """Tell all tables, indexes, sequences and triggers of a database, to be compared with another's."""
        with psycopg.connect(self.url(database)) as connection:
            (told,) = connection.execute(_TABLES).fetchone() or ("",)
        return str(told)

    def empty(self, database: str) -> None:
        """End every other connection to a migrated database, and take every row out of it."""
        with psycopg.connect(self.url(database)) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            sequences = connection.execute("SELECT sequencename FROM pg_sequences").fetchall()
            statements = [f'DELETE FROM "{name}"' for (name,) in tables]
            statements += [f'ALTER SEQUENCE "{name}" RESTART' for (name,) in sequences]
            connection.execute("; ".join(statements).encode())

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError as fault:
                alive = self.server is not None and self.server.poll() is None
                if not alive or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text()
                    raise AssertionError(f"PostgreSQL did not start: {fault}\n{log}") from fault
                time.sleep(0.02)
            else:
                return

    def _as_account(self) -> list[str]:
        """PostgreSQL refuses to run as root; and whatever becomes of pytest, the server ends with it."""
        other = [] if os.geteuid() else [f"--reuid={self.account}", f"--regid={self.account}", "--init-groups"]
        return ["setpriv", "--pdeathsig=INT", *other]


def _account() -> str:
    if os.geteuid():
        return getpass.getuser()
    names = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _program(name: str) -> str:
    """Debian keeps initdb and postgres off the path, a folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    assert found, "PostgreSQL is missing: scripts/setup.sh test installs it"
    return found


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The server of this pytest process."""
    server = PostgreSQL()
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Stores:
    """Makes fresh stores of one kind of database; each is migrated once and then copied."""

    def __init__(self, folder: Path, server: PostgreSQL | None) -> None:
        self._folder = folder
        self._server = server
        self._templates: dict[Store, str] = {}  # names of databases, as in `_given`
        self._given: list[tuple[str, Store | None]] = []
        self._emptied: dict[Store, list[str]] = {store: [] for store in Store}
        self._known: dict[Store, str] = {}

    def empty(self) -> str:
        """The URL of a database without a table."""
        name = self._create()
        self._given.append((name, None))
        return self._url(name)

    def migrated(self, store: Store) -> str:
        """The URL of an empty store with every table of this version."""
        if store not in self._templates:
            template = self._create()
            migrate.upgrade(self._url(template), store)
            self._templates[store] = template
        emptied = self._emptied[store]
        name = emptied.pop() if emptied else self._create(copy_of=self._templates[store])
        self._given.append((name, store))
        return self._url(name)

    def clear(self) -> None:
        """Remove or empty the stores given since the last time, whoever still holds a connection."""
        while self._given:
            name, store = self._given.pop()
            if self._server and store and self._server.tables(name) == self._tables(store):
                self._server.empty(name)
                self._emptied[store].append(name)
            elif self._server:
                self._server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            else:
                for path in self._folder.glob(f"{name}.db*"):  # the write-ahead log stands beside it
                    path.unlink()

    def _tables(self, store: Store) -> str:
        assert self._server
        if store not in self._known:
            self._known[store] = self._server.tables(self._templates[store])
        return self._known[store]

    def _create(self, copy_of: str = "") -> str:
        name = f"previsit_{next(_numbers)}"
        if self._server:
            self._server.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {copy_of}" if copy_of else ""))
        elif copy_of:
            shutil.copyfile(self._folder / f"{copy_of}.db", self._folder / f"{name}.db")
        return name

    def _url(self, name: str) -> str:
        return self._server.url(name) if self._server else f"sqlite:///{self._folder / name}.db"


@pytest.fixture(scope="session")
def sqlite_stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    """Fresh SQLite stores, copied from a template."""
    return Stores(tmp_path_factory.mktemp("sqlite"), None)


@pytest.fixture(scope="session")
def postgresql_stores(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> Stores:
    """Fresh PostgreSQL stores, copied from a template."""
    return Stores(tmp_path_factory.mktemp("postgresql"), postgresql)


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Fresh stores: the test runs once on each kind of database."""
    stores: Stores = request.getfixturevalue(f"{request.param}_stores")
    yield stores
    stores.clear()


@pytest.fixture
def database_url(stores: Stores) -> str:
    """An empty clinical store with every table; the test runs on SQLite and on PostgreSQL."""
    return stores.migrated(Store.CLINICAL)


@pytest.fixture
def contact_database_url(stores: Stores) -> str:
    """An empty contact store with every table, on the same kind of database as `database_url`."""
    return stores.migrated(Store.CONTACT)


@pytest.fixture
def empty_database_url(stores: Stores) -> str:
    """A database without a table, for tests of the migrations themselves."""
    return stores.empty()


@pytest.fixture
def sqlite_url(sqlite_stores: Stores) -> Iterator[str]:
    """An empty clinical store on SQLite only, for tests that are about something else."""
    yield sqlite_stores.migrated(Store.CLINICAL)
    sqlite_stores.clear()
