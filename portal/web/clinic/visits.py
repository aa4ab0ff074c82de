"""The nurse's list of visits: who has answered, who has not, and what to do next."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.adapters.public_holidays import is_public_holiday
from portal.domain.roles import Role
from portal.services import visit_lists
from portal.services.visit_lists import Period
from portal.web.access import allow
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("clinic", __name__, url_prefix="/clinic")


@bp.get("/")
@allow(Role.NURSE)
def visits() -> ResponseReturnValue:
    """List the visits of her sites; `?period=` and `?page=` that make no sense mean the first."""
    wanted = request.args.get("period", "")
    listed = visit_lists.list_visits(
        session(),
        current_staff().sites_as(Role.NURSE),
        period=Period(wanted) if wanted in list(Period) else Period.COMING,
        page=max(1, request.args.get("page", 1, int)),
        is_public_holiday=is_public_holiday,
        at=clock.now(),
    )
    return render_template("clinic/visits.html", listed=listed)
