"""A study file as a command reads it: checked in full, every fault named, the last of them the reason to stop."""

from pathlib import Path

import click

from portal.adapters.public_holidays import knows_calendar
from portal.cli.settings import Refused
from portal.domain.study import Study
from portal.domain.study_file import StudyFileError, from_toml

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""The years in which a calendar is shown or played."""


def read(file: Path) -> Study:
    """Read a study file.  Raises Refused, having said every other fault on standard error."""
    try:
        return from_toml(file.read_bytes(), knows_calendar=knows_calendar)
    except StudyFileError as error:
        for fault in error.faults[1:]:
            click.echo(f"portal: {file}: {fault}", err=True)
        raise Refused(f"{file}: {error.faults[0]}") from None
