"""A copy is written as it is read: ten times the data takes no more memory."""

import tracemalloc
from datetime import UTC, datetime
from tempfile import TemporaryFile
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.adapters import site_archives
from portal.db.participant import Participant
from portal.db.summary import Summary, SummaryDocument
from portal.domain.audit import Deed
from portal.services import actor, audit
from portal.services.studies import StudyAtSite
from tests import factories

AT = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
PDF = bytes(range(256)) * 400  # 100 KB
SLACK = 2_000_000  # bytes; what the first copies leave in caches, and nothing like the 18 MB of the larger one's PDFs


def test_ten_times_the_documents_and_the_trail_take_no_more_memory(sqlite_session: Session) -> None:
    place = factories.load_study(sqlite_session)[0]
    participant = factories.make_participant(sqlite_session, place)
    factories.complete_visit(sqlite_session, participant)
    grow(sqlite_session, participant, editions=20)
    peak(sqlite_session, place)  # warms every cache
    small, size = peak(sqlite_session, place)
    grow(sqlite_session, participant, editions=200)
    large, larger = peak(sqlite_session, place)
    assert larger > 9 * size
    assert large < small + SLACK


def grow(session: Session, participant: Participant, *, editions: int) -> None:
    """Give her visit this many editions with a PDF each, and the trail fifty events for each of them."""
    first = session.scalars(select(Summary).order_by(Summary.number)).first()
    assert first is not None
    known = set(session.scalars(select(Summary.number)))
    like = {"visit_id": first.visit_id, "content": first.content, "content_hash": first.content_hash, "made_at": AT}
    made = [like | {"id": uuid4(), "number": number} for number in range(1, editions + 1) if number not in known]
    kept = {"language": "fr", "pdf": PDF, "sha256": "0" * 64, "made_at": AT}
    session.execute(insert(Summary), made)
    session.execute(insert(SummaryDocument), [kept | {"id": uuid4(), "summary_id": each["id"]} for each in made])
    told = audit.Event(deed=Deed.SUMMARY_MADE, subject_kind="summary", participant_id=participant.id, new={"n": 1})
    audit.record(session, *[told] * 50 * len(made), by=actor.SYSTEM, at=AT)
    session.commit()
    session.expunge_all()


def peak(session: Session, place: StudyAtSite) -> tuple[int, int]:
    """Give how many bytes a copy takes at most while it is written, and how large it is."""
    tracemalloc.start()
    try:
        with TemporaryFile() as out:
            written = site_archives.write(out, session, place, language="fr", at=AT)
        return tracemalloc.get_traced_memory()[1], written.bytes
    finally:
        tracemalloc.stop()
        session.rollback()
