"""Templates in a named language with no request at hand: for mails, PDFs and the command line."""

from functools import cache, partial

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal.adapters.formats import FILTERS, data_uri
from portal.resources import templates_folder, translations_folder


@cache
def environment(language: str) -> Environment:
    """Give the template environment whose words, numbers and dates are in `language` ("fr" or "en")."""
    made = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=select_autoescape(["html"], default_for_string=True, default=False),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(Translations.load(translations_folder(), [language]), newstyle=True)  # type: ignore[attr-defined] # the i18n extension adds it
    made.filters["data_uri"] = data_uri
    for name, function in FILTERS.items():
        made.filters[name] = partial(function, locale=language)
    made.globals["language"] = language
    return made
