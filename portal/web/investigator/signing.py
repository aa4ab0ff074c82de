"""Signing a summary, or all that were read: its meaning, and the code of the authenticator app once more."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import second_factor, signatures, signing_desk, studies, summary_life
from portal.services.signatures import AlreadySignedError, NotOpenedError, SupersededError
from portal.web.access import allow, records
from portal.web.investigator.summaries import AMONG, get, reading_page
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("signing", __name__, url_prefix="/investigator")


@dataclass(frozen=True)
class SignForm:
    """What was chosen, and what was wrong with it; the code is never given back, for it opens once.

    `chosen` None = nothing was sent yet, and all are ticked.
    """

    meaning: str = Meaning.SEEN
    chosen: frozenset[UUID] | None = None
    meaning_fault: str = ""
    code_fault: str = ""
    fault: str = ""


@bp.post("/summaries/<uuid:summary_id>/sign")
@allow(Role.INVESTIGATOR)
def sign(summary_id: UUID) -> ResponseReturnValue:
    """Sign one summary; signed already by this person: its page shows it."""
    summary = get(summary_id)
    form = _sign([summary])
    if form:
        return reading_page(summary, form), 422
    among = request.args.get("among", "")
    return redirect(url_for("investigator.show", summary_id=summary_id, among=among if among in AMONG else None), 303)


@bp.get("/sign")
@allow(Role.INVESTIGATOR)
@records
def sign_many() -> ResponseReturnValue:
    """List what waits: to be signed where this person has opened it, to be opened first where not."""
    return _many(SignForm())


@bp.post("/sign")
@allow(Role.INVESTIGATOR)
def sign_chosen() -> ResponseReturnValue:
    """Sign all that were ticked, or none."""
    chosen = list(dict.fromkeys(request.form.getlist("summary_id")))
    if not chosen:
        text = _("Tick at least one summary.")
        return _many(SignForm(request.form.get("meaning", ""), frozenset(), fault=text)), 422
    form = _sign([get(UUID(each)) for each in chosen if _is_id(each)])
    if form:
        return _many(form), 422
    return redirect(url_for(".sign_many", signed=len(chosen)), 303)


def _sign(chosen: Sequence[Summary]) -> SignForm | None:
    """Sign; gives what was wrong, or None when it is done."""
    meaning = request.form.get("meaning", "")
    ticked = frozenset(each.id for each in chosen)
    if meaning not in list(Meaning):
        return SignForm("", ticked, meaning_fault=_("Choose what you say by signing."))
    at = clock.now()
    try:
        signatures.sign(
            session(),
            chosen,
            Meaning(meaning),
            request.form.get("code", ""),
            by=current_staff().actor,
            at=at,
            code_at=clock.machine_now(),
        )
    except AlreadySignedError:
        text = _("You have signed one of these already. Nothing was signed now: look at the list again.")
        return SignForm(meaning, ticked, fault=text) if len(chosen) > 1 else None
    except SupersededError:
        return SignForm(
            meaning, ticked, fault=_("A newer edition has come. Nothing was signed: read the newer one first.")
        )
    except NotOpenedError:
        return SignForm(meaning, ticked, fault=_("Nothing was signed: you sign what you have opened. Read it first."))
    except second_factor.SignInRefusedError as refusal:
        return SignForm(meaning, ticked, code_fault=_why(refusal, at))
    return None


def _why(refusal: second_factor.SignInRefusedError, at: datetime) -> str:
    """Say what to do about a code that was not taken."""
    if isinstance(refusal, second_factor.SignInPausedError):
        minutes = math.ceil((refusal.until - at).total_seconds() / 60)
        text: str = ngettext(
            "Too many wrong codes. Wait one minute, then try again.",
            "Too many wrong codes. Wait %(num)s minutes, then try again.",
            minutes,
        )
        return text
    if isinstance(refusal, second_factor.CodeUsedError):
        return str(_("This code was used already, perhaps to sign in. Wait until your app shows the next one."))
    return str(_("This is not the code that your app shows now. Nothing was signed."))


def _many(form: SignForm) -> str:
    """Show the page of many; reading what stands out in the summaries is recorded."""
    sites = current_staff().sites_as(Role.INVESTIGATOR)
    at = clock.now()
    today = min((place.today(at) for place in studies.some_sites(session(), sites)), default=at.date())
    desk = signing_desk.desk_of(
        session(),
        sites,
        current_staff().id,
        today=today,
        language=current_language(),
        kept=form.chosen or (),
    )
    read = [row.summary_id for row in (*desk.opened, *desk.unopened)]
    summary_life.listed(session(), read, by=current_staff().actor, at=at)
    signed = request.args.get("signed", 0, int)
    return render_template("investigator/sign_many.html", desk=desk, form=form, signed=signed)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
