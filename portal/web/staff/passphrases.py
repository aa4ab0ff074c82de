"""The passphrase that opens the pages attached to a site's mails: set by its staff, shown once, before it is kept."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.domain.roles import Role
from portal.domain.study import SummaryMail
from portal.services import site_passphrases, studies
from portal.services.contacts import NoContactKeyError
from portal.services.site_passphrases import PassphraseRefusedError, SitePassphrases
from portal.services.studies import StudyAtSite
from portal.web.access import allow
from portal.web.contact_store import open_contacts
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("passphrases", __name__, url_prefix="/staff/passphrase")

_ROLES = (Role.NURSE, Role.INVESTIGATOR)


@dataclass(frozen=True)
class AttachingSite:
    """A site of the reader's whose study attaches pages, and whether it has a passphrase."""

    place: StudyAtSite
    is_set: bool


@bp.get("/<uuid:site_id>")
@allow(*_ROLES)
def show(site_id: UUID) -> ResponseReturnValue:
    """Say whether one is set, not which, and propose a new one."""
    return _page(_get(site_id), site_passphrases.propose())


@bp.post("/<uuid:site_id>")
@allow(*_ROLES)
def change(site_id: UUID) -> ResponseReturnValue:
    """Keep what stands in the field; it is not shown again."""
    place, typed = _get(site_id), request.form.get("passphrase", "").strip()
    try:
        _passphrases().keep(session(), place.site_id, typed, by=current_staff().actor, at=clock.now())
    except PassphraseRefusedError as refusal:
        return _page(place, typed, refusal.fault.value), 422
    except NoContactKeyError:
        return _page(place, typed, "no-key"), 422
    return redirect(url_for(".show", site_id=site_id), 303)


@bp.app_template_global("attaching_sites")
def attaching_sites() -> list[AttachingSite]:
    """Give the reader's sites whose study attaches pages to mails, for the lists of nurses and investigators."""
    places = studies.some_sites(session(), current_staff().sites_as(*_ROLES))
    attaching = [place for place in places if place.definition.summary.mail is SummaryMail.ATTACHED]
    kept = _passphrases() if attaching else None
    return [AttachingSite(place, kept.changed_at(place.site_id) is not None) for place in attaching if kept]


def _get(site_id: UUID) -> StudyAtSite:
    """Give one of the reader's own sites; another's is not there."""
    if site_id not in current_staff().sites_as(*_ROLES):
        abort(404)
    return studies.for_site(session(), site_id)


def _passphrases() -> SitePassphrases:
    return SitePassphrases(open_contacts())


def _page(place: StudyAtSite, typed: str, fault: str = "") -> str:
    return render_template(
        "staff/passphrase.html",
        place=place,
        is_attached=place.definition.summary.mail is SummaryMail.ATTACHED,
        can_keep=open_contacts().can_keep,
        changed_at=_passphrases().changed_at(place.site_id),
        typed=typed,
        fault=fault,
    )
