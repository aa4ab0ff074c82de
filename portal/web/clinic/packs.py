"""The pack of paper for a day: what it will hold, the pack in one step, and that it was printed, which she says."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID, uuid4

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.adapters import pack_making
from portal.adapters.pack_making import PackFailedError, PackHungError
from portal.adapters.pack_orders import OrderInMaking, Wish
from portal.config import Settings
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import appointments, audit, made_packs, packs, studies
from portal.services.contacts import Contacts
from portal.services.made_packs import Made, MadePack
from portal.services.packs import KeptDocument, PackVisit
from portal.services.studies import StudyAtSite
from portal.web.access import allow
from portal.web.attachments import attach
from portal.web.languages import current_language
from portal.web.principals import current_staff
from portal.web.stores import contact_session, recording, release, session, snapshot

bp = Blueprint("packs", __name__, url_prefix="/clinic/packs")


@dataclass(frozen=True)
class Day:
    """One day of one of her sites: the visits, the documents that are there, and the packs made by now."""

    place: StudyAtSite
    places: tuple[StudyAtSite, ...]
    on: date
    today: date
    visits: tuple[PackVisit, ...]
    kept: dict[UUID, KeptDocument]
    made: tuple[MadePack, ...]
    pack_id: UUID
    fault: str = ""
    typed: Mapping[UUID, str] = field(default_factory=dict)
    wrong: frozenset[UUID] = frozenset()

    @property
    def printable(self) -> int:
        """How many visits there is paper for."""
        return sum(bool(visit.has_summary or visit.has_slip or visit.blanks) for visit in self.visits)

    @property
    def has_slip(self) -> bool:
        """Whether somebody is to be rung."""
        return any(visit.has_slip for visit in self.visits)

    @property
    def awaited(self) -> tuple[PackVisit, ...]:
        """The visits whose summary has no document yet."""
        with_one = [visit for visit in self.visits if visit.has_summary and visit.summary]
        return tuple(visit for visit in with_one if visit.summary and visit.summary.summary_id not in self.kept)


@bp.get("")
@allow(Role.NURSE)
def show() -> ResponseReturnValue:
    """Show what the pack for `?day=` at `?site=` will hold; what makes no sense means today, and her first site."""
    wanted = request.args.get("site", type=UUID)
    places = _places()
    place = next((each for each in places if each.site_id == wanted), places[0])
    return _page(_day(place, places, _read_day(request.args.get("day", "")) or place.today(clock.now())))


@bp.post("/make")
@allow(Role.NURSE)
def make() -> ResponseReturnValue:
    """Make the pack and hand it over; what was in it, at which edition, is in the trail before it leaves."""
    places, at = _places(), clock.now()
    place = next((each for each in places if each.site_id == request.form.get("site", type=UUID)), None)
    if place is None:
        abort(404)
    on = _read_day(request.form.get("day", ""))
    if on is None:
        return _page(replace(_day(place, places, place.today(at)), fault="day"), 422)
    day = _day(place, places, on)
    if not day.printable:
        return _page(replace(day, fault="nothing"), 422)
    wish = _wish(on, at, _telephones(day, at) if request.form.get("telephones") else {})
    release()
    pack_id = request.form.get("pack", type=UUID) or day.pack_id
    out = TemporaryFile()  # noqa: SIM115 - the answer closes it, once it was sent
    try:
        with snapshot() as reading:
            visits = packs.list_day(reading, place, on)
            making = OrderInMaking(reading, place, visits, wish)
            pages = pack_making.make(out, making.order, making.documents())
        made = Made(pack_id, place.site_id, on, _sha256(out), pages, current_language())
        with recording() as unit:
            made_packs.note_made(unit, made, visits, making.kept, by=current_staff().actor, at=at)
    except PackFailedError as error:
        out.close()
        current_app.logger.error("%s", error)
        fault = "hung" if isinstance(error, PackHungError) else "failed"
        return _page(replace(_day(place, places, on), fault=fault), 503)
    except BaseException:
        out.close()
        raise
    return attach(out, "application/pdf", f"PREVISIT_pack_{place.site.code}_{on}.pdf")


@bp.post("/hours")
@allow(Role.NURSE)
def keep_hours() -> ResponseReturnValue:
    """Keep the hours of the day's visits; one that is none is named at its field, and nothing typed is lost."""
    places, on = _places(), _read_day(request.form.get("day", ""))
    place = next((each for each in places if each.site_id == request.form.get("site", type=UUID)), None)
    if place is None or on is None:
        abort(404)
    day = _day(place, places, on)
    typed = {visit.visit_id: request.form.get(f"hour-{visit.visit_id}", "").strip() for visit in day.visits}
    hours = {visit_id: _read_hour(text) for visit_id, text in typed.items()}
    wrong = frozenset(visit_id for visit_id, text in typed.items() if text and hours[visit_id] is None)
    if wrong:
        return _page(replace(day, fault="hour", typed=typed, wrong=wrong), 422)
    appointments.set_hours(session(), hours, by=current_staff().actor, at=clock.now())
    return redirect(url_for(".show", day=on, site=place.site_id), 303)


@bp.post("/printed")
@allow(Role.NURSE)
def printed() -> ResponseReturnValue:
    """Note that she printed a pack; one that was not made at her sites is not there."""
    nurse, pack_id = current_staff(), request.form.get("pack", type=UUID)
    try:
        site_id, on = made_packs.note_printed(
            session(), nurse.sites_as(Role.NURSE), pack_id or uuid4(), by=nurse.actor, at=clock.now()
        )
    except made_packs.PackNotFoundError:
        return _not_made()
    return redirect(url_for(".show", day=on, site=site_id), 303)


def _not_made() -> ResponseReturnValue:
    """Say kindly that there is no such pack yet: the button stands beside the one that makes it."""
    places = _places()
    place = next((each for each in places if each.site_id == request.form.get("site", type=UUID)), places[0])
    day = _day(place, places, _read_day(request.form.get("day", "")) or place.today(clock.now()))
    return _page(replace(day, fault="not-made"), 422)


def _day(place: StudyAtSite, places: tuple[StudyAtSite, ...], on: date) -> Day:
    visits = packs.list_day(session(), place, on)
    ids = [visit.summary.summary_id for visit in visits if visit.summary and visit.has_summary]
    kept = packs.find_documents(session(), ids, current_language())
    made = tuple(made_packs.list_made(session(), place.site_id, on))
    return Day(place, places, on, place.today(clock.now()), visits, kept, made, uuid4())


def _telephones(day: Day, at: datetime) -> dict[UUID, str]:
    """Read the numbers of those who are to be rung, by participant; that each was read is recorded."""
    settings: Settings = current_app.extensions["settings"]
    contacts = Contacts(contact_session(), settings.contact_key)
    ids = [visit.participant_id for visit in day.visits if visit.has_slip]
    found = {each: number for each in ids if (number := contacts.find(each).telephone)}
    events = [
        audit.Event(
            deed=Deed.CONTACT_READ, subject_kind="contact", subject_id=each, participant_id=each, field="telephone"
        )
        for each in found
    ]
    audit.record(session(), *events, by=current_staff().actor, at=at)
    return found


def _wish(on: date, at: datetime, telephones: dict[UUID, str]) -> Wish:
    settings: Settings = current_app.extensions["settings"]
    return Wish(
        language=current_language(),
        base_url=settings.base_url.rstrip("/"),
        made_by=current_staff().name,
        at=at,
        on=on,
        both_sides=request.form.get("sides") == "both",
        telephones=telephones,
    )


def _places() -> tuple[StudyAtSite, ...]:
    site_ids = current_staff().sites_as(Role.NURSE)
    return tuple(studies.some_sites(session(), site_ids))


def _sha256(out: BinaryIO) -> str:
    out.seek(0)
    return hashlib.file_digest(out, "sha256").hexdigest()  # type: ignore[arg-type] # every file in binary mode has readinto


def _read_hour(text: str) -> time | None:
    hour, _colon, minute = text.replace("h", ":").partition(":")
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        return None


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _page(day: Day, status: int = 200) -> ResponseReturnValue:
    return render_template("clinic/packs.html", day=day), status
