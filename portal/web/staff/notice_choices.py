"""Who is told: which of a site's people are sent the notice of the day and the digest of the week."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.db.notice import Notice, NoticeKind
from portal.services import notice_choices, studies, troubled_notices
from portal.services.notice_choices import READERS, Colleague
from portal.services.studies import StudyAtSite
from portal.web.access import allow
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("notice_choices", __name__, url_prefix="/staff/notices")


@dataclass(frozen=True)
class SitesNotices:
    """A site with everybody who may be told, who is told of the day as things stand, whose last mail went astray."""

    place: StudyAtSite
    colleagues: list[Colleague]
    told_daily: list[str]
    troubled: dict[UUID, Notice]

    @property
    def is_chosen(self) -> bool:
        """Whether anybody was ticked for the notice of the day."""
        return any(NoticeKind.DAILY in each.chosen for each in self.colleagues)


@bp.get("")
@allow(*READERS)
def show() -> ResponseReturnValue:
    """Show, for each of the person's sites, who is told; `?kept=` names the site whose choice was just kept."""
    site_ids = current_staff().sites_as(*READERS)
    sites = [_notices_of(place) for place in studies.some_sites(session(), site_ids)]
    return render_template("staff/notices.html", sites=sites, kept=request.args.get("kept", ""))


@bp.post("/<uuid:site_id>")
@allow(*READERS)
def keep(site_id: UUID) -> ResponseReturnValue:
    """Keep who is ticked at one of the person's sites; another site's is not there."""
    if site_id not in current_staff().sites_as(*READERS):
        abort(404)
    ticked = {(each, kind) for kind in NoticeKind for each in request.form.getlist(kind.value, type=UUID)}
    notice_choices.choose(session(), site_id, ticked, by=current_staff().actor, at=clock.now())
    code = studies.for_site(session(), site_id).site.code
    return redirect(url_for(".show", kept=code, _anchor=f"site-{code}"), 303)


def _notices_of(place: StudyAtSite) -> SitesNotices:
    told = notice_choices.recipients(session(), place.site_id, NoticeKind.DAILY)
    colleagues = notice_choices.list_colleagues(session(), place.site_id)
    troubled = troubled_notices.last_of(session(), place.site_id, today=place.today(clock.now()))
    return SitesNotices(place, colleagues, [each.name for each in told], troubled)
