"""Styles and scripts as they travel: joined, minified and compressed once, for a phone to keep for ever.

The files in `static/` are what people read and change. What is sent is made from them when it is first asked for, and
stays in memory; its address carries a digest of its content, so that a change is a new address.
"""

import gzip
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import brotli  # type: ignore[import-untyped] # ships no types
import rcssmin  # type: ignore[import-untyped] # ships no types
import rjsmin  # type: ignore[import-untyped] # ships no types
from flask import Flask, Response, abort, request, url_for

from portal.web.access import public

BUNDLES = {
    "page.css": (
        "tokens.css",
        "page.css",
        "lists.css",
        "contact.css",
        "enrol_many.css",
        "reading.css",
        "paper.css",
        "correcting.css",
        "keying.css",
        "interview.css",
        "notices.css",
        "promises.css",
        "choose_file.css",
        "on_paper.css",
        "on_phone.css",
        "large_text.css",
    ),
    "patient.css": ("tokens.css", "patient.css"),
    "questionnaire.js": ("questions.js", "questionnaire.js"),
    "scales.js": ("questions.js", "line.js", "questionnaire.js"),
    "later.js": ("outbox.js", "store.js", "phone.js"),
}
"""What a page asks for in one request, and the files that it is joined from, in their order."""

_STAFFS_ONLY = {
    "choose_file.css",
    "contact.css",
    "correcting.css",
    "enrol_many.css",
    "interview.css",
    "keying.css",
    "keying.js",
    "large_text.css",
    "lists.css",
    "notices.css",
    "on_paper.css",
    "on_phone.css",
    "page.css",
    "paper.css",
    "print.css",
    "print.js",
    "progress.css",
    "promises.css",
    "reading.css",
    "reading.js",
    "summary.css",
}
_KINDS = {
    ".css": "text/css",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_MINIFIERS: dict[str, Callable[[str], str]] = {".css": rcssmin.cssmin, ".js": rjsmin.jsmin}
_COMPRESSED_ALREADY = {".ico", ".png"}
_CODINGS: dict[str, Callable[[bytes], bytes]] = {  # the better one first
    "br": lambda body: brotli.compress(body, quality=11, lgwin=18),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}
FOLDER = Path(__file__).parent / "static"
_FOR_EVER = "max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Serve what stands in `static/`, and add `asset(name)` to templates."""
    app.add_url_rule("/static/<name>", "static", _serve)
    app.jinja_env.globals["asset"] = _address


@cache
def names() -> frozenset[str]:
    """Give every file and bundle that can be asked for."""
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in _KINDS) | frozenset(BUNDLES)


@cache
def minified(name: str) -> bytes:
    """Give a file or a bundle as it travels, before it is compressed; KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    suffix = Path(name).suffix
    bodies = [(FOLDER / part).read_bytes() for part in BUNDLES.get(name, (name,))]
    minify = _MINIFIERS.get(suffix)
    between = b";" if suffix == ".js" else b""
    return between.join(minify(body.decode()).encode() if minify else body for body in bodies)


@cache
def digest(name: str) -> str:
    """Give what the address of a file or bundle ends with: ten letters of its content's hash."""
    return hashlib.sha256(minified(name)).hexdigest()[:10]


@cache
def version() -> str:
    """Give one digest over all that a patient's pages load: another one as soon as any of it is another."""
    every = "".join(digest(name) for name in sorted(names() - _STAFFS_ONLY))
    return hashlib.sha256(every.encode()).hexdigest()[:10]


def _address(name: str) -> str:
    return url_for("static", name=name, v=digest(name))


@public("styles, scripts and icons, the same for everyone")
def _serve(name: str) -> Response:
    if name not in names():
        abort(404)
    suffix = Path(name).suffix
    coding = None if suffix in _COMPRESSED_ALREADY else request.accept_encodings.best_match(_CODINGS)
    # No charset: it is that of the page. Every byte here is one before the first question.
    response = Response(_compressed(name, coding) if coding else minified(name), content_type=_KINDS[suffix])
    response.vary.add("Accept-Encoding")
    if coding:
        response.headers["Content-Encoding"] = coding
    # Another version than ours, from a page that another node has made, must not stay under that address.
    is_ours = request.args.get("v") == digest(name)
    response.headers["Cache-Control"] = _FOR_EVER if is_ours else "no-cache"
    return response


@cache
def _compressed(name: str, coding: str) -> bytes:
    return _CODINGS[coding](minified(name))
