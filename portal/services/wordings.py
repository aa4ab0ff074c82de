"""Which words an instrument is shown in: licensed packs for a live study, the project's own for a demonstration."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.db.wording import WordingPack
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.instruments import wordings as shipped
from portal.domain.instruments.wording import Wording
from portal.domain.states import Mode
from portal.domain.study import Study
from portal.services import audit
from portal.services.actor import Actor

_read: dict[str, Wording] = {}
"""Wordings by hash, read once a process: a row under a hash can never change."""


class LicenceMissingError(Exception):
    """A live study lacks a licensed wording; `missing` lists (instrument, language)."""

    def __init__(self, missing: tuple[tuple[str, str], ...]) -> None:
        named = ", ".join(f"{instrument} in {language}" for instrument, language in missing)
        super().__init__(f"no licensed wording in force for {named}: import one with `portal study wording FILE`")
        self.missing = missing


@dataclass(frozen=True)
class Licence:
    """Under what right an instrument's words are used; `expires_on` None = without end."""

    holder: str
    scope: str
    certificate: str
    expires_on: date | None


def get(session: Session, wording_hash: str) -> Wording:
    """Give the wording kept under this hash; KeyError when there is none."""
    if wording_hash not in _read:
        pack = session.get(WordingPack, wording_hash)
        if pack is None:
            raise KeyError(wording_hash)
        _read[wording_hash] = Wording.from_mapping(instruments.get(pack.instrument), pack.content)
    return _read[wording_hash]


# Built once: every page with a questionnaire on it asks this.
_IN_FORCE = (
    select(WordingPack.hash)
    .where(
        WordingPack.instrument == bindparam("instrument"),
        WordingPack.language == bindparam("language"),
        WordingPack.demonstration == bindparam("demonstration"),
        WordingPack.expires_on.is_(None) | (WordingPack.expires_on >= bindparam("day")),
    )
    .order_by(WordingPack.imported_at.desc())
    .limit(1)
)


def find_current(session: Session, mode: Mode, instrument: str, language: str, *, on: date) -> Wording | None:
    """Give the newest wording that a study of this mode may show on this day; None when there is none."""
    wanted = {"instrument": instrument, "language": language, "demonstration": mode is Mode.DEMONSTRATION, "day": on}
    pack = session.execute(_IN_FORCE, wanted).first()
    return get(session, pack.hash) if pack else None


def keep_demonstration(session: Session, study: Study, *, by: Actor, at: datetime) -> None:
    """Keep the shipped wordings of the study's instruments, so that every answer can name the words it was given to."""
    for instrument in study.instruments:
        for language in study.languages:
            _keep(session, shipped.demonstration(instrument, language), None, by=by, at=at)


def keep_licensed(session: Session, wording: Wording, licence: Licence, *, by: Actor, at: datetime) -> bool:
    """Keep a licensed wording; again changes nothing.  Gives whether it is new.  ValueError for a demonstration one."""
    if wording.demonstration:
        raise ValueError("a demonstration wording cannot be licensed")
    return _keep(session, wording, licence, by=by, at=at)


def check_licences(session: Session, study: Study, *, on: date) -> None:
    """Refuse a live study that lacks a licensed wording in force.  Raises LicenceMissingError."""
    if study.mode is not Mode.LIVE:
        return
    missing = tuple(
        (instrument, language)
        for instrument in study.instruments
        for language in study.languages
        if find_current(session, study.mode, instrument, language, on=on) is None
    )
    if missing:
        raise LicenceMissingError(missing)


def _keep(session: Session, wording: Wording, licence: Licence | None, *, by: Actor, at: datetime) -> bool:
    if session.get(WordingPack, wording.hash):
        return False
    session.add(
        WordingPack(
            hash=wording.hash,
            instrument=wording.instrument,
            language=wording.language,
            version=wording.version,
            demonstration=wording.demonstration,
            content=wording.to_mapping(),
            holder=licence and licence.holder,
            scope=licence and licence.scope,
            certificate=licence and licence.certificate,
            expires_on=licence and licence.expires_on,
            imported_at=at,
        )
    )
    session.flush()
    told = {"hash": wording.hash, "instrument": wording.instrument, "language": wording.language}
    if licence:
        told |= {"holder": licence.holder, "scope": licence.scope, "certificate": licence.certificate}
        told |= {"expires_on": licence.expires_on.isoformat()} if licence.expires_on else {}
    audit.record(session, audit.Event(deed=Deed.WORDING_KEPT, subject_kind="wording", new=told), by=by, at=at)
    return True
