"""What a phone is sent beside a page: small, kept for ever under its own address, and never an older version."""

import gzip
import re
from collections.abc import Iterator

import brotli  # type: ignore[import-untyped] # ships no types
import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.web import assets
from tests.house.sources import TEMPLATES

DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
FOR_EVER = "max-age=31536000, immutable"


@pytest.fixture
def linked(client: FlaskClient) -> list[str]:
    """The addresses of the styles that the first page links to."""
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/").text)


def ask(client: FlaskClient, address: str, accepted: str = "gzip, deflate, br") -> TestResponse:
    return client.get(address, headers={"Accept-Encoding": accepted} if accepted else {})


def test_a_page_asks_for_one_style_sheet_which_is_kept_for_ever(client: FlaskClient, linked: list[str]) -> None:
    assert len(linked) == 1
    answer = ask(client, linked[0])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == FOR_EVER


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_it_comes_as_the_browser_can_read_it(client: FlaskClient, accepted: str, coding: str | None) -> None:
    answer = ask(client, "/static/questionnaire.js", accepted)
    assert answer.headers.get("Content-Encoding") == coding
    assert DECODERS[coding](answer.data) == assets.minified("questionnaire.js")
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_it_carries_no_header_that_says_nothing(client: FlaskClient, linked: list[str]) -> None:
    answer = ask(client, linked[0])
    assert {name for name, _ in answer.headers} == {
        "Cache-Control",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Vary",
        "X-Content-Type-Options",
    }


@pytest.mark.parametrize("address", ["/static/patient.css", "/static/patient.css?v=0123456789"])
def test_what_may_be_another_version_is_asked_for_again_each_time(client: FlaskClient, address: str) -> None:
    assert ask(client, address).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "../assets.py", "%2e%2e/assets.py", "/etc/passwd", ""])
def test_nothing_else_is_given_away(client: FlaskClient, name: str) -> None:
    assert ask(client, f"/static/{name}").status_code == 404


def test_every_file_is_served_as_what_it_is(client: FlaskClient) -> None:
    for path in assets.FOLDER.iterdir():
        answer = ask(client, f"/static/{path.name}")
        assert answer.status_code == 200, f"{path.name}: its kind is not in the table"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ask(client, "/static/questionnaire.js").mimetype == "text/javascript"
    assert ask(client, "/static/patient.css").mimetype == "text/css"


def test_a_bundle_holds_its_parts_in_their_order() -> None:
    assert assets.minified("patient.css").startswith(assets.minified("tokens.css"))
    assert b".cards{" in assets.minified("patient.css")
    later = [assets.minified(part) for part in ("outbox.js", "store.js", "phone.js")]
    assert assets.minified("later.js") == b";".join(later)


def test_what_is_sent_is_smaller_than_what_is_read() -> None:
    parts = assets.BUNDLES["questionnaire.js"]
    readable = sum((assets.FOLDER / part).stat().st_size for part in parts)
    assert len(assets.minified("questionnaire.js")) < 0.8 * readable


def test_what_templates_name_is_there(app: Flask) -> None:
    named = {name for text in _templates() for name in re.findall(r"asset\(['\"]([^'\"]+)['\"]\)", text)}
    assert named
    assert named <= assets.names()
    with app.test_request_context():
        for name in named:
            address = render_template_string("{{ asset(name) }}", name=name)
            assert address == f"/static/{name}?v={assets.digest(name)}"


def test_a_change_is_a_new_address_and_a_new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = assets.digest("patient.css"), assets.digest("page.css"), assets.version()
    monkeypatch.setitem(assets.BUNDLES, "patient.css", ("patient.css",))
    try:
        _forget()
        after = assets.digest("patient.css"), assets.digest("page.css"), assets.version()
    finally:
        monkeypatch.undo()
        _forget()
    assert (after[0] != before[0], after[1] != before[1], after[2] != before[2]) == (True, False, True)


def _forget() -> None:
    for made in (assets.minified, assets.digest, assets.version):
        made.cache_clear()


def _templates() -> Iterator[str]:
    for path in TEMPLATES.rglob("*.html"):
        yield path.read_text()
