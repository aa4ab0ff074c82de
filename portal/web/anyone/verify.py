"""Checks a page by its digits or a file by its bytes: current, superseded, or not ours; no score, no patient."""

import hashlib

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.summary import DIGEST_DIGITS
from portal.services import verifying
from portal.services.verifying import SHA256_DIGITS
from portal.web import stores
from portal.web.access import public

bp = Blueprint("verify", __name__)

LARGEST = 500_000
"""How many bytes a file may have: a summary has some forty thousand, and anyone may send one."""
_PIECE = 64 * 1024


@bp.get("/verify")
@public("it shows a form, and then only whether a page is current")
def ask() -> ResponseReturnValue:
    """Ask for the digits on the page; with digits, go to the answer."""
    digest = "".join(request.args.get("digest", "").split()).lower()
    if digest:
        return redirect(url_for(".show", digest=digest[:SHA256_DIGITS]), 303)
    return _page()


@bp.post("/verify")
@public("whoever holds the file knows more than this says; only its hash is reckoned, and nothing of it is kept")
def ask_for_file() -> ResponseReturnValue:
    """Take a file, reckon its hash, and go to the answer for that."""
    sent = request.files.get("file")
    if not sent or not sent.filename:
        return _page(fault="missing"), 422
    digest, size = hashlib.sha256(), 0
    while piece := sent.stream.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    if not 0 < size <= LARGEST:
        return _page(fault="size"), 422
    return redirect(url_for(".show", digest=digest.hexdigest()), 303)


@bp.get("/verify/<digest>")
@public("whoever holds the page knows more than this says: current, superseded, or not ours")
def show(digest: str) -> ResponseReturnValue:
    """Say whether the page with these digits, or the file with this hash, is current, superseded, or not ours."""
    found = verifying.find(stores.session(), digest.lower())
    return _page(digest=digest[:SHA256_DIGITS], found=found), 200 if found else 404


def _page(*, digest: str | None = None, found: verifying.Checked | None = None, fault: str = "") -> str:
    is_file = digest is not None and len(digest) == SHA256_DIGITS
    return render_template(
        "anyone/verify.html",
        digest=digest,
        shown=f"{digest[:DIGEST_DIGITS]}…" if digest and is_file else digest,
        is_file=is_file,
        digits=DIGEST_DIGITS,
        most=SHA256_DIGITS,
        found=found,
        fault=fault,
    )
