"""The nurse's list of visits: who has answered, who has not, and what to do next."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.adapters.public_holidays import is_public_holiday
from portal.domain.roles import Role
from portal.services import promises, pulse, visit_lists
from portal.services.visit_choice import Choice
from portal.web import list_choices
from portal.web.access import allow
from portal.web.principals import current_staff
from portal.web.stores import session

bp = Blueprint("clinic", __name__, url_prefix="/clinic")


@bp.get("/")
@allow(Role.NURSE)
def visits() -> ResponseReturnValue:
    """List the visits of her sites that her address asks for; 422 where what she typed as a day is none."""
    site_ids, at = current_staff().sites_as(Role.NURSE), clock.now()
    choice, asked = list_choices.visits(site_ids)
    listed = visit_lists.list_visits(
        session(),
        site_ids,
        choice=choice,
        page=list_choices.page(),
        size=visit_lists.WHOLE if list_choices.is_whole() else None,
        is_public_holiday=is_public_holiday,
        at=at,
    )
    # All that press stand above her home; any other list tells of those in its rows.
    is_home = listed.page == 1 and choice == Choice()
    among = None if is_home else [row.visit_id for row in listed.rows]
    pressing = promises.pressing(session(), site_ids, among=among, is_public_holiday=is_public_holiday, at=at)
    by_visit = {row.visit_id: row.promise for row in pressing}
    page = render_template(
        "clinic/visits.html",
        listed=listed,
        asked=asked,
        pressing=by_visit,
        is_home=is_home,
        pulse=pulse.feel(session(), at=at),
    )
    return page, asked.status
