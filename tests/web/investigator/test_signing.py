"""Signing on the page: the code once more, for one or many, told kindly when it does not go; void when changed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.db.signature import Signature
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import actor, signatures, signed_documents, signing_desk, summaries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def place(store: Session, at: object, monkeypatch: pytest.MonkeyPatch) -> StudyAtSite:
    """Site 01, the clock stopped at NOW, authenticator apps too."""
    monkeypatch.setattr(clock, "machine_now", lambda: NOW)
    return factories.load_study(store)[0]


@pytest.fixture
def person(store: Session, place: StudyAtSite) -> Staff:
    made = make_staff(store, (place.site_id, Role.INVESTIGATOR), name="Dr Grace Hopper")
    store.commit()
    return made


@pytest.fixture
def investigator(app: Flask, person: Staff) -> StaffBrowser:
    return StaffBrowser(app, person)


def test_signing_keeps_name_time_and_meaning_and_empties_the_list(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, person: Staff
) -> None:
    address = _page(_make(store, place))
    investigator.get(address).press(f"{address}/sign?among=waiting", meaning="discussed", code=_code(person)).follow()
    said = "Signed electronically by Dr Grace Hopper on 3 March 2027, 10:00 (Paris): seen and discussed"
    assert said in _plain(investigator.text)
    assert "Sign edition" not in investigator.text
    assert "Nothing waits for you." in investigator.get("/investigator/").text
    deeds = list(store.scalars(select(AuditEvent.deed).order_by(AuditEvent.id)))
    assert deeds[-5:-2] == [Deed.SUMMARY_OPENED, Deed.SIGNATURE_GIVEN, Deed.SUMMARY_SEEN]


def test_a_wrong_code_is_named_at_its_field_and_the_meaning_stays(
    investigator: StaffBrowser, store: Session, place: StudyAtSite
) -> None:
    address = _page(_make(store, place))
    investigator.get(address).press(f"{address}/sign?among=waiting", meaning="discussed", code="000000")
    assert investigator.page.status_code == 422
    assert "This is not the code that your app shows now. Nothing was signed." in investigator.text
    assert 'value="discussed" checked' in investigator.page.text
    assert 'value="000000"' not in investigator.page.text
    assert store.scalars(select(Signature)).all() == []
    reasons = store.scalars(select(AuditEvent.reason).where(AuditEvent.deed == Deed.SIGNATURE_REFUSED))
    assert list(reasons) == ["wrong"]


def test_the_code_of_signing_in_is_told_to_be_used_already(
    app: Flask, store: Session, place: StudyAtSite, person: Staff
) -> None:
    address = _page(_make(store, place))
    investigator = StaffBrowser(app).sign_in(person)
    investigator.get(address).press(f"{address}/sign?among=waiting", code=_code(person))
    assert "This code was used already, perhaps to sign in." in investigator.text


def test_after_five_wrong_codes_the_page_says_how_long_to_wait(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, person: Staff
) -> None:
    address = _page(_make(store, place))
    for _ in range(5):
        investigator.get(address).press(f"{address}/sign?among=waiting", code="000000")
    investigator.get(address).press(f"{address}/sign?among=waiting", code=_code(person))
    assert "Too many wrong codes. Wait 15 minutes, then try again." in investigator.text


def test_signing_again_shows_the_page_and_does_nothing(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, person: Staff
) -> None:
    address = _page(_make(store, place))
    form = investigator.get(address).page
    for _ in range(2):  # pressed twice, from the same page
        investigator.page = form
        investigator.press(f"{address}/sign?among=waiting", code=_code(person))
        assert investigator.page.status_code == 303
    assert len(store.scalars(select(Signature)).all()) == 1


def test_a_superseded_page_cannot_be_signed_and_offers_the_newer(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, person: Staff
) -> None:
    participant = factories.make_participant(store, place)
    older = _page(_summary(store, participant))
    form = investigator.get(older)
    factories.complete_visit(store, participant, at=NOW)
    store.commit()
    form.press(f"{older}/sign?among=waiting", code=_code(person))
    assert form.page.status_code == 422
    assert "A newer edition has come. Nothing was signed: read the newer one first." in form.text
    assert "Open edition 2" in form.text


def test_a_newer_edition_voids_the_signature_on_both_pages(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, person: Staff
) -> None:
    participant = factories.make_participant(store, place)
    older = _sign(store, _summary(store, participant), person)
    factories.complete_visit(store, participant, at=NOW)
    newer = _summary(store, participant)
    assert "Signature void since edition 2. Signed electronically by Dr Grace" in investigator.get(_page(older)).text
    text = _plain(investigator.get(_page(newer)).text)
    assert "Edition 1 was signed by Dr Grace Hopper on 3 March 2027, 10:00 (Paris); that signature is void." in text
    assert "To be signed anew." in text
    assert "○ Not seen" in investigator.get("/investigator/").rows()[0]


def test_the_nurse_sees_who_signed(app: Flask, store: Session, place: StudyAtSite, person: Staff) -> None:
    summary = _sign(store, _make(store, place), person)
    nurse = StaffBrowser(app, make_staff(store, (place.site_id, Role.NURSE), email="nurse@example.org"))
    store.commit()
    assert "Signed electronically by Dr Grace Hopper" in nurse.get(f"/clinic/summaries/{summary.id}").text
    assert "Signed by Dr Grace Hopper" in nurse.get("/clinic/").rows()[1]


def test_the_pdf_is_the_signed_copy_once_there_is_one(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, person: Staff
) -> None:
    summary = _sign(store, _make(store, place), person)
    summaries.keep_document(store, summary, "en", b"%PDF original", by=actor.SYSTEM, at=NOW)
    store.commit()
    address = f"{_page(summary)}.pdf"
    assert investigator.get(address).page.data == b"%PDF original"
    signature = store.scalars(select(Signature)).one()
    signed_documents.keep(store, signature, "en", b"%PDF signed", by=actor.SYSTEM, at=NOW)
    store.commit()
    assert investigator.get(address).page.data == b"%PDF signed"
    assert "01-001_INC_1_signed.pdf" in investigator.page.headers["Content-Disposition"]
    assert investigator.get(f"{address}?copy=original").page.data == b"%PDF original"
    assert f"{address}?language=en&copy=original" in investigator.get(_page(summary)).links()


def test_many_are_signed_with_one_code_once_each_was_opened(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, person: Staff
) -> None:
    first, second, third = (_make(store, place, date(2027, 3, day)) for day in (4, 5, 8))
    for each in (first, second):
        investigator.get(_page(each))
    rows = investigator.get("/investigator/sign").rows()
    assert [row[:6] for row in rows] == ["01-001", "01-002", "01-003"]
    text = investigator.text
    assert text.index("01-002") < text.index("Open these first") < text.index("01-003")
    _send_many(investigator, [first, second], code=_code(person)).follow()
    assert "2 summaries are signed." in investigator.text
    assert set(store.scalars(select(Signature.summary_id))) == {first.id, second.id}
    assert [row[:6] for row in investigator.rows()] == ["01-003"]
    assert third.id not in signatures.signers(store, [third.id])


def test_many_are_all_refused_for_one_that_was_not_opened(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, person: Staff
) -> None:
    first, second = (_make(store, place, date(2027, 3, day)) for day in (4, 5))
    investigator.get(_page(first)).get("/investigator/sign")
    _send_many(investigator, [first, second], code=_code(person))
    assert investigator.page.status_code == 422
    assert "Nothing was signed: you sign what you have opened." in investigator.text
    assert store.scalars(select(Signature)).all() == []


def test_many_say_what_is_missing(investigator: StaffBrowser, store: Session, place: StudyAtSite) -> None:
    first = _make(store, place)
    investigator.get(_page(first)).get("/investigator/sign")
    assert "Tick at least one summary." in _send_many(investigator, [], code="000000").text
    assert "Choose what you say by signing." in _send_many(investigator, [first], meaning="").text
    assert "This is not the code" in _send_many(investigator, [first], code="1").text


def test_a_tick_stays_as_it_was_when_nothing_was_signed(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_desk, "MOST", 2)
    first, second, third = (_make(store, place, date(2027, 3, day)) for day in (4, 5, 8))
    for each in (second, third):
        investigator.get(_page(each))
    assert investigator.get("/investigator/sign").page.text.count(" checked> 01-") == 2
    investigator.get(_page(first))  # in another window: it is the soonest, and takes the third one's place
    assert (
        "1 more that you have opened comes here once these are signed." in investigator.get("/investigator/sign").text
    )
    text = _send_many(investigator, [third], code="000000").page.text
    assert [number for number in ("01-001", "01-002", "01-003") if f" checked> {number}" in text] == ["01-003"]
    assert " checked> 01-" not in _send_many(investigator, []).page.text


def test_how_many_more_wait_to_be_opened_is_told(
    investigator: StaffBrowser, store: Session, place: StudyAtSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_desk, "NEXT", 1)
    for day in (4, 5, 8):
        _make(store, place, date(2027, 3, day))
    assert [row[:6] for row in investigator.get("/investigator/sign").rows()] == ["01-001"]
    assert "2 more wait on the list to be opened." in investigator.text


def test_many_of_another_site_are_not_there(investigator: StaffBrowser, store: Session, place: StudyAtSite) -> None:
    other = _make(store, factories.load_study(store)[1])
    investigator.get("/investigator/sign")
    assert investigator.rows() == []
    assert _send_many(investigator, [other]).page.status_code == 404


def _send_many(browser: StaffBrowser, chosen: Iterable[Summary], **fields: str) -> StaffBrowser:
    browser.get("/investigator/sign")
    token = browser.client.get("/investigator/").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = {"csrf_token": token, "meaning": "seen", "code": "", **fields}
    data = {**sent, "summary_id": [str(each.id) for each in chosen]}
    browser.page = browser.client.post("/investigator/sign", data=data, headers={"Accept-Language": "en"})
    return browser


def _make(store: Session, place: StudyAtSite, day: date = date(2027, 3, 5)) -> Summary:
    return _summary(store, factories.make_participant(store, place, included_on=day))


def _summary(store: Session, participant: Participant, at: datetime = NOW - timedelta(hours=1)) -> Summary:
    summary = summaries.make(store, factories.get_visit(store, participant).id, by=actor.SYSTEM, at=at)
    store.commit()
    return summary


def _sign(store: Session, summary: Summary, person: Staff) -> Summary:
    by = actor.staff(person.id)
    summaries.opened(store, summary, by=by, at=NOW)
    signatures.sign(store, [summary], Meaning.SEEN, _code(person), by=by, at=NOW, code_at=NOW)
    store.commit()
    return summary


def _page(summary: Summary) -> str:
    return f"/investigator/summaries/{UUID(str(summary.id))}"


def _code(person: Staff) -> str:
    return pyotp.TOTP(person.totp_secret).at(NOW)


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")
