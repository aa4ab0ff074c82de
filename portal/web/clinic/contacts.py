"""How a participant is reached: what is kept, tested while she is there, changed, or forgotten."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.message import Channel
from portal.db.participant import Participant
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.domain.study import ChannelRule
from portal.services import audit, bounces, contact_tests, openings, reaches, studies
from portal.services.contact_tests import ContactTest, Refusal
from portal.services.contacts import ContactUnreadableError
from portal.services.reach_choice import Reachable
from portal.web.access import allow, records
from portal.web.clinic import contact_fields
from portal.web.clinic.participants import get
from portal.web.contact_store import open_contacts
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("contacts", __name__, url_prefix="/clinic/participants/<uuid:participant_id>/contact")


@dataclass(frozen=True)
class Tested:
    """What can be tested by one channel: its last test, and why none may be sent now; `again_at`: the next one."""

    channel: Channel
    has_address: bool
    last: ContactTest | None
    refusal: Refusal | None
    again_at: datetime


_SOON, _LATER = 3, 15  # seconds until the page of a test asks again: as it leaves, and as it waits for the mail server


@bp.get("")
@allow(Role.NURSE)
def show(participant_id: UUID) -> ResponseReturnValue:
    """Say that something is kept, not what, and where a test stands; while it is under way the page asks by itself."""
    participant = get(participant_id)
    response = make_response(_page(participant))
    waits = [
        _LATER if each.last.message.reason else _SOON
        for each in _tested(participant)
        if each.last and each.last.is_under_way
    ]
    if waits:
        response.headers["Refresh"] = str(min(waits))
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
    """Have a test sent by mail or as a text message (`by`); the page then says what became of it, or why none may."""
    participant, by = get(participant_id), request.form.get("by", Channel.MAIL.value)
    tested = next((each for each in _tested(participant) if each.channel.value == by), None)
    if tested:
        contact_tests.send(
            session(),
            participant,
            tested.channel,
            has_address=tested.has_address,
            by=current_staff().actor,
            at=clock.now(),
        )
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
    kept = open_contacts()
    return render_template(
        "clinic/contact.html",
        participant=participant,
        zone=studies.for_site(session(), participant.site_id).site.zone,
        can_keep=kept.can_keep,
        known=kept.known(participant.id),
        shown=shown,
        is_unreadable=is_unreadable,
        tested=_tested(participant),
        bounced=bounces.find_standing(session(), participant.id),
    )


def _tested(participant: Participant) -> list[Tested]:
    """Give what can be tested: the address, the mobile number, or both, as the study writes to this patient."""
    place, kept, at = studies.for_site(session(), participant.site_id), open_contacts(), clock.now()
    rule, has_email = place.definition.messages.channel, kept.known(participant.id).email
    has_mobile = reaches.has_mobile(place, kept, participant.id)
    by_mail = rule is not ChannelRule.SMS and (has_email or not has_mobile)
    asked = {Channel.MAIL: has_email} if by_mail else {}
    if has_mobile or rule is ChannelRule.SMS:
        asked |= {Channel.SMS: has_mobile}
    tested = []
    for channel, has_address in asked.items():
        last = contact_tests.find_last(session(), participant.id, channel)
        refusal = contact_tests.refusal(participant, last, has_address=has_address, at=at)
        again_at = last.asked_at + contact_tests.APART if last else at
        tested.append(Tested(channel, has_address, last, refusal, again_at))
    return tested


def _form(participant: Participant, typed: dict[str, str], faults: dict[str, str]) -> str:
    known = open_contacts().known(participant.id)
    return render_template(
        "clinic/contact_change.html", participant=participant, known=known, typed=typed, codes=faults
    )


def _back(participant: Participant) -> ResponseReturnValue:
    return redirect(url_for(".show", participant_id=participant.id), 303)
