"""A fresh link: asked for at the door by whoever stands before it, in the same words whether or not anyone is there."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.services import fresh_links
from portal.web import stores
from portal.web.access import public
from portal.web.patient import phone

bp = Blueprint("fresh_link", __name__, url_prefix="/door/fresh-link")


@bp.post("")
@public("an old link offers a fresh one; it goes to the address on file only, and nobody learns whether there is one")
def ask() -> ResponseReturnValue:
    """Note the wish; the worker finds out whose door it is."""
    door_id = phone.waiting_at()
    if door_id is None:
        return redirect(url_for("door.code"), 303)
    fresh_links.ask(stores.session(), door_id, at=clock.now())
    return redirect(url_for(".asked"), 303)


@bp.get("")
@public("it says the same to everyone")
def asked() -> ResponseReturnValue:
    """Say what happens now, in words that hold for every door."""
    return render_template("patient/fresh_link.html")
