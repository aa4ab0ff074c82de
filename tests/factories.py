"""One factory for each thing that tests need: a study, a participant at a stage, answers, a member of staff."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.paper import Attachment
from portal.db.participant import Assignment, Participant, Visit
from portal.db.staff import Staff
from portal.domain import instruments
from portal.domain.enrolment_sheet import Line
from portal.domain.instruments import wordings
from portal.domain.instruments.model import Instrument, ItemType
from portal.domain.study import Study
from portal.domain.study_file import from_toml
from portal.services import actor, bulk_enrolment, completing, enrolment, studies
from portal.services.answering import GivenAnswer
from portal.services.contacts import Contacts
from portal.services.studies import StudyAtSite

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
_seqs = count(1)


def demonstration_study() -> Study:
    """Give the study that comes with the portal."""
    return from_toml((files("portal.studies") / "demonstration.toml").read_bytes())


def load_study(session: Session) -> list[StudyAtSite]:
    """Load the demonstration study; gives its sites, 01 and 02."""
    studies.load(session, demonstration_study(), by=actor.SYSTEM, at=AT)
    return studies.list_sites(session)


def make_participant(
    session: Session,
    place: StudyAtSite,
    *,
    included_on: date = date(2027, 3, 5),
    language: str = "fr",
    at: datetime = AT,
) -> Participant:
    """Enrol a participant; with the default day, NOW (3 March 2027) lies in the window of her inclusion visit."""
    return enrolment.enrol(session, place, language=language, included_on=included_on, by=actor.SYSTEM, at=at)


def make_batch(session: Session, place: StudyAtSite) -> UUID:
    """Enrol two together, without a contact; gives the id of their enrolment."""
    lines = [Line(row, f"{place.site.code}-90{row}", "fr", date(2027, 3, 5)) for row in (2, 3)]
    batch_id = uuid4()
    bulk_enrolment.enrol_all(session, Contacts(session, ""), place, lines, batch_id=batch_id, by=actor.SYSTEM, at=AT)
    return batch_id


def get_visit(session: Session, participant: Participant, code: str = "INC") -> Visit:
    """Give one of her visits."""
    return session.scalars(select(Visit).where(Visit.participant_id == participant.id, Visit.code == code)).one()


def get_assignment(session: Session, participant: Participant, instrument: str, visit: str = "INC") -> Assignment:
    """Give what she is asked at a visit."""
    visit_id = get_visit(session, participant, visit).id
    return session.scalars(
        select(Assignment).where(Assignment.visit_id == visit_id, Assignment.instrument == instrument)
    ).one()


def full_answers(instrument: Instrument, level: int = 1) -> dict[str, Any]:
    """Give an answer to every item: `level` (0–3) where it may, no aid, no help, scales at 30 × level."""
    answers: dict[str, Any] = {}
    for item in instrument.items:
        if item.type is ItemType.CHOICE:
            answers[item.link_id] = min(
                level, max([o.code for o in item.options if isinstance(o.code, int)], default=0)
            )
        elif item.type is ItemType.TICK:
            answers[item.link_id] = False
        elif item.type is ItemType.VAS:
            answers[item.link_id] = 30 * level
    if "DLQI107A" in answers:
        answers["DLQI107"] = "N"
    return answers


def given(
    instrument: str,
    answers: Mapping[str, Any],
    *,
    device: str = "phone-1",
    language: str = "fr",
    at: datetime = AT,
    first_seq: int | None = None,
) -> list[GivenAnswer]:
    """Give answers as a phone sends them; the value None means skipped."""
    seqs = count(first_seq) if first_seq is not None else _seqs
    return [
        GivenAnswer(
            device=device,
            seq=next(seqs),
            link_id=link_id,
            value=value,
            empty="skipped" if value is None else None,
            at=at + timedelta(seconds=order),
            language=language,
            wording=wordings.demonstration(instrument, language).hash,
        )
        for order, (link_id, value) in enumerate(answers.items())
    ]


def complete_visit(
    session: Session, participant: Participant, visit: str = "INC", *, level: int = 1, at: datetime | None = None
) -> None:
    """Answer and send every questionnaire of a visit, two days before it at 18:00 UTC unless `at` says otherwise."""
    row = get_visit(session, participant, visit)
    when = at or datetime.combine(row.planned_on - timedelta(days=2), datetime.min.time(), UTC) + timedelta(hours=18)
    for code in ("DLQI", "SHAQ"):
        answers = full_answers(instruments.get(code), level)
        completing.complete(
            session,
            participant.id,
            get_assignment(session, participant, code, visit).id,
            given(code, answers, language=participant.language, at=when),
            by=actor.patient(participant.id),
            at=when,
        )


def make_attachment(session: Session, response_id: UUID) -> Attachment:
    """Attach a picture to a response, by whoever of the staff comes first."""
    by = session.scalars(select(Staff.id).limit(1)).one()
    content = b"\x89PNG\r\n\x1a\n"
    digest = hashlib.sha256(content).hexdigest()
    row = Attachment(
        response_id=response_id, mimetype="image/png", content=content, sha256=digest, attached_by=by, at=AT
    )
    session.add(row)
    session.flush()
    return row
