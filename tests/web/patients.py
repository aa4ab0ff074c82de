"""A patient with a browser without JavaScript: opens her link, types her code, fills in forms, reads pages."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.db.door import AccessLink
from portal.db.participant import Participant
from portal.services import actor, doors
from portal.services.doors import DoorKeys
from tests import factories


def _shown(element: Any) -> Iterator[str]:
    """Give the texts of an element, without what is hidden or folded away."""
    if element.get("hidden") is None:
        folded = element.tag == "details" and element.get("open") is None
        yield element.text or ""
        for child in element.findall("summary") if folded else element:
            yield from _shown(child)
            yield child.tail or ""


class Patient:
    """One participant, her door, and one phone."""

    def __init__(self, app: Flask, store: Session, *, language: str = "fr", **more: Any) -> None:
        self.app = app
        self.store = store
        self.keys = DoorKeys(app.config["SECRET_KEY"])
        place = factories.load_study(store)[0]
        self.participant: Participant = factories.make_participant(store, place, language=language, **more)
        self.link: AccessLink = doors.issue(store, self.participant, self.keys, by=actor.SYSTEM, at=factories.AT)
        store.commit()
        self.phone: FlaskClient = app.test_client()
        self.page: TestResponse

    @property
    def address(self) -> str:
        """What her link says after the host."""
        return f"/o/{doors.token(self.keys, self.link)}"

    @property
    def code(self) -> str:
        """The six digits on her paper."""
        return doors.personal_code(self.keys, self.link)

    @property
    def text(self) -> str:
        """The words of the page before her, with single, plain spaces."""
        main = html.fromstring(self.page.text).find(".//body")
        assert main is not None
        return " ".join(" ".join(_shown(main)).split())

    def get(self, address: str) -> "Patient":
        """Open an address and follow where it leads."""
        self.page = self.phone.get(address, follow_redirects=True)
        return self

    def post(self, address: str, fields: Mapping[str, Any] | None = None) -> "Patient":
        """Send a form of the page before her and follow where it leads."""
        data = {"csrf_token": self.csrf(), **(fields or {})}
        self.page = self.phone.post(address, data=data, follow_redirects=True)
        return self

    def csrf(self) -> str:
        """The token of the page before her."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page.text)
        assert found
        return found[1]

    def fields(self) -> dict[str, str]:
        """What the questionnaire before her holds, as a browser would send it."""
        form = html.fromstring(self.page.text).find(".//form[@id='form']")
        assert form is not None
        sent = [
            field
            for field in form.iter("input")
            if field.get("type") in {"hidden", "text"} or "checked" in field.attrib
        ]
        return {str(field.get("name")): field.get("value", "") for field in sent}

    def come_in(self) -> "Patient":
        """Open the link and type the code."""
        return self.get(self.address).post("/door", {"code": self.code})

    def take_new_phone(self) -> "Patient":
        """Go on with a phone that knows nothing."""
        self.phone = self.app.test_client()
        return self

    def assignment(self, instrument: str = "DLQI", visit: str = "INC") -> UUID:
        """The id of a questionnaire of hers."""
        found = factories.get_assignment(self.store, self.participant, instrument, visit).id
        self.store.rollback()  # it holds the one writer's place, which the app wants
        return found

    def send_json(self, address: str, body: Any) -> TestResponse:
        """Send JSON as a script of the page before her does."""
        return self.phone.post(address, json=body, headers={"X-CSRFToken": self.csrf()})
