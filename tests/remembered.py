"""What every test would work out anew, worked out once per process: the code of templates and addresses, the SQL of
statements; and passwords that are cheap to hash. None of it holds anything of a test's own.

Each test has an app and stores of its own, and a portal makes each of these things once, when it starts or is first
asked. Repeated for each of some thousand tests, that was two fifths of the time that they took.
"""

from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType
from typing import Any

import pytest
import sqlalchemy
from argon2 import PasswordHasher
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from werkzeug.routing import Rule

from portal.db import engine as engines
from portal.services import staff
from portal.web.errors import Portal

REAL_HASHER = staff._hasher
_STATEMENTS = 5000  # kept of each kind of database; more than all tests have


class TemplateCodes(BytecodeCache):
    """The code of each template, for as long as its source is the same."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is known of it."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        assert bucket.code
        self._codes[bucket.key, bucket.checksum] = bucket.code


class RememberedRule(Rule):
    """An address whose builder is compiled when the first app is made; the next ones have the same."""

    _builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}  # noqa: RUF012 - one for all, as is meant

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        assert self.map
        converters = tuple((name, type(each)) for name, each in sorted(self._converters.items()))
        defaults = repr(sorted((self.defaults or {}).items()))
        key = (self.rule, self.subdomain, self.host, defaults, converters, self.map.host_matching, append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


class StatementCodes:
    """Makes engines of which all of one kind of database know how to say each statement, once one was told."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Engine] = {}

    def create_engine(self, url: str, **options: Any) -> Engine:
        """Be SQLAlchemy's create_engine."""
        made = sqlalchemy.create_engine(url, query_cache_size=_STATEMENTS, **options)
        known = self._known.get(_kind(made))
        if known:
            made.dialect = known.dialect  # the statements are kept by it
            made.pool._dialect = known.dialect
            made._compiled_cache = known._compiled_cache
        else:
            event.listen(made, "connect", partial(self._connected, made))
        return made

    def _connected(self, made: Engine, *_connection: Any) -> None:
        self._known.setdefault(_kind(made), made)


@pytest.fixture(scope="session", autouse=True)
def _remembered() -> Iterator[None]:
    """Let everything be remembered that is made in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Portal, "jinja_options", {"bytecode_cache": TemplateCodes()})
        patch.setattr(Portal, "url_rule_class", RememberedRule)
        patch.setattr(engines, "create_engine", StatementCodes().create_engine)
        patch.setattr(staff, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


def _kind(engine: Engine) -> tuple[str, ...]:
    return engine.dialect.name, engine.dialect.driver
