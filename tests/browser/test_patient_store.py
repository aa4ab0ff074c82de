"""What the phone keeps is a second copy: unsent answers only, unreadable, gone when acknowledged or forgotten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import on_server
from tests.browser.listening import Fault, Listening
from tests.browser.navigators import PatientOnPhone
from tests.conftest import NOW

NewPatient = Callable[..., PatientOnPhone]

UNKEPT = "Pas encore envoyé, et ce téléphone ne peut pas le garder"

DUMP = """async () => {
  const asked = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await asked(indexedDB.open('previsit')), found = {};
  for (const name of database.objectStoreNames) {
    const store = database.transaction(name).objectStore(name);
    const [keys, values] = [await asked(store.getAllKeys()), await asked(store.getAll())];
    found[name] = keys.map((key, at) => [key, values[at]]);
  }
  database.close();
  const key = found.keys[0][1], latin = bytes => String.fromCharCode(...new Uint8Array(bytes));
  return {
    stores: Object.keys(found), extractable: key.extractable,
    exported: await crypto.subtle.exportKey('raw', key).then(() => 'read', refused => refused.name),
    kept: found.kept.map(([key, value]) => ({key, fields: Object.keys(value).sort(), text: latin(value.sealed)})),
    marks: Object.assign({}, localStorage),
  };
}"""

CACHED = """async () => {
  const cache = await caches.open('previsit'), found = [];
  for (const request of await cache.keys()) found.push([request.url, await (await cache.match(request)).text()]);
  return found;
}"""

LEFT = """async () => ({
  databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length, marks: localStorage.length,
})"""

STINGY = {
    "refused": "IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); };",
    "full": "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); };",
}
"""What a browser says in some private windows, and what one says without room."""

NOTHING = {"databases": 0, "caches": 0, "workers": 0, "marks": 0}


@pytest.fixture
def patient(new_patient: NewPatient) -> PatientOnPhone:
    """A patient at her first question, whose phone has put by what it needs."""
    return new_patient().come_in().begin().expect_ready()


def dump(patient: PatientOnPhone) -> dict[str, Any]:
    """Everything that the page can read of what the phone keeps."""
    found: dict[str, Any] = patient.page.evaluate(DUMP)
    return found


def unsent(patient: PatientOnPhone) -> int:
    """How many answers the phone keeps."""
    return len([each for each in dump(patient)["kept"] if isinstance(each["key"], int)])


def test_what_is_kept_cannot_be_read_and_goes_when_the_server_has_it(patient: PatientOnPhone) -> None:
    patient.lose_network()
    for _ in range(3):
        patient.choose_number(1).expect_kept().next()
    found = dump(patient)
    assert found["stores"] == ["kept", "keys"]
    assert (found["extractable"], found["exported"]) == (False, "InvalidAccessError")
    assert found["marks"] == {"previsit-kept": "1"}
    assert unsent(patient) == 3
    for each in found["kept"]:
        assert each["fields"] == ["iv", "sealed"]
        assert not any(word in each["text"] for word in ("DLQI", "value", "link_id", "wording", "answer"))
    patient.find_network().expect_received()
    patient.page.wait_for_load_state("networkidle")
    assert unsent(patient) == 0
    assert "previsit-kept" not in dump(patient)["marks"]


def test_no_kept_page_holds_an_answer_or_a_token(patient: PatientOnPhone) -> None:
    patient.choose_number(1).next().leave_out().expect_received()
    patient.page.reload()
    patient.expect_ready()
    patient.page.goto(patient.base_url + "/visit")
    pages = {url.removeprefix(patient.base_url): text for url, text in patient.page.evaluate(CACHED)}
    assert {address.split("/")[1].split("?")[0] for address in pages} >= {"answer", "language", "offline", "static"}
    for address, text in pages.items():
        if address.startswith("/static/") or "/" not in address[1:]:  # a style, a script; the language
            continue
        assert "/shell/" in address or "/offline/" in address
        assert 'name="csrf_token" value=""' in text
        assert not any(trace in text for trace in (" checked", "data-skipped>", "01-001"))


def test_not_my_phone_leaves_nothing(patient: PatientOnPhone) -> None:
    patient.choose_number(1).expect_received()
    patient.page.goto(patient.base_url + "/visit")
    patient.page.get_by_role("button", name="m’oublier ici").tap()
    patient.page.wait_for_url("**/forgotten")
    assert patient.page.evaluate(LEFT) == NOTHING
    assert {cookie["name"] for cookie in patient.page.context.cookies()} <= {"previsit"}


def test_not_my_phone_warns_of_what_would_be_lost(patient: PatientOnPhone, listening: Listening) -> None:
    listening.faults.extend([Fault.BUSY] * 99)
    patient.choose_number(1).expect_kept()
    patient.page.goto(patient.base_url + "/visit")
    expect(patient.page.locator("#unsent")).to_contain_text("gardées sur ce téléphone, pas encore envoyées")
    forget = patient.page.get_by_role("button", name="m’oublier ici")
    forget.tap()
    expect(patient.page.get_by_role("alert")).to_contain_text("seraient perdues")
    assert patient.page.url.endswith("/visit")
    forget.tap()
    patient.page.wait_for_url("**/forgotten")
    assert patient.page.evaluate(LEFT) == NOTHING
    assert on_server.answers(patient.person) == []


@pytest.mark.parametrize("why", list(STINGY))
def test_a_phone_that_keeps_nothing_still_answers_and_says_so(new_patient: NewPatient, why: str) -> None:
    patient = new_patient()
    patient.page.context.add_init_script(STINGY[why])
    patient.come_in().begin()
    patient.choose_number(1).expect_received()
    patient.lose_network().next().choose_number(2)
    expect(patient.saved).to_contain_text(UNKEPT)
    patient.next().choose_number(3)
    patient.find_network().expect_received()
    assert on_server.counting(patient.person) == {"DLQI101": 2, "DLQI102": 1, "DLQI103": 0}


def test_storage_cleared_in_the_middle_costs_nothing_that_was_acknowledged(patient: PatientOnPhone) -> None:
    patient.choose_number(1).next().expect_received()
    devices = patient.page.context.new_cdp_session(patient.page)
    kinds = "indexeddb,cache_storage,service_workers,local_storage"
    devices.send("Storage.clearDataForOrigin", {"origin": patient.base_url, "storageTypes": kinds})
    patient.choose_number(2).next().expect_received()
    patient.lose_network().choose_number(3)
    expect(patient.saved).to_contain_text(UNKEPT)
    patient.find_network().expect_received()
    patient.page.reload()
    expect(patient.page.locator("#place")).to_have_text("Question 3 sur 10")
    patient.expect_ready()  # and from here on it keeps again
    patient.lose_network().next().choose_number(0).expect_kept()
    assert on_server.counting(patient.person) == {"DLQI101": 2, "DLQI102": 1, "DLQI103": 0}


def test_a_clock_that_is_wrong_stops_nobody_and_both_times_are_kept(new_patient: NewPatient) -> None:
    patient = new_patient()
    wrong = NOW - timedelta(days=3)
    patient.page.clock.set_fixed_time(wrong)
    patient.come_in().begin().expect_ready().choose_number(1).expect_received()
    patient.lose_network().next().choose_number(1).expect_kept()
    patient.find_network().expect_received()
    assert [(row.at, row.received_at) for row in on_server.answers(patient.person)] == [(wrong, NOW)] * 2
