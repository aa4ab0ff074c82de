"""The nurse enrols many from a file: she sees every line and fault first, and then all are enrolled, once."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.engine import open_engine
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services.contacts import Contacts
from portal.services.reach_choice import Reachable
from portal.services.studies import StudyAtSite
from tests import factories
from tests.web.staff_people import StaffBrowser, make_staff

MANY = "/clinic/enrol/many"
START = f"{MANY}/start"
GOOD = "number;language;inclusion;email\n01-007;fr;2027-03-12;she@example.org\n;en;31.03.2027;\n"


@pytest.fixture
def places(store: Session, at: object) -> list[StudyAtSite]:
    """Sites 01 and 02, the clock stopped at NOW."""
    return factories.load_study(store)


@pytest.fixture
def nurse(app: Flask, store: Session, places: list[StudyAtSite]) -> StaffBrowser:
    """A nurse of site 01, signed in, in English."""
    return nurse_of(app, store, places[0])


def nurse_of(app: Flask, store: Session, *places: StudyAtSite, email: str = "ada@example.org") -> StaffBrowser:
    person = make_staff(store, *((place.site_id, Role.NURSE) for place in places), email=email)
    store.commit()
    return StaffBrowser(app, person)


def choose(nurse: StaffBrowser, content: str | bytes, **fields: str) -> StaffBrowser:
    """Choose a file on the page that asks for one, and send it."""
    nurse.get(MANY)
    token = nurse.page.text.split('name="csrf_token" value="')[1].split('"')[0]
    data = content if isinstance(content, bytes) else content.encode()
    nurse.page = nurse.client.post(
        MANY, data={"csrf_token": token, "file": (io.BytesIO(data), "list.csv"), **fields}, follow_redirects=False
    )
    return nurse


def numbers(store: Session) -> list[str]:
    found = list(store.scalars(select(Participant.participant_number).order_by(Participant.participant_number)))
    store.rollback()
    return found


def test_every_line_is_shown_before_anybody_is_enrolled(nurse: StaffBrowser, store: Session) -> None:
    choose(nurse, GOOD)
    assert nurse.page.status_code == 200
    assert "2 patients can be enrolled" in nurse.text
    assert nurse.rows() == [
        "Line 2 01-007 French 12 March 2027 address",
        "Line 3 01-001 English 31 March 2027 none: paper and telephone",
    ]
    assert "she@example.org" not in nurse.page.text
    assert numbers(store) == []


def test_then_all_are_enrolled_and_a_second_press_enrols_nobody(
    nurse: StaffBrowser, store: Session, settings: Settings
) -> None:
    page = choose(nurse, GOOD).page
    for _twice in range(2):
        nurse.page = page
        nurse.press(START).follow()
        assert "2 patients are enrolled" in nurse.text
    assert numbers(store) == ["01-001", "01-007"]
    she = store.scalars(select(Participant).where(Participant.participant_number == "01-007")).one()
    engine = open_engine(settings.contact_database_url)
    with Session(engine) as opened:
        assert Contacts(opened, settings.contact_key).find(she.id) == Reachable("she@example.org")
    engine.dispose()
    assert f"/clinic/participants/{she.id}" in nurse.links()
    assert f"/clinic/participants/{she.id}/invitation" in nurse.links()


def test_their_sheets_are_printed_one_after_another_and_each_look_is_recorded(
    nurse: StaffBrowser, store: Session
) -> None:
    choose(nurse, GOOD).press(START)
    nurse.get(f"{nurse.page.location}/invitations")
    assert "2 invitation sheets" in nurse.text
    assert nurse.page.text.count('<section class="sheet"') == 2
    assert '<section class="sheet" lang="fr"' in nurse.page.text
    looked = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.INVITATION_OPENED)).all()
    assert len({event.participant_id for event in looked}) == 2


def test_every_fault_stands_at_its_line_and_column_and_nobody_is_enrolled(
    nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    factories.make_participant(store, places[0])
    store.commit()
    choose(
        nurse,
        "number;language;inclusion;email;telephone\n"
        "01-001;fr;2027-03-12;;\n"
        "\n"
        "01-002;de;03/04/2027;=A1;33601020304\n"
        "01-002;fr;2027-02-30;she@;\n",
    )
    assert nurse.page.status_code == 422
    assert "8 faults in the file" in nurse.text
    for words in (
        "Line 2, Patient’s number: Another patient has this number.",
        "Line 4, Language: This is no language of the study.",
        "Line 4, Day of inclusion: This could be two days",
        "Line 4, E-mail address: The cell is calculated.",
        "Line 4, Telephone: The number must be text that begins with + or 0",
        "Line 5, Patient’s number: Line 4 has the same number.",
        "Line 5, Day of inclusion: This day does not exist.",
        "Line 5, E-mail address: This is no e-mail address.",
    ):
        assert words in nurse.text
    assert nurse.rows()[2].startswith("Line 5 01-002 French – address Patient’s number: Line 4 has the same number.")
    assert 'name="sealed"' not in nurse.page.text
    assert numbers(store) == ["01-001"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "There is nothing in this file."),
        (b"\xd0\xcf\x11\xe0 old", "old format (.xls)"),
        (b"PK\x03\x04 broken", "cannot be read as a table"),
        ("language;inclusion\n", "Below the headings, the file has no line."),
        ("language;Name\nfr;Ada\n", "No column is known by the heading “Name”."),
        ("language;email\nfr;a@example.org\n", "Day of inclusion: This column is missing."),
        ("language;langue;inclusion\nfr;fr;2027-03-12\n", "Language: This column is there twice."),
        ("language;inclusion\n" + "fr;2027-03-12\n" * 301, "The file has 301 lines; at most 300"),
        ("language;inclusion\n" + "de;2027-03-12\n" * 25, "and 5 more, each beside its line below"),
    ],
)
def test_what_is_wrong_with_the_file_itself_is_said(nurse: StaffBrowser, content: str | bytes, words: str) -> None:
    assert words in choose(nurse, content).text
    assert nurse.page.status_code == 422


def test_a_file_over_the_limit_is_refused_with_words(nurse: StaffBrowser) -> None:
    kind = "multipart/form-data; boundary=part"
    nurse.page = nurse.client.post(MANY, data=b"x" * 1_100_000, content_type=kind, headers={"Accept-Language": "en"})
    assert (nurse.page.status_code, "That was too much at once" in nurse.text) == (413, True)


def test_without_a_file_she_is_asked_for_one(nurse: StaffBrowser) -> None:
    nurse.get(MANY).press(MANY)
    assert (nurse.page.status_code, "Choose a file first." in nurse.text) == (422, True)


def test_a_number_given_meanwhile_refuses_all_with_its_line(
    nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    choose(nurse, GOOD)
    factories.make_participant(store, places[0])
    store.commit()
    nurse.press(START)
    assert nurse.page.status_code == 422
    assert "Nobody was enrolled: choose the file again." in nurse.text
    assert "Line 3: 01-001" in nurse.text
    assert numbers(store) == ["01-001"]


def test_what_the_page_carries_cannot_be_changed_or_used_by_another(
    app: Flask, nurse: StaffBrowser, store: Session, places: list[StudyAtSite]
) -> None:
    page = choose(nurse, GOOD).page
    sealed = re.findall(r'name="sealed" value="([^"]+)"', page.text)[0]
    nurse.press(START, sealed=sealed[:40] + "x" + sealed[41:])
    assert (nurse.page.status_code, "choose the file again" in nurse.text) == (422, True)
    other = nurse_of(app, store, places[1], email="other@example.org")
    choose(other, "language;inclusion\nfr;2027-03-12\n").press(START, sealed=sealed)
    assert other.page.status_code == 404
    assert numbers(store) == []


def test_who_works_at_two_sites_chooses_one(app: Flask, store: Session, places: list[StudyAtSite]) -> None:
    nurse = nurse_of(app, store, *places)
    content = "language;inclusion\nfr;2027-03-12\n"
    assert "Choose the site." in choose(nurse, content).text
    assert nurse.page.status_code == 422
    choose(nurse, content, site=str(places[1].site_id)).press(START).follow()
    assert numbers(store) == ["02-001"]
    stranger = nurse_of(app, store, places[0], email="stranger@example.org")
    assert stranger.get(nurse.page.request.path).page.status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_example_is_a_file_that_the_portal_takes(
    nurse: StaffBrowser, store: Session, language: str, form: str
) -> None:
    with nurse.client.session_transaction() as cookie:
        cookie["language"] = language
    example = nurse.get(f"{MANY}/example?format={form}").page.data
    assert choose(nurse, example).page.status_code == 200
    assert [row.split(" ")[2] for row in nurse.rows()] == ["01-001", "01-002"]
    nurse.press(START)
    assert numbers(store) == ["01-001", "01-002"]


def test_where_no_contact_can_be_kept_the_file_says_so(app: Flask, nurse: StaffBrowser) -> None:
    object.__setattr__(app.extensions["settings"], "contact_key", "")
    assert "This portal keeps neither addresses nor numbers" in choose(nurse, GOOD).text
