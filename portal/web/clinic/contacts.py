"""How a participant is reached: what is kept, tested while she is there, changed, or forgotten."""

from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import audit, bounces, contact_tests, openings, reaches, studies
from portal.services.contacts import ContactUnreadableError
from portal.services.reach_choice import Reachable
from portal.web.access import allow, records
from portal.web.clinic import contact_fields
from portal.web.clinic.participants import get
from portal.web.contact_store import open_contacts
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("contacts", __name__, url_prefix="/clinic/participants/<uuid:participant_id>/contact")

_SOON, _LATER = 3, 15  # seconds until the page of a test asks again: as it leaves, and as it waits for the mail server


@bp.get("")
@allow(Role.NURSE)
def show(participant_id: UUID) -> ResponseReturnValue:
    """Say that something is kept, not what, and where a test stands; while it is under way the page asks by itself."""
    participant = get(participant_id)
    response = make_response(_page(participant))
    last = contact_tests.find_last(session(), participant.id)
    if last and last.is_under_way:
        response.headers["Refresh"] = str(_LATER if last.message.reason else _SOON)
    return response


@bp.get("/in-full")
@allow(Role.NURSE)
@records
def show_in_full(participant_id: UUID) -> ResponseReturnValue:
    """Show address and number themselves, which is recorded."""
    participant = get(participant_id)
    try:
        found = open_contacts().find(participant.id)
    except ContactUnreadableError:
        return _page(participant, is_unreadable=True)
    events = [
        audit.Event(
            deed=Deed.CONTACT_READ,
            subject_kind="contact",
            subject_id=participant.id,
            participant_id=participant.id,
            field=name,
        )
        for name in ("email", "telephone")
        if getattr(found, name)
    ]
    audit.record(session(), *events, by=current_staff().actor, at=clock.now())
    return _page(participant, found)


@bp.get("/change")
@allow(Role.NURSE)
def ask_change(participant_id: UUID) -> ResponseReturnValue:
    """Ask for an address or a number, each twice."""
    return _form(get(participant_id), dict.fromkeys(contact_fields.FIELDS, ""), {})


@bp.post("/change")
@allow(Role.NURSE)
def change(participant_id: UUID) -> ResponseReturnValue:
    """Keep what was typed; a field left empty leaves what is kept."""
    participant, kept = get(participant_id), open_contacts()
    typed = {name: request.form.get(name, "").strip() for name in contact_fields.FIELDS}
    faults = contact_fields.faults_of(typed, can_keep=kept.can_keep)
    if not any(typed.values()):
        faults["email"] = "nothing"
    if not faults:
        try:
            _keep(participant, email=typed["email"] or None, telephone=typed["telephone"] or None)
        except ContactUnreadableError:
            faults["email"] = "unreadable"
    return (_form(participant, typed, faults), 422) if faults else _back(participant)


@bp.post("/forget")
@allow(Role.NURSE)
def forget(participant_id: UUID) -> ResponseReturnValue:
    """Forget the address or the number (`what`); what is not kept is forgotten already."""
    participant, what = get(participant_id), request.form.get("what")
    if what not in {"email", "telephone"}:
        abort(400)
    if open_contacts().can_keep:
        open_contacts().forget(session(), participant.id, what, by=current_staff().actor, at=clock.now())
    return _back(participant)


@bp.post("/test")
@allow(Role.NURSE)
def test(participant_id: UUID) -> ResponseReturnValue:
    """Have a test message sent; the page then says what became of it, or why none may go."""
    participant = get(participant_id)
    has_address = open_contacts().known(participant.id).email
    contact_tests.send(session(), participant, has_address=has_address, by=current_staff().actor, at=clock.now())
    return _back(participant)


@bp.post("/received")
@allow(Role.NURSE)
def note_received(participant_id: UUID) -> ResponseReturnValue:
    """Note whether the patient has received the test that the page was about."""
    participant, message_id = get(participant_id), request.form.get("message", type=UUID)
    received = {"yes": True, "no": False}.get(request.form.get("received", ""))
    if message_id is None or received is None:
        abort(400)
    contact_tests.note(
        session(), participant.id, message_id, received=received, by=current_staff().actor, at=clock.now()
    )
    return _back(participant)


def _keep(participant: Participant, *, email: str | None, telephone: str | None) -> None:
    kept = open_contacts()
    before = kept.find(participant.id)
    by, at = current_staff().actor, clock.now()
    came_back = bounces.find_standing(session(), participant.id)
    kept.keep(
        session(),
        participant.id,
        email=email or before.email,
        telephone=telephone or before.telephone,
        by=by,
        at=at,
    )
    if came_back and bounces.find_standing(session(), participant.id) is None:
        openings.send_held_back(session(), participant, by=by, at=at)


def _page(participant: Participant, shown: Reachable | None = None, *, is_unreadable: bool = False) -> str:
    kept, at = open_contacts(), clock.now()
    place = studies.for_site(session(), participant.site_id)
    known, last = kept.known(participant.id), contact_tests.find_last(session(), participant.id)
    bounced = bounces.find_standing(session(), participant.id)
    return render_template(
        "clinic/contact.html",
        participant=participant,
        zone=place.site.zone,
        by_text=reaches.is_by_text(place, kept, participant.id, mails_come_back=bounced is not None),
        can_keep=kept.can_keep,
        known=known,
        shown=shown,
        is_unreadable=is_unreadable,
        test=last,
        bounced=bounced,
        refusal=contact_tests.refusal(participant, last, has_address=known.email, at=at),
        again_at=last.asked_at + contact_tests.APART if last else at,
    )


def _form(participant: Participant, typed: dict[str, str], faults: dict[str, str]) -> str:
    known = open_contacts().known(participant.id)
    return render_template(
        "clinic/contact_change.html", participant=participant, known=known, typed=typed, codes=faults
    )


def _back(participant: Participant) -> ResponseReturnValue:
    return redirect(url_for(".show", participant_id=participant.id), 303)
