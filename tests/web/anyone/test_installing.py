"""The portal can be put on a phone's home screen, under its name in the person's language; nothing needs it."""

import struct
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

NAMES = {"fr": "Prévisite", "en": "Previsit"}


def manifest_of(client: FlaskClient, language: str) -> dict[str, Any]:
    """Fetch what the front page in this language points to."""
    answer = client.get(linked(client.get("/code", headers={"Accept-Language": language}).text, "manifest"))
    assert answer.mimetype == "application/manifest+json"
    found = answer.get_json(force=True)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_app_has_its_name_in_the_persons_language(client: FlaskClient, language: str) -> None:
    found = manifest_of(client, language)
    assert (found["name"], found["short_name"], found["lang"]) == (NAMES[language], NAMES[language], language)
    assert (found["start_url"], found["scope"], found["display"]) == ("/visit", "/", "standalone")
    assert found["background_color"] == "#fff"


def test_each_icon_is_there_and_has_the_size_it_says(client: FlaskClient) -> None:
    icons = manifest_of(client, "fr")["icons"]
    assert {(each["sizes"], each["purpose"]) for each in icons} == {
        ("any", "any"),
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in icons:
        answer = client.get(icon["src"])
        assert (answer.status_code, answer.mimetype) == (200, icon["type"])
        assert "immutable" in answer.headers["Cache-Control"]
        if icon["sizes"] != "any":
            assert size_of(answer.data) == icon["sizes"]
            assert len(answer.data) < 8 * 1024


def test_the_icon_that_every_page_asks_for_is_tiny(client: FlaskClient) -> None:
    page = client.get("/code").text
    assert len(client.get(linked(page, "icon")).data) < 512
    assert size_of(client.get(linked(page, "apple-touch-icon")).data) == "180x180"


def test_staff_pages_offer_no_app(client: FlaskClient) -> None:
    assert "manifest" not in client.get("/staff/sign-in").text


def linked(page: str, kind: str) -> str:
    """Give the address of the one link of this kind in a page's head."""
    (link,) = (each for each in html.fromstring(page).iter("link") if each.get("rel") == kind)
    return str(link.get("href"))


def size_of(png: bytes) -> str:
    """Width and height in pixels, as a manifest writes them."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return f"{width}x{height}"
