"""Nothing that anyone can read or store has a word or a place for the treatment arm: who would ask, cannot be told."""

import re
import tomllib

import polib

from portal.db.contact import Contact
from portal.db.models import Base
from tests.house.sources import PORTAL, ROOT, name, templates

ARM = re.compile(
    r"""\b(
        placebo | verum | comparator | comparateur
      | (?:treatment|study|trial|active|control)[\s_-]+(?:arm|group)s? | arm_?(?:code|id|name)?
      | allocation | (?:un)?blind(?:ed|ing)? | randomi[sz](?:ed|ation) | allocated
      | bras\s+(?:de\s+traitement|actif|contrôle|témoin) | groupe\s+(?:de\s+traitement|placebo|témoin|contrôle)
      | randomis(?:é|ée|és|ées|ation) | (?:en|double|levée\s+d[eu])\s+(?:l’)?(?:aveugle|insu) | tirage\s+au\s+sort
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
LIMB = {"arm", "arms"}
"""The SHAQ asks of arms and hands; an arm alone is a limb wherever a patient's question stands."""


def found(text: str) -> set[str]:
    return {match.group(0).lower() for match in ARM.finditer(text)}


def test_the_words_that_must_not_appear_are_recognised() -> None:
    for text in ("the placebo arm", "Treatment group: A", "bras de traitement", "arm_code", "randomised to"):
        assert found(text) - LIMB, text


def test_no_template_speaks_of_it() -> None:
    assert [name(path) for path in templates() if found(path.read_text("utf-8")) - LIMB] == []


def test_no_message_speaks_of_it_in_any_language() -> None:
    texts = [
        text
        for path in (ROOT / "translations").glob("*/LC_MESSAGES/*.po")
        for entry in polib.pofile(str(path))
        for text in (entry.msgid, entry.msgstr, entry.msgid_plural, *entry.msgstr_plural.values())
    ]
    assert texts
    assert [text for text in texts if found(text) - LIMB] == []


def test_no_wording_or_study_file_speaks_of_it() -> None:
    files = {name(path): str(tomllib.loads(path.read_text("utf-8"))) for path in PORTAL.rglob("*.toml")}
    assert files
    assert [file for file, text in files.items() if found(text) - LIMB] == []


def test_no_table_has_a_place_for_it() -> None:
    columns = [
        f"{table.name}.{column.name}"
        for store in (Base, Contact)
        for table in store.metadata.sorted_tables
        for column in table.columns
    ]
    assert columns
    words = [column for column in columns if found(column.replace("_", " ").replace(".", " "))]
    assert words == []
