"""The door: from a link, a QR code or a short code, and once on each phone the personal code, to the visit."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.db.door import Device
from portal.db.participant import Participant
from portal.domain import codes
from portal.services import actor, doors, studies
from portal.web import lent_session, stores
from portal.web.access import public, records
from portal.web.door_keys import door_keys
from portal.web.languages import choose
from portal.web.patient import lending, phone
from portal.web.principals import find_patient

bp = Blueprint("door", __name__)

LONGEST_TYPED = 40


@bp.get("/o/<token>")
@public("a link is how a participant comes in; a phone that is not remembered is asked for her code")
@records
def open_link(token: str) -> ResponseReturnValue:
    """Exchange the link for a session at once: it must not stay in the address bar."""
    door_id = doors.read_token(door_keys(), token)
    device = phone.find()
    if device is None or device.access_link_id != door_id:
        phone.wait_at(door_id)
        return redirect(url_for(".enter"), 303)
    return _let_in(device)


@bp.route("/code", methods=["GET", "POST"])
@public("a short code is the link for those who type; it leads to the personal code")
def code() -> ResponseReturnValue:
    """Ask for the short code, as read from paper or told by telephone; on a lent device it is all that is asked."""
    lent = lent_session.find()
    if lent and find_patient():
        return redirect(url_for("visit.show"), 303)
    page = "patient/lent_code.html" if lent else "patient/code.html"
    if request.method == "GET":
        return render_template(page, typed="", fault=None)
    typed = request.form.get("code", "")[:LONGEST_TYPED]
    if codes.read_short_code(typed) is None:
        return render_template(page, typed=typed, fault=_short_code_fault(typed)), 422
    if lent:
        return lending.let_in(lent, typed)
    phone.wait_at(doors.read_short_code(stores.session(), door_keys(), typed))
    return redirect(url_for(".enter"), 303)


@bp.route("/door", methods=["GET", "POST"])
@public("the personal code is asked for here; guesses are limited and each refusal is in the trail")
@records
def enter() -> ResponseReturnValue:
    """Ask for the personal code and remember the phone; let a remembered phone in at once."""
    door_id = phone.waiting_at()
    if door_id is None:
        return _let_in_if_remembered()
    if request.method == "GET":
        return render_template("patient/door.html", typed="", fault=None)
    typed = request.form.get("code", "")[:LONGEST_TYPED]
    fault = _personal_code_fault(codes.read_personal_code(typed))
    if fault:
        return render_template("patient/door.html", typed=typed, fault=fault), 422
    return _open(door_id, codes.read_personal_code(typed), typed)


@bp.post("/forget")
@public("whoever holds a phone may have it forgotten; it then asks for the code again")
def forget() -> ResponseReturnValue:
    """Forget this phone: it is not hers, or not hers any more."""
    device, patient = phone.find(), find_patient()
    if device is not None:
        by = actor.patient(device.access_link.participant_id) if patient is None else patient.actor
        doors.forget_device(stores.session(), device, by=by, at=clock.now())
    phone.end()
    response = make_response(redirect(url_for(".forgotten"), 303))
    phone.forget(response)
    return response


@bp.get("/forgotten")
@public("it says only that the phone was forgotten")
def forgotten() -> ResponseReturnValue:
    """Say that this phone knows nothing any more."""
    return render_template("patient/forgotten.html")


def _let_in_if_remembered() -> ResponseReturnValue:
    device = phone.find()
    if device is None:
        return redirect(url_for(".code"), 303)
    return _let_in(device)


def _let_in(device: Device) -> ResponseReturnValue:
    phone.begin(device, device.access_link.participant.language)
    doors.note_opened(stores.session(), device, at=clock.now())
    return redirect(url_for("visit.show"), 303)


def _open(door_id: UUID, code: str, typed: str) -> ResponseReturnValue:
    """Let in whoever has the code, and remember the phone; tell nobody else why not."""
    at = clock.now()
    try:
        link = doors.check_personal_code(stores.session(), door_keys(), door_id, code, at=at)
    except doors.WithdrawnError as refusal:
        return _thank(refusal.participant)
    except doors.CodeRefusedError:
        return render_template("patient/door.html", typed=typed, fault=_refusal()), 422
    except doors.TooManyCodesError:
        return render_template("patient/too_many_codes.html"), HTTPStatus.TOO_MANY_REQUESTS
    device, cookie = doors.enrol_device(stores.session(), link, at=at)
    phone.begin(device, stores.session().get_one(Participant, link.participant_id).language)
    response = make_response(redirect(url_for("visit.show"), 303))
    phone.remember(response, cookie)
    return response


def _thank(participant: Participant) -> ResponseReturnValue:
    """Show the kind page to who has withdrawn, in her language; her phone is not remembered."""
    if "language" not in session:
        choose(participant.language)
    place = studies.for_site(stores.session(), participant.site_id)
    return render_template("patient/withdrawn.html", site=place.site)


def _short_code_fault(typed: str) -> str:
    count = len("".join(typed.split()).replace("-", ""))
    if count == 0:
        return str(_("Type the 8 letters and digits of your short code."))
    if count != codes.SHORT_CODE_LENGTH:
        return str(
            ngettext(
                "A short code has 8 letters and digits; you typed %(num)s.",
                "A short code has 8 letters and digits; you typed %(num)s.",
                count,
            )
        )
    return str(
        _(
            "One of these letters or digits is not right: the last one is there to notice slips. "
            "Compare them with your paper, one by one."
        )
    )


def _personal_code_fault(digits: str) -> str | None:
    if not digits:
        return str(_("Type the 6 digits of your personal code."))
    if not (digits.isascii() and digits.isdigit()):
        return str(_("A personal code has digits only, no letters."))
    if len(digits) != codes.PERSONAL_CODE_LENGTH:
        return str(
            ngettext(
                "A personal code has 6 digits; you typed %(num)s.",
                "A personal code has 6 digits; you typed %(num)s.",
                len(digits),
            )
        )
    return None


def _refusal() -> str:
    return str(_("This code does not open this link. Compare it with your paper, or ring your study site."))
