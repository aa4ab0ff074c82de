"""What the phone is compared with: a census runner that sends 548 KB first, and a page for each answer.

Sizes only: what it sends is as long as the real thing and cannot be compressed, but costs nothing to read, so that it
does rather better than one would.
"""

import base64
import secrets

from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue

APPLICATION = "benchmarks.census:create_app()"
QUESTIONS = 5

_KB = 1000
_SIZES = {"style.css": 120 * _KB, "page.js": 300 * _KB, "text.woff2": 60 * _KB, "strong.woff2": 60 * _KB}
_PAGE = 8 * _KB  # with those above: 548 KB
_KINDS = {"css": "text/css", "js": "text/javascript", "woff2": "font/woff2"}
_STYLE = """
@font-face { font-family: text; src: url(/static/text.woff2); font-display: swap; }
@font-face { font-family: strong; src: url(/static/strong.woff2); font-display: swap; }
body { font-family: text; } h1 { font-family: strong; } label, button { display: block; padding: 20px; }
"""


def create_app() -> Flask:
    """Make the runner: each question is a page, each answer a POST that leads to the next by a redirect."""
    app = Flask(__name__, static_folder=None)
    static = {name: _static(name, size) for name, size in _SIZES.items()}

    @app.get("/static/<name>")
    def part(name: str) -> ResponseReturnValue:
        response = Response(static[name], content_type=_KINDS[name.rpartition(".")[2]])
        response.headers["Cache-Control"] = "max-age=31536000, immutable"
        return response

    @app.get("/<int:number>")
    def ask(number: int) -> ResponseReturnValue:
        return _page(number)

    @app.post("/<int:number>")
    def keep(number: int) -> ResponseReturnValue:
        assert "answer" in request.form
        return redirect(f"/{number + 1}", 303)

    return app


def _static(name: str, size: int) -> bytes:
    if name.endswith(".woff2"):
        return secrets.token_bytes(size)
    style = _STYLE if name.endswith(".css") else ""
    return f"{style}/*{_filling(size - len(style) - 4)}*/".encode()


def _page(number: int) -> str:
    options = "".join(
        f'<label><input type="radio" name="answer" value="{each}" required> Answer {each}</label>' for each in range(4)
    )
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>Question {number}</title><link rel="stylesheet" href="/static/style.css">'
        '<script src="/static/page.js" defer></script></head><body>'
        f'<form method="post" class="q here" data-type="choice" data-code="{number}"><h1>Question {number}</h1>'
        f'<div class="card">{options}</div><button id="next">Next</button></form></body></html>'
    )
    return f"{page}<!--{_filling(_PAGE - len(page) - 7)}-->"


def _filling(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()[:size]
