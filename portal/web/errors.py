"""What a person reads when something cannot be done: what is wrong, and what to do now."""

from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES


class Portal(Flask):
    """The application; what goes wrong in it is logged without a word of what it went wrong with."""

    def log_exception(self, exc_info: Any) -> None:
        """Log the kind of what no view raised (a commit that failed); Flask's own line has the address and the text."""
        _log(exc_info[1])


def init_app(app: Flask) -> None:
    """Answer every error with a page, or with JSON where a program asks."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    return _answer(
        400, _("This page was open for a long time"), _("Go back, load the page again and repeat the last step.")
    )


def _http_error(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < HTTPStatus.BAD_REQUEST:
        return error  # a redirect is no error
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unforeseen(error)
    return _answer(code, *_words(code))


def _words(code: int) -> tuple[str, str]:
    """Give what is wrong, and what to do, for an error on the person's side."""
    words = {
        401: (_("You are not signed in any more"), _("Open your link or sign in again.")),
        403: (_("This page is not open to you"), _("Ask the person who gave you access.")),
        404: (_("There is nothing at this address"), _("Check the address, or open your link again.")),
        413: (_("That was too much at once"), _("Send less at once: a smaller file, or several steps.")),
        429: (_("Too many tries"), _("Wait a quarter of an hour, then try again.")),
    }
    words[405] = words[410] = words[404]
    other = (_("This could not be understood"), _("Go back, load the page again and repeat the last step."))
    return words.get(code, other)


def _unforeseen(error: Exception) -> ResponseReturnValue:
    _log(error)
    if current_app.testing or current_app.debug:
        raise error
    return _answer(
        500, _("Something went wrong on our side"), _("Nothing that was saved is lost. Try again in a minute.")
    )


def _log(error: BaseException | None) -> None:
    # The exception's text may quote data, and an address a token; only kind and place go to the log.
    current_app.logger.error("%s %s failed: %s", request.method, request.endpoint, type(error).__name__)


def _answer(code: int, title: str, advice: str) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        name = HTTP_STATUS_CODES[code].lower().replace(" ", "-")  # the standard library's names change with its version
        return jsonify(error=name, message=f"{title}. {advice}"), code
    return render_template("anyone/error.html", title=title, advice=advice), code
