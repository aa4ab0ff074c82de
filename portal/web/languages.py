"""Which language the page speaks: what the person chose, else what the browser asks for, French first."""

from collections.abc import Callable
from functools import cache
from typing import Any

from babel.support import Translations
from flask import Flask, request, session
from flask_babel import Babel, get_locale

from portal.adapters.formats import FILTERS, data_uri
from portal.domain.study import LANGUAGES
from portal.resources import translations_folder


def init_app(app: Flask) -> None:
    """Give templates their words, and the filters of portal.adapters.formats in the reader's language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations_folder())
    Babel(app, locale_selector=current_language)
    # Flask-Babel looks for the catalog anew for each message, of which a page of staff has a thousand.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the i18n extension's own
        gettext=lambda message: _catalog(_language()).ugettext(message),
        ngettext=lambda one, many, number: _catalog(_language()).ungettext(one, many, number),
        pgettext=lambda context, message: _catalog(_language()).upgettext(context, message),
        npgettext=lambda context, one, many, number: _catalog(_language()).unpgettext(context, one, many, number),
        newstyle=True,
    )
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


def _language() -> str:
    """Give the language of this page, which Flask-Babel keeps for the request; also where another was forced."""
    locale = get_locale()
    return locale.language if locale else LANGUAGES[0]


@cache
def _catalog(language: str) -> Any:
    return Translations.load(str(translations_folder()), [language])


def _in_readers_language(function: Callable[..., str]) -> Callable[..., str]:
    def filtered(*values: Any, **named: Any) -> str:
        return function(*values, **named, locale=_language())

    return filtered
