"""Many are enrolled at once: what was shown, all of it, once; or nobody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.db.participant import Participant, Visit
from portal.domain.audit import Deed
from portal.domain.enrolment_columns import Column
from portal.domain.enrolment_sheet import Cell, Fault, Flaw, Line, What
from portal.services import audit, bulk_enrolment
from portal.services.actor import SYSTEM
from portal.services.bulk_enrolment import BatchNotFoundError, DryRun, NumbersTakenError
from portal.services.contacts import Contacts
from portal.services.reach_choice import Reachable
from portal.services.studies import StudyAtSite
from tests import factories
from tests.factories import AT

HEAD: list[Cell] = ["number", "language", "inclusion", "email", "telephone"]
BATCH = UUID(int=28)


def look(session: Session, place: StudyAtSite, *rows: list[Cell], can_keep: bool = True) -> DryRun:
    return bulk_enrolment.look(session, place, [HEAD, *rows], can_keep=can_keep, at=AT)


def enrol(session: Session, contacts: Contacts, dry: DryRun, batch_id: UUID = BATCH) -> None:
    assert dry.faults == []
    bulk_enrolment.enrol_all(session, contacts, dry.place, dry.lines, batch_id=batch_id, by=SYSTEM, at=AT)


def everyone(session: Session) -> list[tuple[str, str, date]]:
    rows = session.execute(
        select(Participant.participant_number, Participant.language, Participant.included_on).order_by(
            Participant.participant_number
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def test_lines_without_a_number_get_the_next_ones_past_those_of_the_file(
    session: Session, place: StudyAtSite, contacts: Contacts
) -> None:
    factories.make_participant(session, place)
    dry = look(
        session,
        place,
        [None, "fr", "2027-03-01", "she@example.org"],
        ["01-002", "en", "2027-03-02", None, "+33 6 01 02 03 04"],
        [None, "fr", "2027-03-03"],
    )
    assert [line.participant_number for line in dry.lines] == ["01-003", "01-002", "01-004"]
    assert len(everyone(session)) == 1
    enrol(session, contacts, dry)
    assert everyone(session)[1:] == [
        ("01-002", "en", date(2027, 3, 2)),
        ("01-003", "fr", date(2027, 3, 1)),
        ("01-004", "fr", date(2027, 3, 3)),
    ]
    batch = bulk_enrolment.get_batch(session, [place.site_id], BATCH)
    assert [each.participant_number for each in batch.participants] == ["01-002", "01-003", "01-004"]
    known = [contacts.find(each.id) for each in batch.participants]
    assert known == [Reachable(None, "+33 6 01 02 03 04"), Reachable("she@example.org"), Reachable()]
    visits = select(func.count()).where(Visit.participant_id.in_([each.id for each in batch.participants]))
    assert session.scalar(visits) == 3 * len(place.definition.visits)
    assert audit.first_broken(session) is None


def test_the_trail_holds_the_numbers_and_no_address(session: Session, place: StudyAtSite, contacts: Contacts) -> None:
    enrol(session, contacts, look(session, place, [None, "fr", "2027-03-01", "she@example.org", "0601020304"]))
    events = session.scalars(select(AuditEvent)).all()
    assert [event.new for event in events if event.deed == Deed.PARTICIPANTS_ENROLLED] == [
        {"site_id": str(place.site_id), "participant_numbers": ["01-001"]}
    ]
    assert not any("example.org" in repr(vars(event)) or "0601020304" in repr(vars(event)) for event in events)


def test_the_same_batch_again_changes_nothing(session: Session, place: StudyAtSite, contacts: Contacts) -> None:
    dry = look(session, place, [None, "fr", "2027-03-01"], [None, "fr", "2027-03-01"])
    enrol(session, contacts, dry)
    enrol(session, contacts, dry)
    assert len(everyone(session)) == 2


def test_two_presses_at_once_enrol_once(database_url: str, contact_database_url: str) -> None:
    engine, kept = for_writing(open_engine(database_url)), for_writing(open_engine(contact_database_url))
    with Session(engine, expire_on_commit=False) as session:
        place = factories.load_study(session)[0]
        dry = look(session, place, [None, "fr", "2027-03-01"], [None, "fr", "2027-03-01"])
        session.commit()

    def press(_number: int) -> None:
        with Session(engine) as session, Session(kept) as contact_session:
            enrol(session, Contacts(contact_session, ""), dry)
            contact_session.commit()
            session.commit()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(press, range(3)))
    with Session(engine) as session:
        assert [number for number, *_ in everyone(session)] == ["01-001", "01-002"]
    engine.dispose()
    kept.dispose()


def test_a_number_given_meanwhile_refuses_all_and_names_its_line(
    session: Session, place: StudyAtSite, contacts: Contacts
) -> None:
    dry = look(session, place, ["01-009", "fr", "2027-03-01"], [None, "fr", "2027-03-01"])
    factories.make_participant(session, place)
    with pytest.raises(NumbersTakenError) as refusal:
        enrol(session, contacts, dry)
    assert [(line.row, line.participant_number) for line in refusal.value.lines] == [(3, "01-001")]
    assert [number for number, *_ in everyone(session)] == ["01-001"]


def test_a_batch_of_another_site_or_of_nobody_is_not_there(
    session: Session, place: StudyAtSite, contacts: Contacts
) -> None:
    enrol(session, contacts, look(session, place, [None, "fr", "2027-03-01"]))
    for site_ids, batch_id in (([uuid4()], BATCH), ([place.site_id], uuid4())):
        with pytest.raises(BatchNotFoundError):
            bulk_enrolment.get_batch(session, site_ids, batch_id)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["01-001", "fr", "2027-03-01"], Fault(What.TAKEN, 2, Column.NUMBER)),
        (["02-001", "fr", "2027-03-01"], Fault(What.FORM, 2, Column.NUMBER)),
        ([7.0, "fr", "2027-03-01"], Fault(What.FORM, 2, Column.NUMBER)),
        ([None, "fr", "2028-03-01"], Fault(What.FAR, 2, Column.DAY)),
        ([None, "fr", "2027-03-01", "she@"], Fault(What.FORM, 2, Column.EMAIL)),
        ([None, "fr", "2027-03-01", None, "+33 ring me"], Fault(What.FORM, 2, Column.TELEPHONE)),
    ],
)
def test_the_study_and_the_site_have_their_say(
    session: Session, place: StudyAtSite, row: list[Cell], fault: Fault
) -> None:
    factories.make_participant(session, place)
    assert look(session, place, row).faults == [fault]


def test_where_no_contact_can_be_kept_a_line_with_one_is_a_fault(session: Session, place: StudyAtSite) -> None:
    row: list[Cell] = [None, "fr", "2027-03-01", "she@example.org"]
    assert look(session, place, row, can_keep=False).faults == [Fault(What.NO_KEY, 2, Column.EMAIL)]
    assert look(session, place, row[:3], can_keep=False).faults == []


numbers: st.SearchStrategy[Cell] = st.sampled_from([None, None, "01-003", "01-004", "1", Flaw.FORMULA])
languages: st.SearchStrategy[Cell] = st.sampled_from(["fr", "English", "français", None, "de"])
days: st.SearchStrategy[Cell] = st.one_of(
    st.dates(AT.date() - timedelta(days=300), AT.date() + timedelta(days=300)),
    st.dates(AT.date(), AT.date() + timedelta(days=300)).map(lambda day: f"{day:%d/%m/%Y}"),
    st.sampled_from(["2027-02-30", None]),
)
emails: st.SearchStrategy[Cell] = st.sampled_from([None, None, "a@example.org", "b@example.org", "nobody"])
tables = st.lists(st.tuples(numbers, languages, days, emails).map(list), min_size=1, max_size=6)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=tables)
def test_a_dry_run_without_faults_enrols_exactly_its_lines_and_one_with_faults_nobody(
    session: Session, place: StudyAtSite, contacts: Contacts, rows: list[list[Cell]]
) -> None:
    before = everyone(session)
    dry = look(session, place, *rows)
    assert everyone(session) == before, "looking wrote something"
    filled = [row for row in rows if any(row)]
    assert [line.row for line in dry.lines] == [number for number, row in enumerate(rows, 2) if any(row)]
    assert bool(dry.faults) == any(_is_faulty(row) for row in filled) | _repeats(filled) | (not filled) | any(
        fault.what is What.AMBIGUOUS for fault in dry.faults
    )
    if dry.faults:
        return
    with session.begin_nested() as savepoint:
        enrol(session, contacts, dry, uuid4())
        told = sorted((line.participant_number, line.language, line.included_on) for line in dry.lines)
        assert everyone(session) == told
        savepoint.rollback()


def _is_faulty(row: list[Cell]) -> bool:
    number, language, day, email = row
    return number in {"1", Flaw.FORMULA} or language in {None, "de"} or day in {"2027-02-30", None} or email == "nobody"


def _repeats(rows: list[list[Cell]]) -> bool:
    for place in (0, 3):
        given = [row[place] for row in rows if row[place] and not isinstance(row[place], Flaw)]
        if len(set(given)) < len(given):
            return True
    return False


def test_a_line_shows_no_address() -> None:
    assert "she@example.org" not in repr(Line(2, email="she@example.org", telephone="0601020304"))
