"""A simulation's chance: every id and every random number comes from its seed, so that the same call gives the same."""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any


@contextmanager
def drawn_from(seed: int) -> Iterator[None]:
    """Draw new ids, and what `random` gives, from the seed while the block lasts: in a simulation nothing is secret."""
    source, before, module = random.Random(seed), random.getstate(), _module()  # noqa: S311 - nothing is secret here
    system = module.os
    random.seed(seed)
    module.os = SimpleNamespace(urandom=source.randbytes)  # what uuid4 asks for its bytes, and uuid4 alone
    try:
        yield
    finally:
        module.os = system
        random.setstate(before)


def of(seed: int, *whose: object) -> random.Random:
    """Give somebody's own chance, which depends on nobody else's doings."""
    return random.Random("/".join(map(str, (seed, *whose))))  # noqa: S311 - nothing is secret here


def _module() -> Any:
    return uuid  # its `os` is no part of what it promises, so the types know nothing of it
