"""The first question is light: its page, styles and scripts together, as they travel."""

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.orm import Session

from tests.web.patients import Patient

MOST = 14 * 1024
SMALL = 1500  # bytes; so little is not worth compressing


@pytest.mark.parametrize("accepted", ["gzip, deflate, br", "gzip, deflate"])
@pytest.mark.parametrize("instrument", ["DLQI", "SHAQ"])
def test_the_first_question_travels_in_fourteen_kilobytes(
    app: Flask, store: Session, at: datetime, instrument: str, accepted: str
) -> None:
    app.test_client_class = FlaskClient  # the checked client reads no compressed page
    patient = Patient(app, store).come_in()
    address = f"/answer/{patient.assignment(instrument)}"
    page = html.fromstring(patient.get(address).page.text)
    styles = [str(link.get("href")) for link in page.iter("link") if link.get("rel") == "stylesheet"]
    parts = [address, *styles, *(str(script.get("src")) for script in page.iter("script"))]
    sizes = {}
    for part in parts:
        answer = patient.phone.get(part, headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") or len(answer.data) < SMALL, part
        sizes[part] = len(answer.data)
    assert len(styles) == 1
    assert len(sizes) <= 4
    assert sum(sizes.values()) <= MOST, sizes
