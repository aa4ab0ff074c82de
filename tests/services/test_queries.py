"""Queries: a thread among staff about a sent answer, one at a time on each thing, closed for a reason."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.engine import for_writing, open_engine
from portal.db.participant import Participant
from portal.db.query import Query
from portal.db.response import Response
from portal.db.staff import Staff
from portal.domain.audit import Deed
from portal.domain.instruments.model import UnknownItem
from portal.services import actor, audit, queries, query_lists, site_pages, studies
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.services.statements import statements_of
from tests.web.staff_people import make_staff


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    return factories.load_study(session)[0]


@pytest.fixture
def people(session: Session) -> list[Staff]:
    return [make_staff(session, email=f"{name}@example.org", name=name) for name in ("Ada", "Bea", "Cleo")]


@pytest.fixture
def sent(session: Session, place: StudyAtSite) -> Response:
    participant = factories.make_participant(session, place)
    factories.complete_visit(session, participant)
    return response_of(session, participant)


def response_of(session: Session, participant: Participant) -> Response:
    assignment = factories.get_assignment(session, participant, "DLQI")
    return session.scalars(select(Response).where(Response.assignment_id == assignment.id)).one()


def ask(session: Session, sent: Response, by: Staff, link_id: str | None = "DLQI101") -> Query:
    return queries.open_on(session, sent, "Is this so?", link_id=link_id, by=actor.staff(by.id), at=NOW)


def test_three_people_talk_and_one_closes_it(session: Session, sent: Response, people: list[Staff]) -> None:
    ada, bea, cleo = people
    query = ask(session, sent, ada)
    queries.answer(session, query, "She said so on the telephone.", by=actor.staff(bea.id), at=NOW)
    queries.close(session, query, "Confirmed.", by=actor.staff(cleo.id), at=NOW)
    told = queries.thread_of(session, query)
    assert [(note.name, note.text) for note in told.notes] == [
        ("Ada", "Is this so?"),
        ("Bea", "She said so on the telephone."),
    ]
    assert (told.closed_by, told.query.close_reason) == ("Cleo", "Confirmed.")
    events = session.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "query").order_by(AuditEvent.id)).all()
    assert [each.deed for each in events] == [Deed.QUERY_OPENED, Deed.QUERY_ANSWERED, Deed.QUERY_CLOSED]
    assert {each.field for each in events} == {"DLQI101"}
    assert audit.first_broken(session) is None


@pytest.mark.parametrize("link_id", ["DLQI101", None])
def test_a_second_one_on_the_same_thing_leads_to_the_first(
    session: Session, sent: Response, people: list[Staff], link_id: str | None
) -> None:
    first = ask(session, sent, people[0], link_id)
    with pytest.raises(queries.OpenAlreadyError) as refusal:
        ask(session, sent, people[1], link_id)
    assert refusal.value.query_id == first.id
    ask(session, sent, people[1], "DLQI102")
    queries.close(session, first, "done", by=actor.staff(people[0].id), at=NOW)
    ask(session, sent, people[1], link_id)


def test_what_is_closed_stays_closed(session: Session, sent: Response, people: list[Staff]) -> None:
    query, by = ask(session, sent, people[0]), actor.staff(people[1].id)
    queries.close(session, query, "done", by=by, at=NOW)
    with pytest.raises(queries.ClosedError):
        queries.answer(session, query, "But?", by=by, at=NOW)
    with pytest.raises(queries.ClosedError):
        queries.close(session, query, "again", by=by, at=NOW)


def test_words_are_wanted_and_an_item_that_is_one(session: Session, sent: Response, people: list[Staff]) -> None:
    by = actor.staff(people[0].id)
    with pytest.raises(queries.NothingSaidError):
        queries.open_on(session, sent, " ", by=by, at=NOW)
    with pytest.raises(UnknownItem):
        queries.open_on(session, sent, "Why?", link_id="DLQI999", by=by, at=NOW)
    query = ask(session, sent, people[0])
    for deed in (queries.answer, queries.close):
        with pytest.raises(queries.NothingSaidError):
            deed(session, query, "\n", by=by, at=NOW)


def test_a_query_is_its_sites_own(session: Session, place: StudyAtSite, sent: Response, people: list[Staff]) -> None:
    query = ask(session, sent, people[0])
    assert queries.get_for(session, [place.site_id], query.id) is query
    for sites in ([], [uuid4()]):
        with pytest.raises(queries.QueryNotFoundError):
            queries.get_for(session, sites, query.id)


def test_the_list_has_the_open_ones_and_the_closed_ones_apart(
    session: Session, place: StudyAtSite, sent: Response, people: list[Staff]
) -> None:
    first, second = ask(session, sent, people[0]), ask(session, sent, people[1], None)
    queries.answer(session, first, "Yes.", by=actor.staff(people[2].id), at=NOW)
    listed = query_lists.list_queries(session, [place.site_id], closed=False, page=7)
    assert (listed.open, listed.page, listed.pages) == (2, 1, 1)
    assert {(each.query.id, each.opened_by, each.last_by, each.last_text, each.notes) for each in listed.rows} == {
        (first.id, "Ada", "Cleo", "Yes.", 2),
        (second.id, "Bea", "Bea", "Is this so?", 1),
    }
    visit_id = sent.assignment.visit_id
    assert {each.link_id for each in queries.open_at_visit(session, visit_id)} == {"DLQI101", None}
    queries.close(session, first, "done", by=actor.staff(people[0].id), at=NOW)
    listed = query_lists.list_queries(session, [place.site_id], closed=True, page=1)
    assert [each.query.id for each in listed.rows] == [first.id]
    for sites in ([], [uuid4()]):
        assert query_lists.list_queries(session, sites, closed=False, page=1).rows == []


def test_the_list_asks_as_often_for_many_as_for_one(
    session: Session, place: StudyAtSite, sent: Response, people: list[Staff]
) -> None:
    counts, engine = [], session.get_bind()
    assert isinstance(engine, Engine)
    for item in (None, "DLQI101", "DLQI102", "DLQI103"):
        ask(session, sent, people[0], item)
        with statements_of(engine) as statements:
            query_lists.list_queries(session, [place.site_id], closed=False, page=1)
        counts.append(len(statements))
    assert len(set(counts)) == 1


@pytest.mark.parametrize("near", [0, 500])
def test_the_pages_of_all_sites_follow_each_other_in_one_order(
    session: Session, place: StudyAtSite, people: list[Staff], near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_pages, "_NEAR", near)
    places = [place, next(each for each in studies.list_sites(session) if each.site_id != place.site_id)]
    asked = []
    for number in range(7):
        participant = factories.make_participant(session, places[number % 2])
        factories.complete_visit(session, participant)
        response, by = response_of(session, participant), actor.staff(people[0].id)
        at = NOW + timedelta(hours=number // 2)  # two at a time, of two sites
        asked.append(queries.open_on(session, response, "Is this so?", by=by, at=at))
    sites = [each.site_id for each in places]

    def pages(size: int, *, closed: bool) -> list[UUID]:
        listed = [
            query_lists.list_queries(session, sites, closed=closed, page=page, size=size) for page in (1, 2, 3, 4)
        ]
        return [row.query.id for page in listed[: listed[0].pages] for row in page.rows]

    oldest_first = [each.id for each in sorted(asked, key=lambda each: (each.opened_at, each.id))]
    for size in (2, 3, 7):
        assert pages(size, closed=False) == oldest_first
    for number, query in enumerate(asked):
        queries.close(session, query, "done", by=actor.staff(people[0].id), at=NOW + timedelta(days=1 + number // 3))
    newest_first = sorted(asked, key=lambda each: (each.closed_at, each.opened_at, each.id), reverse=True)
    for size in (2, 3, 7):
        assert pages(size, closed=True) == [each.id for each in newest_first]
    alone = query_lists.list_queries(session, sites[1:], closed=True, page=1)
    assert [row.query.id for row in alone.rows] == [each.id for each in newest_first if each.site_id == sites[1]]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = for_writing(open_engine(database_url))
    yield engine
    engine.dispose()


def test_of_two_people_at_once_the_second_is_led_to_the_first(engine: Engine) -> None:
    with Session(engine, expire_on_commit=False) as session:
        participant = factories.make_participant(session, factories.load_study(session)[0])
        factories.complete_visit(session, participant)
        response_id, nurse = response_of(session, participant).id, make_staff(session)
        session.commit()
    led_to: list[UUID] = []

    def follow() -> None:
        with Session(engine) as session:
            try:
                ask(session, session.get_one(Response, response_id), nurse)
            except queries.OpenAlreadyError as refusal:
                led_to.append(refusal.query_id)
            session.commit()

    follower = threading.Thread(target=follow)
    with Session(engine) as session:
        first = ask(session, session.get_one(Response, response_id), nurse).id
        follower.start()
        follower.join(0.3)
        assert follower.is_alive(), "the second did not wait for the first"
        session.commit()
    follower.join()
    assert led_to == [first]
