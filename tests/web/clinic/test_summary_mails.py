"""What a nurse reads on a summary's page about its mail, and when one that she sends again leaves.

The clock stands at Wednesday 3 March 2027, 10:00 in Paris.
"""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.db.message import Message, MessageStatus
from portal.domain.messages import MessageKind
from portal.domain.roles import Role
from portal.services import message_plan, summaries
from portal.services.actor import SYSTEM
from tests import factories
from tests.conftest import NOW
from tests.services.mailing import change_study
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.mark.parametrize(
    ("earliest", "offered", "promised"),
    [
        ("07:00", "", "it leaves within a minute."),
        ("11:00", "It leaves on 3 March 2027, 11:00 (Paris)", "it leaves on 3 March 2027, 11:00 (Paris)."),
    ],
)
def test_she_is_told_when_it_leaves(
    app: Flask, store: Session, at: datetime, earliest: str, offered: str, promised: str
) -> None:
    factories.load_study(store)
    messages: dict[str, object] = {"earliest": earliest, "hour": "11:00"}
    place = change_study(store, messages=messages, notices={"hour": "11:00"}, summary={"hour": earliest})
    visit = factories.get_visit(store, factories.make_participant(store, place, included_on=date(2027, 3, 4)))
    summary_id = summaries.make(store, visit.id, by=SYSTEM, at=NOW - timedelta(days=1)).id
    doctor = make_staff(store, (place.site_id, Role.INVESTIGATOR), email="doctor@example.org")
    mail = Message(visit_id=visit.id, kind=MessageKind.SUMMARY, recipient=message_plan.recipient_of(doctor.id))
    mail.status, mail.reason, mail.due_at, mail.attempts = MessageStatus.FAILED, "smtp-550", NOW, 1
    store.add(mail)
    nurse = make_staff(store, (place.site_id, Role.NURSE))
    store.commit()
    page = StaffBrowser(app, nurse).get(f"/clinic/summaries/{summary_id}")
    assert "The mail server refused the mail to the investigator." in page.text
    assert offered in page.text.replace("\u00a0", " ")
    assert page.press(f"/clinic/summaries/{summary_id}/mail").page.status_code == 303
    assert promised in page.follow().text.replace("\u00a0", " ")
    assert "refused" not in page.text
