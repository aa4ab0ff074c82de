"""Checks a printed page by its digits: current, superseded, or not ours; no score and no patient on the screen."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.summary import DIGEST_DIGITS
from portal.services import summaries
from portal.web import stores
from portal.web.access import public

bp = Blueprint("verify", __name__)


@bp.get("/verify")
@public("it shows a form, and then only whether a page is current")
def ask() -> ResponseReturnValue:
    """Ask for the digits on the page; with digits, go to the answer."""
    digest = "".join(request.args.get("digest", "").split()).lower()
    if digest:
        return redirect(url_for(".show", digest=digest[:64]), 303)
    return render_template("anyone/verify.html", digest=None, digits=DIGEST_DIGITS)


@bp.get("/verify/<digest>")
@public("whoever holds the page knows more than this says: current, superseded, or not ours")
def show(digest: str) -> ResponseReturnValue:
    """Say whether the page with these digits is current, superseded, or not ours."""
    found = summaries.find_by_digest(stores.session(), digest.lower())
    page = render_template("anyone/verify.html", digest=digest[:64], digits=DIGEST_DIGITS, found=found)
    return page, 200 if found else 404
