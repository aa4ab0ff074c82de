"""Studies: loaded from their file, and given back with their sites to whoever needs dates, hours or thresholds."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.study import Site, Study
from portal.domain import study as protocol
from portal.domain.audit import Deed
from portal.domain.schedule import local_day
from portal.domain.states import Mode
from portal.domain.study_file import from_mapping
from portal.domain.study_mapping import to_mapping
from portal.services import audit, wordings
from portal.services.actor import Actor

_read: dict[str, protocol.Study] = {}
"""Definitions by hash, parsed once a process."""


class Loading(StrEnum):
    """What loading a study file did."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class InUseError(Exception):
    """The new definition would drop what participants already have; the text names it."""


class NotForLiveError(Exception):
    """Settings that only a demonstration may have, and a live study; the text names both."""


@dataclass(frozen=True)
class StudyAtSite:
    """A study as one of its sites lives it: the definition, the site in it, and the site's row."""

    definition: protocol.Study
    site: protocol.Site
    site_id: UUID

    def today(self, at: datetime) -> date:
        """Give the site's local day at an instant."""
        return local_day(at, self.site.zone)


def load(session: Session, definition: protocol.Study, *, by: Actor, at: datetime) -> Loading:
    """Keep a study as its file says; the same file again changes nothing, and no answer is ever touched.

    Raises LicenceMissingError for a live study without licensed words, InUseError when a site or visit that
    participants have would vanish.
    """
    wordings.check_licences(session, definition, on=local_day(at, ZoneInfo(definition.time_zone)))
    mapping = to_mapping(definition)
    digest = hashlib.sha256(json.dumps(mapping, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    row = session.scalar(select(Study).where(Study.code == definition.code))
    if definition.mode is Mode.DEMONSTRATION:
        wordings.keep_demonstration(session, definition, by=by, at=at)
    if row is not None and row.definition_hash == digest:
        return Loading.UNCHANGED
    old = row.definition if row else None
    if row is None:
        row = Study(code=definition.code)
        session.add(row)
    else:
        _refuse_loss(session, row, definition)
    row.mode, row.definition, row.definition_hash, row.loaded_at = definition.mode, mapping, digest, at
    session.flush()
    _keep_sites(session, row, definition)
    audit.record(
        session,
        audit.Event(deed=Deed.STUDY_LOADED, subject_kind="study", subject_id=row.id, old=old, new=mapping),
        by=by,
        at=at,
    )
    return Loading.CHANGED if old else Loading.ADDED


def check_settings(session: Session, demonstration_only: Collection[str]) -> None:
    """Refuse settings that only a demonstration may have (their names) where a study is live.

    Raises NotForLiveError.
    """
    live = demonstration_only and session.scalar(select(Study.code).where(Study.mode == Mode.LIVE).limit(1))
    if live:
        raise NotForLiveError(f"study {live} is live: unset {' and '.join(demonstration_only)}, a demonstration's own")


def definition_of(session: Session, study_id: UUID, definition_hash: str) -> protocol.Study:
    """Give the parsed definition that a study row has under this hash."""
    if definition_hash not in _read:
        _read[definition_hash] = from_mapping(session.get_one(Study, study_id).definition)
    return _read[definition_hash]


def for_site(session: Session, site_id: UUID) -> StudyAtSite:
    """Give the study as the site with this id lives it; NoResultFound when there is no such site."""
    row = session.execute(
        select(Site.code, Study.id, Study.definition_hash).join(Study).where(Site.id == site_id)
    ).one()
    definition = definition_of(session, row.id, row.definition_hash)
    return StudyAtSite(definition, definition.get_site(row.code), site_id)


def list_sites(session: Session) -> list[StudyAtSite]:
    """Give every site of every study, by study and site code."""
    rows = session.execute(
        select(Site.id, Site.code, Study.id.label("study_id"), Study.definition_hash)
        .join(Study)
        .order_by(Study.code, Site.code)
    )
    found = []
    for row in rows.all():
        definition = definition_of(session, row.study_id, row.definition_hash)
        found.append(StudyAtSite(definition, definition.get_site(row.code), row.id))
    return found


def some_sites(session: Session, site_ids: Collection[UUID]) -> list[StudyAtSite]:
    """Give these sites, in the same order."""
    return [place for place in list_sites(session) if place.site_id in site_ids]


def _keep_sites(session: Session, row: Study, definition: protocol.Study) -> None:
    known = {site.code: site for site in session.scalars(select(Site).where(Site.study_id == row.id))}
    for site in definition.sites:
        if site.code in known:
            known[site.code].name = site.name
        else:
            session.add(Site(study_id=row.id, code=site.code, name=site.name))
    session.flush()


def _refuse_loss(session: Session, row: Study, definition: protocol.Study) -> None:
    sites = {site.code for site in definition.sites}
    visits = {visit.code for visit in definition.visits}
    used_sites = set(
        session.scalars(select(Site.code).join(Participant).where(Site.study_id == row.id).distinct()).all()
    )
    used_visits = set(
        session.scalars(select(Visit.code).join(Participant).join(Site).where(Site.study_id == row.id).distinct()).all()
    )
    if used_sites and row.mode is not definition.mode:
        raise InUseError(f"the study has participants: it stays in mode {row.mode}")
    gone = [f"site {code}" for code in sorted(used_sites - sites)]
    gone += [f"visit {code}" for code in sorted(used_visits - visits)]
    if gone:
        raise InUseError(f"participants have {', '.join(gone)}: the study file must keep them")
