"""Which words an instrument is shown in: licensed packs for a live study, the project's own for a demonstration."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from portal.db import wording as rows
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
        or_(
            WordingPack.demonstration,
            exists().where(
                rows.Licence.wording == WordingPack.hash,
                rows.Licence.expires_on.is_(None) | (rows.Licence.expires_on >= bindparam("day")),
            ),
        ),
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
            _keep(session, shipped.demonstration(instrument, language), by=by, at=at)


def keep_licensed(session: Session, wording: Wording, licence: Licence, *, by: Actor, at: datetime) -> bool:
    """Keep a licensed wording and its licence, or a further licence of a wording that is kept already.

    The same again changes nothing.  Gives whether anything is new.  ValueError for a demonstration wording.
    """
    if wording.demonstration:
        raise ValueError("a demonstration wording cannot be licensed")
    _keep(session, wording, by=by, at=at)
    if session.scalar(select(rows.Licence.id).filter_by(wording=wording.hash, **vars(licence))):
        return False
    session.add(rows.Licence(wording=wording.hash, imported_at=at, **vars(licence)))
    session.flush()
    told = {name: value for name, value in vars(licence).items() if value}
    if licence.expires_on:
        told["expires_on"] = licence.expires_on.isoformat()
    told["wording"] = wording.hash
    audit.record(session, audit.Event(deed=Deed.LICENCE_KEPT, subject_kind="licence", new=told), by=by, at=at)
    return True


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


def _keep(session: Session, wording: Wording, *, by: Actor, at: datetime) -> None:
    if session.get(WordingPack, wording.hash):
        return
    about = {"hash": wording.hash, "instrument": wording.instrument, "language": wording.language}
    about |= {"version": wording.version}
    content = wording.to_mapping()
    session.add(WordingPack(**about, demonstration=wording.demonstration, content=content, imported_at=at))
    session.flush()
    audit.record(session, audit.Event(deed=Deed.WORDING_KEPT, subject_kind="wording", new=about), by=by, at=at)
