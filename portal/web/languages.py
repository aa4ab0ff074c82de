"""Which language the page speaks: what the person chose, else what the browser asks for, French first."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request, session
from flask_babel import Babel, get_locale

from portal.adapters.formats import FILTERS, data_uri
from portal.domain.study import LANGUAGES
from portal.resources import translations_folder


def init_app(app: Flask) -> None:
    """Give templates their words, and the filters of portal.adapters.formats in the reader's language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations_folder())
    Babel(app, locale_selector=current_language)
    app.jinja_env.filters["data_uri"] = data_uri
    for name, function in FILTERS.items():
        app.jinja_env.filters[name] = _in_readers_language(function)
    app.jinja_env.globals.update(languages=LANGUAGES)
    app.context_processor(lambda: {"language": str(get_locale())})


def current_language() -> str:
    """Give "fr" or "en"."""
    chosen: str | None = session.get("language")
    return chosen or request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def choose(language: str) -> None:
    """Keep the person's choice for as long as the session lasts; anything but a known language is ignored."""
    if language in LANGUAGES:
        session["language"] = language


def _in_readers_language(function: Callable[..., str]) -> Callable[..., str]:
    def filtered(*values: Any, **named: Any) -> str:
        return function(*values, **named, locale=current_language())

    return filtered
