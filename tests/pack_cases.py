"""Packs for tests: visits of each kind, with documents that the portal's own printers have made."""

import io
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from portal.adapters import blank_forms, packs, pdf
from portal.adapters.pack_contents import Order, Pack, Part, PartKind, Recipe, Sheaf, SiteFacts, to_json
from portal.domain.instruments import wordings
from tests import summary_cases as cases

KEYING = "https://previsit.example.org/clinic/visits/9ab1d4d6-1111-4222-8333-{number:012}/keying"
BLANKS = {f"blank {code} {language}": (code, language) for code in ("DLQI", "SHAQ") for language in ("fr", "en")}


@cache
def documents() -> dict[str, bytes]:
    """A summary and the blank questionnaires, by key."""
    made = {key: blank_forms.render(wordings.demonstration(*each), large=False) for key, each in BLANKS.items()}
    return made | {"summary": pdf.render(cases.page(cases.kinds()["second"], "fr"))}


def answered(number: int) -> Sheaf:
    """A visit whose summary is there."""
    return _sheaf(number, "fr", Part(PartKind.SUMMARY, "fr", "2", "summary" if number == 1 else f"summary {number}"))


def silent(number: int, language: str = "fr", **other: Any) -> Sheaf:
    """A visit from which nothing came."""
    blanks = [Part(PartKind.BLANK, language, code, f"blank {code} {language}") for code in ("DLQI", "SHAQ")]
    return _sheaf(number, language, Part(PartKind.SLIP, "fr"), *blanks, **other)


def withdrawn(number: int) -> Sheaf:
    """A visit of who has withdrawn: nothing to print."""
    return _sheaf(number, "fr", note="withdrawn")


def order(sheaves: Sequence[Sheaf], language: str = "fr", **other: Any) -> Order:
    """An order for these visits; what is needed of the documents comes with it, once for each key."""
    site = SiteFacts("Hôpital des Tilleuls", "+33 1 99 00 21 35")
    facts: dict[str, Any] = {"at": "2027-03-03T09:00:00+00:00", "time_zone": "Europe/Paris", "made_by": "Inès Morel"}
    facts |= {"cover": True} | other
    pack = Pack(language=language, site=site, day="2027-03-03", sheaves=tuple(sheaves), **facts)
    keys = dict.fromkeys(part.document for sheaf in sheaves for part in sheaf.parts if part.document)
    return Order(pack, {key: len(content(key)) for key in keys}, {})


def content(key: str) -> bytes:
    """Give a document; each summary is one of its own, as in life."""
    return documents()["summary" if key.startswith("summary") else key]


def made(wanted: Order) -> bytes:
    """Make a pack as its process does."""
    given, out = io.BytesIO(json.dumps(to_json(wanted)).encode() + b"\n"), io.BytesIO()
    given.seek(0, io.SEEK_END)
    for key in wanted.sizes:
        given.write(content(key))
    given.seek(0)
    packs.write(given, out)
    return out.getvalue()


def cooked(language: str) -> Order:
    """An order of which nothing is kept yet: a blank questionnaire by its recipe alone."""
    recipe = Recipe(wording=wordings.demonstration("DLQI", language).to_mapping(), large=True)
    sheaf = _sheaf(7, language, Part(PartKind.BLANK, language, "DLQI", "blank"))
    wanted = order([silent(1)], language, cover=False)
    return Order(Pack(**{**vars(wanted.pack), "sheaves": (sheaf,)}), {}, {"blank": recipe})


def _sheaf(number: int, language: str, *parts: Part, **other: Any) -> Sheaf:
    return Sheaf(
        participant_number=f"01-{number:03}",
        labels={"fr": "Mois 6", "en": "Month 6"},
        planned_on="2027-03-03",
        language=language,
        keying_url=KEYING.format(number=number),
        reaching_url=KEYING.format(number=number).replace("keying", "reach"),
        parts=parts,
        **other,
    )
