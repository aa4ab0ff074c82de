"""What a web process loads: what pages need, and nothing of what other processes are for."""

import os
import subprocess
import sys

import pytest

from portal.config import Settings

_ELSEWHERE = {
    "weasyprint": "the printer's",
    "pikepdf": "the maker's of packs",
    "xlsxwriter": "the writer's of workbooks",
    "python_calamine": "the reader's of sheets",
    "alembic": "of `portal migrate`",
    "smtplib": "the worker's, who hands mails over",
    "icalendar": "loaded by who asks for a calendar",
    "sqlalchemy.dialects.postgresql": "another kind of database's",
}


@pytest.fixture
def loaded(settings: Settings) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, portal.serve; print(*sys.modules)"],
        env=os.environ | settings.to_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_a_web_process_loads_nothing_that_is_not_its_own(loaded: set[str]) -> None:
    assert "sqlalchemy.dialects.sqlite" in loaded
    assert {name: why for name, why in _ELSEWHERE.items() if name in loaded} == {}
