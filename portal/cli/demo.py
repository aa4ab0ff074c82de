"""`portal demo`: the whole portal with invented people, in one folder, for trying it out."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.cli.demonstration import doors, play, processes
from portal.cli.demonstration.folder import SignIn, held, inventing, is_unfinished, open_folder, throw_away
from portal.cli.demonstration.staff import COLLEAGUES
from portal.cli.run import assert_free
from portal.cli.settings import Refused, unit_of_work
from portal.config import Settings
from portal.db.audit_event import AuditEvent
from portal.db.migrate import Store, upgrade
from portal.db.notice import NoticeKind
from portal.db.study import Study
from portal.domain import schedule
from portal.domain import study as protocol
from portal.domain.roles import Role
from portal.domain.study_file import from_toml
from portal.services import actor, notice_choices, staff, studies

_LATE_MORNING = time(11, 0)
"""Hour at which a moved clock starts: that day's summaries (07:00) and reminders (10:00) have then left."""

_FURTHEST = timedelta(days=3650)


@click.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path("data"), show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Move the clock to this day (11:00).")
@click.option("--reset", is_flag=True, help="Throw the folder's data away and start afresh.")
def demo(data: Path, port: int, at: datetime | None, reset: bool) -> None:
    """Start web, worker and mailbox with invented people, everything in one folder; again keeps the data.

    Example: portal demo --data data --port 8000 --at 2027-03-05
    """
    assert_free(processes.HOST, port)
    with held(data):
        settings = _prepare(data, port, at, reset=reset)
        _print_doors(settings)
        processes.serve(settings, port)


def _prepare(data: Path, port: int, at: datetime | None, *, reset: bool) -> Settings:
    if reset or is_unfinished(data):
        throw_away(data)
    folder = open_folder(data, port)
    settings = folder.settings
    for store, url in ((Store.CLINICAL, settings.database_url), (Store.CONTACT, settings.contact_database_url)):
        upgrade(url, store)
    settings = replace(settings, clock_shift=_shift(settings, at))
    clock.set_shift(settings.clock_shift)
    _fill(settings, folder.sign_ins)
    with unit_of_work(settings.database_url) as session:
        assert settings.demonstration
        doors.write(settings.demonstration, session, settings, folder.sign_ins, clock.now())
    return settings


def _shift(settings: Settings, at: datetime | None) -> timedelta:
    """Give by how much the clock is moved; it never goes back before what the demonstration has lived already."""
    with unit_of_work(settings.database_url) as session:
        lived = session.scalar(select(func.max(AuditEvent.at)))
    if at is None:
        return max(lived - clock.now(), timedelta(0)) if lived else timedelta(0)
    if abs(at.date() - clock.machine_now().date()) > _FURTHEST:
        raise Refused(f"--at {at.date()}: give a day within ten years of today")
    zone = ZoneInfo(_definition().time_zone)
    hour = at.time() if at.time() != time(0) else _LATE_MORNING
    wanted = schedule.local_instant(at.date(), hour, zone)
    if lived and wanted < lived:
        raise Refused(f"this demonstration has reached {lived.astimezone(zone):%Y-%m-%d %H:%M} already: add --reset")
    return wanted - clock.now()


def _fill(settings: Settings, sign_ins: dict[str, SignIn]) -> None:
    with unit_of_work(settings.database_url) as session:
        if session.scalar(select(Study.id)):
            _add_staff(session, sign_ins, clock.now())
            return
    with inventing(settings):
        with unit_of_work(settings.database_url) as session:
            at = clock.now() - timedelta(days=500)
            studies.load(session, _definition(), by=actor.SYSTEM, at=at)
            _add_staff(session, sign_ins, at)
            _tick_notices(session, at)
        play.past(settings, clock.now())


def _add_staff(session: Session, sign_ins: dict[str, SignIn], at: datetime) -> None:
    site_ids = {place.site.code: place.site_id for place in studies.list_sites(session)}
    known = {each.email for each in staff.list_all(session)}
    for each in COLLEAGUES:
        if each.email in known:
            continue  # only a folder that is older than a colleague lacks one
        person = staff.add(
            session,
            email=each.email,
            name=each.name,
            password=sign_ins[each.email].password,
            roles=[(site_ids[code], each.role) for code in each.sites],
            language=each.language,
            by=actor.SYSTEM,
            at=at,
        )
        person.totp_secret = sign_ins[each.email].totp_secret


def _tick_notices(session: Session, at: datetime) -> None:
    """Have each site's nurse wish for both of its notices."""
    for place in studies.list_sites(session):
        colleagues = notice_choices.list_colleagues(session, place.site_id)
        nurse_id = next(each.staff.id for each in colleagues if Role.NURSE in each.roles)
        ticked = [(nurse_id, kind) for kind in NoticeKind]
        notice_choices.choose(session, place.site_id, ticked, by=actor.staff(nurse_id), at=at)


def _definition() -> protocol.Study:
    """Give the demonstration study, which here also sends what a study may choose to send."""
    study = from_toml((files("portal.studies") / "demonstration.toml").read_bytes())
    return replace(
        study,
        messages=replace(study.messages, invitation=True),
        reminders=replace(study.reminders, last_call=1),
    )


def _print_doors(settings: Settings) -> None:
    assert settings.demonstration
    content = json.loads(settings.demonstration.read_text(encoding="utf-8"))
    today = clock.now().astimezone(ZoneInfo(_definition().time_zone))
    click.echo(f"\nPrevisit, demonstration. Its clock says {today:%Y-%m-%d %H:%M}.\n")
    click.echo(f"  Everything to try, on one page:  {settings.base_url}/demonstration\n")
    open_now = [each for each in content["participants"] if each["state"] in {"open", "started", "late"}]
    for each in open_now[:4]:
        about = f"patient {each['participant_number']} ({each['language']}, {each['state']})"
        click.echo(f"  {about:34} {each['link']}  code {each['code']}")
    for each in content["staff"]:
        click.echo(f"  {each['role']:12} site {each['site']:16} {each['email']}  password {each['password']}")
    click.echo(f"\n  TOTP secrets and all links: {settings.demonstration}\n  Stop with Ctrl-C.\n")
