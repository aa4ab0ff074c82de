"""The data inside a summary's PDF: every score follows from it again, also after a correction and for paper."""

from sqlalchemy.orm import Session

from portal.db.correction import RequestedBy
from portal.db.response import Response
from portal.domain import summary_data, summary_json
from portal.domain.roles import Role
from portal.domain.summary import Content
from portal.services import actor, corrections, summaries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import make_staff


def current(session: Session, visit_id: object) -> Content:
    summary = summaries.find_current(session, visit_id)  # type: ignore[arg-type] # a visit's id
    assert summary is not None
    data = summary_data.read(summary_data.write(summary_json.from_json(summary.content)))
    assert data.is_whole
    assert (data.stated, data.digest) == (summary.content_hash, summary.content_hash[:12])
    return data.content


def test_the_data_bear_the_hash_of_the_content_and_give_every_score_again(session: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(session, place)
    for level, visit in enumerate(("INC", "M1", "M3")):
        factories.complete_visit(session, participant, visit, level=level + 1)
        derived = summary_data.derive(current(session, factories.get_visit(session, participant, visit).id))
        assert len(derived) > 20
        assert all(each.agrees for each in derived)


def test_after_a_correction_the_answers_are_those_that_count(session: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(session, place)
    factories.complete_visit(session, participant, level=1, at=NOW)
    nurse = make_staff(session, (place.site_id, Role.NURSE))
    assignment = factories.get_assignment(session, participant, "DLQI")
    response = session.query(Response).filter_by(assignment_id=assignment.id).one()
    corrections.correct(
        session,
        response,
        {"DLQI101": 3},
        requested_by=RequestedBy.PATIENT,
        reason="She had misread it.",
        by=actor.staff(nurse.id),
        at=NOW,
    )
    content = current(session, factories.get_visit(session, participant).id)
    dlqi = content.instruments[0]
    assert summary_data.answers_of(dlqi)["DLQI101"] == 3
    assert dlqi.main.value == 12  # ten questions at 1, and one of them two more
    assert all(each.agrees for each in summary_data.derive(content))
