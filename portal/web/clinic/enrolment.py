"""Enrolling: one form, then the whole year to look at and print, and only then the start."""

from dataclasses import dataclass, field
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal import clock
from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Channel
from portal.domain.roles import Role
from portal.services import enrolment, reaches, scheduling, studies
from portal.services.enrolment import NumberRefusedError
from portal.services.studies import StudyAtSite
from portal.web.access import allow
from portal.web.clinic import contact_fields
from portal.web.contact_store import open_contacts
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("enrolment", __name__, url_prefix="/clinic/enrol")

FIELDS = (
    "site",
    "participant_number",
    "language",
    "included_on",
    *contact_fields.FIELDS,
)


@dataclass
class Draft:
    """What was typed, as it was typed, and by field what is wrong with it: a code that the page has words for."""

    typed: dict[str, str]
    places: list[StudyAtSite]
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> StudyAtSite:
        """The site that was chosen; the only one when there is no choice."""
        return next((each for each in self.places if str(each.site_id) == self.typed["site"]), self.places[0])

    @property
    def included_on(self) -> date:
        """The day of inclusion, once it was checked."""
        return date.fromisoformat(self.typed["included_on"])


@bp.get("")
@allow(Role.NURSE)
def start() -> ResponseReturnValue:
    """Show the form; where there is one site, with its next number."""
    draft = Draft(dict.fromkeys(FIELDS, ""), _places())
    draft.typed["included_on"] = draft.place.today(clock.now()).isoformat()
    if len(draft.places) == 1:
        draft.typed["participant_number"] = enrolment.next_number(session(), draft.place)
    return render_template("clinic/enrol.html", draft=draft)


@bp.post("")
@allow(Role.NURSE)
def go_on() -> ResponseReturnValue:
    """Show the year (`act` look), go back to the form (change), or enrol (start); what is wrong stays to be mended."""
    draft = Draft({name: request.form.get(name, "").strip() for name in FIELDS}, _places())
    act = request.form.get("act")
    if act == "change":
        return render_template("clinic/enrol.html", draft=draft)
    _check(session(), draft)
    if draft.faults:
        return render_template("clinic/enrol.html", draft=draft), 422
    if act == "start":
        # Whoever gave an address tests it while the patient is still there.
        after = "contacts.show" if draft.typed["email"] else "participants.show"
        return redirect(url_for(after, participant_id=_enrol(draft)), 303)
    reach = reaches.choose(draft.place, email=draft.typed["email"], telephone=draft.typed["telephone"])
    year = scheduling.foresee_year(
        draft.place,
        draft.included_on,
        has_address=reach is not None,
        is_public_holiday=is_public_holiday,
        at=clock.now(),
    )
    by_text = reach is not None and reach.channel is Channel.SMS
    return render_template("clinic/enrol_year.html", draft=draft, year=year, by_text=by_text)


def _places() -> list[StudyAtSite]:
    sites = current_staff().sites_as(Role.NURSE)
    return studies.some_sites(session(), sites)


def _enrol(draft: Draft) -> object:
    """Enrol, and keep the contact; gives the participant's id."""
    by, at, typed = current_staff().actor, clock.now(), draft.typed
    participant = enrolment.enrol(
        session(),
        draft.place,
        language=typed["language"],
        included_on=draft.included_on,
        participant_number=typed["participant_number"],
        by=by,
        at=at,
    )
    if typed["email"] or typed["telephone"]:
        open_contacts().keep(
            session(), participant.id, email=typed["email"], telephone=typed["telephone"], by=by, at=at
        )
    return participant.id


def _check(store: Session, draft: Draft) -> None:
    """Find every fault at once; an empty number becomes the site's next one."""
    typed, faults = draft.typed, draft.faults
    if len(draft.places) > 1 and typed["site"] not in {str(each.site_id) for each in draft.places}:
        faults["site"] = "missing"
    else:
        typed["participant_number"] = typed["participant_number"].upper() or enrolment.next_number(store, draft.place)
        try:
            enrolment.check_number(store, draft.place, typed["participant_number"])
        except NumberRefusedError as refusal:
            faults["participant_number"] = refusal.fault.value
    if typed["language"] not in draft.place.definition.languages:
        faults["language"] = "missing"
    _check_day(draft)
    faults |= contact_fields.faults_of(typed, can_keep=open_contacts().can_keep)


def _check_day(draft: Draft) -> None:
    try:
        distance = abs(draft.included_on - draft.place.today(clock.now()))
    except ValueError:
        draft.faults["included_on"] = "missing"
    else:
        if distance > enrolment.FARTHEST:
            draft.faults["included_on"] = "far"
