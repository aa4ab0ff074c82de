"""The demonstration wordings that come with each instrument: the project's own words, for showing and testing only."""

import tomllib
from functools import cache
from importlib.resources import files

from portal.domain import instruments
from portal.domain.instruments.wording import Wording


class NoWording(LookupError):
    """An instrument has no demonstration wording in a language; it is then not available in that language."""


def _folder(code: str) -> str:
    return f"portal.domain.instruments.{instruments.get(code).code.lower()}"


@cache
def languages(code: str) -> tuple[str, ...]:
    """List the languages of an instrument's demonstration wordings, sorted."""
    folder = files(_folder(code)) / "wordings"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def demonstration(code: str, language: str) -> Wording:
    """Give an instrument's demonstration wording in a language; raises NoWording."""
    if language not in languages(code):
        raise NoWording(f"{code} has no demonstration wording in {language!r}; it has {', '.join(languages(code))}")
    text = (files(_folder(code)) / "wordings" / f"{language}.toml").read_text(encoding="utf-8")
    return Wording.from_mapping(instruments.get(code), tomllib.loads(text))
