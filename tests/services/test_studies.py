"""Loading a study: added once, unchanged the second time, refused when it would lose what participants have."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Visit
from portal.db.study import Study
from portal.db.wording import WordingPack
from portal.domain import study as protocol
from portal.domain.audit import Deed
from portal.domain.instruments import wordings as shipped
from portal.domain.states import Mode
from portal.services import actor, enrolment, studies, wordings
from portal.services.studies import Loading
from portal.services.wordings import Licence, LicenceMissingError
from tests import factories

AT = datetime(2027, 1, 4, 9, tzinfo=UTC)


def load(session: Session, definition: protocol.Study) -> Loading:
    return studies.load(session, definition, by=actor.SYSTEM, at=AT)


def test_loading_again_changes_nothing(session: Session) -> None:
    definition = factories.demonstration_study()
    assert load(session, definition) is Loading.ADDED
    events = session.scalar(select(func.count()).select_from(AuditEvent))
    assert load(session, definition) is Loading.UNCHANGED
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == events
    assert session.scalar(select(func.count()).select_from(WordingPack)) == 4  # two instruments in two languages


def test_a_changed_file_changes_the_study_and_tells_the_trail(session: Session) -> None:
    definition = factories.demonstration_study()
    load(session, definition)
    changed = replace(definition, titles={"fr": "Autre titre", "en": "Another title"})
    assert load(session, changed) is Loading.CHANGED
    (place, _) = studies.list_sites(session)
    assert place.definition.title("fr") == "Autre titre"
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.old is not None
    assert event.new is not None
    assert event.old["title"]["fr"] == definition.title("fr")
    assert event.new["title"]["fr"] == "Autre titre"


def test_a_visit_that_participants_have_cannot_vanish(session: Session) -> None:
    definition = factories.demonstration_study()
    factories.make_participant(session, factories.load_study(session)[0])
    with pytest.raises(studies.InUseError, match="visit M12"):
        load(session, replace(definition, visits=definition.visits[:-1]))


def test_a_live_study_needs_a_licence_for_each_instrument_and_language(session: Session) -> None:
    live = replace(factories.demonstration_study(), mode=Mode.LIVE)
    with pytest.raises(LicenceMissingError) as refused:
        load(session, live)
    assert set(refused.value.missing) == {("DLQI", "fr"), ("DLQI", "en"), ("SHAQ", "fr"), ("SHAQ", "en")}
    assert session.scalar(select(func.count()).select_from(Study)) == 0


def test_with_every_licence_in_force_a_live_study_opens_with_the_licensed_words(session: Session) -> None:
    live = replace(factories.demonstration_study(), mode=Mode.LIVE)
    licence = Licence("holder", "this study", "no. 1", date(2027, 12, 31))
    for code, language in (("DLQI", "fr"), ("DLQI", "en"), ("SHAQ", "fr"), ("SHAQ", "en")):
        licensed = replace(shipped.demonstration(code, language), demonstration=False, version="licensed-1")
        assert wordings.keep_licensed(session, licensed, licence, by=actor.SYSTEM, at=AT)
    assert load(session, live) is Loading.ADDED
    found = wordings.find_current(session, Mode.LIVE, "DLQI", "fr", on=date(2027, 12, 31))
    assert found is not None
    assert (found.version, found.demonstration) == ("licensed-1", False)
    assert wordings.find_current(session, Mode.LIVE, "DLQI", "fr", on=date(2028, 1, 1)) is None


def test_enrolment_plans_every_visit_with_its_questionnaires(session: Session) -> None:
    participant = factories.make_participant(
        session, factories.load_study(session)[0], included_on=date(2027, 1, 31), language="en"
    )
    assert participant.participant_number == "01-001"
    visits = session.scalars(select(Visit).order_by(Visit.planned_on)).all()
    assert [(visit.code, visit.planned_on) for visit in visits] == [
        ("INC", date(2027, 1, 31)),
        ("M1", date(2027, 2, 28)),  # there is no 31 February
        ("M3", date(2027, 4, 30)),
        ("M6", date(2027, 7, 31)),
        ("M9", date(2027, 10, 31)),
        ("M12", date(2028, 1, 31)),
    ]
    assert [assignment.instrument for assignment in visits[0].assignments] == ["DLQI", "SHAQ"]


def test_numbers_follow_each_other_at_each_site(session: Session) -> None:
    first, second = factories.load_study(session)
    numbers = [factories.make_participant(session, place).participant_number for place in (first, first, second)]
    assert numbers == ["01-001", "01-002", "02-001"]


@pytest.mark.parametrize(("number", "why"), [("02-001", "no number of site 01"), ("01-001", "taken already")])
def test_a_number_that_cannot_be_is_refused(session: Session, number: str, why: str) -> None:
    place = factories.load_study(session)[0]
    factories.make_participant(session, place)
    with pytest.raises(enrolment.NumberRefusedError, match=why):
        enrolment.enrol(
            session,
            place,
            language="fr",
            included_on=date(2027, 3, 5),
            participant_number=number,
            by=actor.SYSTEM,
            at=AT,
        )


def test_a_language_the_study_lacks_is_refused(session: Session) -> None:
    place = factories.load_study(session)[0]
    with pytest.raises(enrolment.LanguageRefusedError, match="fr, en"):
        enrolment.enrol(session, place, language="de", included_on=date(2027, 3, 5), by=actor.SYSTEM, at=AT)


def test_the_words_that_a_study_brings_are_in_the_trail_once(session: Session) -> None:
    load(session, factories.demonstration_study())
    load(session, factories.demonstration_study())
    kept = select(AuditEvent.new).where(AuditEvent.deed == Deed.WORDING_KEPT)
    told = [(new["instrument"], new["language"]) for new in session.scalars(kept) if new]
    assert sorted(told) == [("DLQI", "en"), ("DLQI", "fr"), ("SHAQ", "en"), ("SHAQ", "fr")]


def test_a_licence_is_in_the_trail_with_its_last_day(session: Session) -> None:
    licensed = replace(shipped.demonstration("DLQI", "fr"), demonstration=False)
    licence = Licence("CHU X", "SCLERO-2", "CU-123", date(2028, 12, 31))
    wordings.keep_licensed(session, licensed, licence, by=actor.SYSTEM, at=AT)
    new = session.scalars(select(AuditEvent.new).where(AuditEvent.deed == Deed.LICENCE_KEPT)).one()
    assert new is not None
    assert (new["certificate"], new["expires_on"]) == ("CU-123", "2028-12-31")


def test_a_live_study_stands_no_demonstrations_settings(session: Session) -> None:
    load(session, factories.demonstration_study())
    studies.check_settings(session, ["CLOCK_SHIFT"])
    session.add(Study(code="REAL", mode=Mode.LIVE, definition={}, definition_hash="h", loaded_at=AT))
    session.flush()
    studies.check_settings(session, [])
    with pytest.raises(studies.NotForLiveError, match="study REAL is live: unset CLOCK_SHIFT and DEMONSTRATION"):
        studies.check_settings(session, ["CLOCK_SHIFT", "DEMONSTRATION"])


def test_a_withdrawal_is_in_the_trail_with_its_day_and_reason(session: Session) -> None:
    participant = factories.make_participant(session, factories.load_study(session)[0])
    enrolment.withdraw(session, participant, on=date(2027, 3, 1), reason="asked to", by=actor.SYSTEM, at=AT)
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.PARTICIPANT_WITHDRAWN)).one()
    assert event.new == {"status": "withdrawn", "withdrawn_on": "2027-03-01", "extent": "study"}
    assert event.reason == "asked to"


def test_a_licence_can_be_renewed_for_the_same_words(session: Session) -> None:
    licensed = replace(shipped.demonstration("DLQI", "fr"), demonstration=False)
    for last_day in (date(2027, 12, 31), date(2028, 12, 31)):
        licence = Licence("CHU X", "SCLERO-2", "CU-123", last_day)
        assert wordings.keep_licensed(session, licensed, licence, by=actor.SYSTEM, at=AT)
        assert not wordings.keep_licensed(session, licensed, licence, by=actor.SYSTEM, at=AT)
    assert wordings.find_current(session, Mode.LIVE, "DLQI", "fr", on=date(2028, 6, 1)) == licensed
    assert wordings.find_current(session, Mode.LIVE, "DLQI", "fr", on=date(2029, 1, 1)) is None


def test_a_study_with_participants_stays_in_its_mode(session: Session) -> None:
    factories.make_participant(session, factories.load_study(session)[0])
    for code, language in (("DLQI", "fr"), ("DLQI", "en"), ("SHAQ", "fr"), ("SHAQ", "en")):
        licensed = replace(shipped.demonstration(code, language), demonstration=False)
        licence = Licence("holder", "this study", "no. 1", None)
        wordings.keep_licensed(session, licensed, licence, by=actor.SYSTEM, at=AT)
    with pytest.raises(studies.InUseError, match="stays in mode demonstration"):
        load(session, replace(factories.demonstration_study(), mode=Mode.LIVE))
