"""Pausing, withdrawing and taking in again: each says what follows, and asks for the reason."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.participant import Participant
from portal.domain.roles import Role
from portal.domain.states import ParticipantStatus, WithdrawalExtent
from portal.services import enrolment, studies, withdrawing
from portal.services.withdrawing import ReasonMissingError, StateRefusedError
from portal.web.access import allow
from portal.web.clinic.participants import get
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("withdrawing", __name__, url_prefix="/clinic/participants/<uuid:participant_id>")

LONGEST_REASON = 500  # characters


@bp.get("/pause")
@allow(Role.NURSE)
def ask_pause(participant_id: UUID) -> ResponseReturnValue:
    """Say what a pause means, and ask for its reason."""
    return _page("pause", get(participant_id))


@bp.post("/pause")
@allow(Role.NURSE)
def pause(participant_id: UUID) -> ResponseReturnValue:
    """Pause."""
    return _change("pause", get(participant_id), withdrawing.pause)


@bp.get("/take-in-again")
@allow(Role.NURSE)
def ask_reinclude(participant_id: UUID) -> ResponseReturnValue:
    """Say what taking in again means, and ask for its reason."""
    return _page("reinclude", get(participant_id))


@bp.post("/take-in-again")
@allow(Role.NURSE)
def reinclude(participant_id: UUID) -> ResponseReturnValue:
    """Take in again."""
    return _change("reinclude", get(participant_id), withdrawing.reinclude)


@bp.get("/withdraw")
@allow(Role.NURSE)
def ask_withdraw(participant_id: UUID) -> ResponseReturnValue:
    """Say what a withdrawal means, and ask for its day, its extent and its reason."""
    return _page("withdraw", get(participant_id))


@bp.post("/withdraw")
@allow(Role.NURSE)
def withdraw(participant_id: UUID) -> ResponseReturnValue:
    """Note the withdrawal, once."""
    participant = get(participant_id)
    today = studies.for_site(session(), participant.site_id).today(clock.now())
    typed = {name: request.form.get(name, "").strip() for name in ("on", "extent", "reason")}
    session().refresh(participant, with_for_update=True)
    if participant.status is ParticipantStatus.WITHDRAWN:
        return _back(participant)
    faults = [] if typed["reason"] else ["reason"]
    faults += [] if typed["extent"] in list(WithdrawalExtent) else ["extent"]
    try:
        on = date.fromisoformat(typed["on"])
    except ValueError:
        on = date.max
    if on > today:
        faults.append("on")
    if faults:
        return _page("withdraw", participant, typed, faults), 422
    enrolment.withdraw(
        session(),
        participant,
        on=on,
        reason=typed["reason"][:LONGEST_REASON],
        extent=WithdrawalExtent(typed["extent"]),
        by=current_staff().actor,
        at=clock.now(),
    )
    return _back(participant)


def _change(act: str, participant: Participant, deed: Callable[..., None]) -> ResponseReturnValue:
    """Do it for the reason given; a second press changes nothing."""
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    try:
        deed(session(), participant, reason=reason, by=current_staff().actor, at=clock.now())
    except ReasonMissingError:
        return _page(act, participant, {"reason": ""}, ["reason"]), 422
    except StateRefusedError:
        pass  # it is so already: her page shows it
    return _back(participant)


def _back(participant: Participant) -> ResponseReturnValue:
    return redirect(url_for("participants.show", participant_id=participant.id), 303)


def _page(
    act: str, participant: Participant, typed: dict[str, str] | None = None, faults: list[str] | None = None
) -> str:
    today = studies.for_site(session(), participant.site_id).today(clock.now())
    typed = {"on": today.isoformat(), "extent": "", "reason": ""} | (typed or {})
    return render_template("clinic/withdraw.html", act=act, participant=participant, typed=typed, faults=faults or [])
