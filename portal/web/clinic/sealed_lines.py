"""Checked lines on their way through the nurse's browser: sealed, so that what is enrolled is exactly what was shown.

They hold addresses. So they are encrypted, stand in no file and no log, and are worth nothing after an hour.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import current_app

from portal.adapters.sealing import seal, unseal
from portal.config import Settings
from portal.domain.enrolment_sheet import Line

_PURPOSE = "lines to be enrolled"
_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class SealedLines:
    """What one person was shown for one site; `batch_id` is that of the enrolment, whenever it is asked for."""

    batch_id: UUID
    site_id: UUID
    staff_id: UUID
    lines: Sequence[Line]

    def seal(self, at: datetime) -> str:
        """Write it as one field of a form."""
        ids = [str(each) for each in (self.batch_id, self.site_id, self.staff_id)]
        lines = [vars(line) | {"included_on": line.included_on and line.included_on.isoformat()} for line in self.lines]
        return seal(json.dumps([ids, lines]).encode(), secret=_secret(), purpose=_PURPOSE, at=at)

    @classmethod
    def unseal(cls, text: str, at: datetime) -> "SealedLines":
        """Read it again.  Raises SealBrokenError."""
        ids, lines = json.loads(unseal(text, secret=_secret(), purpose=_PURPOSE, within=_FOR, at=at))
        read = [Line(**line | {"included_on": date.fromisoformat(line["included_on"])}) for line in lines]
        batch_id, site_id, staff_id = (UUID(each) for each in ids)
        return cls(batch_id, site_id, staff_id, read)


def _secret() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.secret_key
