"""Blank questionnaires as they were rendered: which are still to come, and each kept once, for every patient alike."""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portal.db.paper import BlankForm
from portal.db.study import Study
from portal.domain.audit import Deed
from portal.domain.instruments.wording import Wording
from portal.domain.paper import LAYOUT
from portal.domain.schedule import local_day
from portal.services import audit, studies, wordings
from portal.services.actor import Actor


def unrendered(session: Session, *, at: datetime) -> list[tuple[Wording, bool]]:
    """Give each wording that a study may show now and that is not rendered yet, with whether in large letters."""
    rows = session.execute(select(BlankForm.wording, BlankForm.large).where(BlankForm.layout == LAYOUT))
    kept = {(wording, large) for wording, large in rows}
    wanted: dict[tuple[str, bool], tuple[Wording, bool]] = {}
    for study in session.execute(select(Study.id, Study.definition_hash)).all():
        definition = studies.definition_of(session, study.id, study.definition_hash)
        today = local_day(at, ZoneInfo(definition.time_zone))
        for instrument in definition.instruments:
            for language in definition.languages:
                wording = wordings.find_current(session, definition.mode, instrument, language, on=today)
                if wording:
                    wanted |= {(wording.hash, large): (wording, large) for large in (False, True)}
    return [each for key, each in wanted.items() if key not in kept]


def find_size(session: Session, wording: Wording, *, large: bool) -> int | None:
    """Give how many bytes the rendered form has, or None when it is not rendered yet."""
    return session.scalar(select(func.length(BlankForm.pdf)).where(_same(wording, large)))


def read(session: Session, wording: Wording, *, large: bool) -> bytes:
    """Give the rendered form; NoResultFound when there is none."""
    return session.execute(select(BlankForm.pdf).where(_same(wording, large))).scalar_one()


def keep(session: Session, wording: Wording, pdf: bytes, *, large: bool, by: Actor, at: datetime) -> None:
    """Keep a rendered form; when there is one already, that one stays."""
    if find_size(session, wording, large=large) is not None:
        return
    sha256 = hashlib.sha256(pdf).hexdigest()
    form = BlankForm(wording=wording.hash, large=large, layout=LAYOUT, pdf=pdf, sha256=sha256, made_at=at)
    session.add(form)
    session.flush()
    told = {"wording": wording.hash, "large": large, "layout": LAYOUT, "sha256": sha256}
    event = audit.Event(deed=Deed.BLANK_FORM_RENDERED, subject_kind="blank_form", subject_id=form.id, new=told)
    audit.record(session, event, by=by, at=at)


def _same(wording: Wording, large: bool) -> ColumnElement[bool]:
    return and_(BlankForm.wording == wording.hash, BlankForm.large == large, BlankForm.layout == LAYOUT)
