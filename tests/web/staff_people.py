"""A member of staff with a browser without JavaScript: signs in, reads lists, presses buttons."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pyotp
from flask import Flask
from lxml import html
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.db.staff import Staff
from portal.domain.roles import Role
from portal.services import actor, staff
from tests.conftest import NOW
from tests.factories import AT

PASSWORD = "correct horse battery"


def make_staff(
    store: Session,
    *roles: tuple[UUID, Role],
    email: str = "ada@example.org",
    name: str = "Ada Byron",
    language: str = "en",
) -> Staff:
    """Add a person; the test commits."""
    return staff.add(
        store, email=email, name=name, password=PASSWORD, roles=roles, language=language, by=actor.SYSTEM, at=AT
    )


class StaffBrowser:
    """One person's browser; `page` is the last answer."""

    def __init__(self, app: Flask, person: Staff | None = None) -> None:
        self.client = app.test_client()
        self.page: TestResponse
        if person:
            with self.client.session_transaction() as cookie:
                cookie["staff"] = str(person.id)
                cookie["staff_active_at"] = int(NOW.timestamp())
                cookie["language"] = person.language

    def get(self, address: str) -> "StaffBrowser":
        """Open an address, without following where it leads."""
        self.page = self.client.get(address, headers={"Accept-Language": "en"})
        return self

    def follow(self) -> "StaffBrowser":
        """Go where the last answer leads."""
        assert self.page.status_code == 303, self.page.status
        return self.get(self.page.location)

    def press(self, address: str, **fields: str) -> "StaffBrowser":
        """Send the form to `address` that the page before holds, filled in."""
        (form,) = [each for each in _parsed(self.page.text).forms if each.action in (address, None)][:1]
        sent: dict[str, list[str]] = {}
        for name, value in form.form_values():
            sent.setdefault(name, []).append(value or "")
        sent |= {name: [value] for name, value in fields.items()}
        self.page = self.client.post(address, data=sent, headers={"Accept-Language": "en"})
        return self

    def sign_in(self, person: Staff, password: str = PASSWORD, code: str | None = None) -> "StaffBrowser":
        """Fill in the form at the door with the code of the stopped clock."""
        self.get("/staff/sign-in")
        code = pyotp.TOTP(person.totp_secret).at(NOW) if code is None else code
        return self.press("/staff/sign-in", email=person.email, password=password, code=code)

    @property
    def text(self) -> str:
        """The words of the page, with single spaces."""
        body = _parsed(self.page.text).find(".//main")
        assert body is not None
        return _plain(str(body.text_content()))

    def rows(self) -> list[str]:
        """The rows of the page's tables, as words."""
        bodies = _parsed(self.page.text).iter("tbody")
        return [_plain(str(row.text_content())) for body in bodies for row in body.iter("tr")]

    def links(self) -> Sequence[str]:
        """Where the page's links lead."""
        return [str(link.get("href")) for link in _parsed(self.page.text).iter("a")]


def _parsed(text: str) -> Any:
    return html.document_fromstring(text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
