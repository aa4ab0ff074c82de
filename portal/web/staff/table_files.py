"""A table as a file for a spreadsheet: written where nobody else can read it, recorded, and handed over."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from portal.adapters.spreadsheets import Cell, Column, write_csv, write_workbook
from portal.services import list_downloads
from portal.web.attachments import attach
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import recording

_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def send(
    title: str,
    *,
    kind: str,
    shown: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    site_ids: Collection[UUID],
    at: datetime,
    name: str | None = None,
) -> ResponseReturnValue:
    """Give the table as `?format=csv` or xlsx; it is gone once it was sent.

    `kind` is the table of the store that the rows are of, `shown` what of it was chosen: both stand in the trail.
    `name` stands in the file's name instead of `kind`.
    """
    form = "xlsx" if request.args.get("format") == "xlsx" else "csv"
    out = TemporaryFile()  # noqa: SIM115 - the answer closes it, once it was sent
    try:
        if form == "xlsx":
            count = write_workbook(out, title, columns, rows, language=current_language(), at=at)
        else:
            count = write_csv(out, columns, rows, language=current_language())
        out.seek(0)
        file = {"format": form, "rows": count, "sha256": hashlib.file_digest(out, "sha256").hexdigest()}
        with recording() as unit:
            list_downloads.exported(unit, kind, shown, file, site_ids, by=current_staff().actor, at=at)
    except BaseException:
        out.close()
        raise
    return attach(out, _TYPES[form], f"previsit_{name or kind}_{at:%Y-%m-%d}.{form}")
