"""Orders for packs: which documents are kept, what the others are made of, and the words that go with each visit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.adapters.formats import time_of_day
from portal.adapters.pack_contents import Order, Pack, Part, PartKind, Recipe, Sheaf, SiteFacts
from portal.db.summary import Summary
from portal.domain.instruments.wording import Wording
from portal.services import blank_forms, packs, summaries, wordings
from portal.services.packs import KEYING_PATH, REACHING_PATH, KeptDocument, PackVisit
from portal.services.studies import StudyAtSite


@dataclass(frozen=True)
class Wish:
    """How a pack is wanted: in the language of who reads it, by whom it is made, and how it is printed.

    `blanks_in` and `large` are for the paper of one visit; without them each form is in its patient's language.
    """

    language: str
    base_url: str
    made_by: str
    at: datetime
    on: date
    cover: bool = True
    both_sides: bool = False
    large: bool = False
    blanks_in: str | None = None
    telephones: dict[UUID, str] = field(default_factory=dict)


class OrderInMaking:
    """Gathers an order from the store; `documents` then gives the bytes of what is kept, one at a time."""

    def __init__(self, session: Session, place: StudyAtSite, visits: Sequence[PackVisit], wish: Wish) -> None:
        self._session, self._place, self._wish = session, place, wish
        self._forms: dict[str, Wording] = {}
        self._sizes: dict[str, int] = {}
        self._recipes: dict[str, Recipe] = {}
        ids = [visit.summary.summary_id for visit in visits if visit.summary and visit.has_summary]
        self.kept = packs.find_documents(session, ids, wish.language)
        self._by_key: dict[str, KeptDocument] = {}
        self.order = Order(self._pack(visits), self._sizes, self._recipes)

    def documents(self) -> Iterator[bytes]:
        """Give the kept documents in the order of the order's sizes."""
        for key in self._sizes:
            if key in self._forms:
                yield blank_forms.read(self._session, self._forms[key], large=self._wish.large)
            else:
                yield packs.read_document(self._session, self._by_key[key])

    def _pack(self, visits: Sequence[PackVisit]) -> Pack:
        wish, site = self._wish, self._place.site
        return Pack(
            language=wish.language,
            site=SiteFacts(site.name, site.telephone),
            at=wish.at.isoformat(),
            time_zone=site.time_zone,
            made_by=wish.made_by,
            day=wish.on.isoformat(),
            sheaves=tuple(self._sheaf(visit) for visit in visits),
            cover=wish.cover,
            both_sides=wish.both_sides,
        )

    def _sheaf(self, visit: PackVisit) -> Sheaf:
        wish, parts = self._wish, []
        if visit.has_summary:
            parts.append(self._summary(visit))
        elif visit.has_slip and wish.cover:
            parts.append(Part(PartKind.SLIP, wish.language))
        blanks = [self._blank(visit, each) for each in visit.blanks]
        parts += [each for each in blanks if each]
        labels = self._place.definition.get_visit(visit.code).labels
        return Sheaf(
            participant_number=visit.participant_number,
            labels={language: labels.get(language, visit.code) for language in ("fr", "en")},
            planned_on=visit.planned_on.isoformat(),
            language=visit.language,
            keying_url=wish.base_url + KEYING_PATH.format(visit_id=visit.visit_id),
            reaching_url=wish.base_url + REACHING_PATH.format(visit_id=visit.visit_id),
            parts=tuple(parts),
            begun=visit.begun,
            note=_note(visit, nothing=not parts, lacking=None in blanks),
            hour=_hour(visit.hour, wish.language),
            telephone=wish.telephones.get(visit.participant_id, ""),
        )

    def _summary(self, visit: PackVisit) -> Part:
        assert visit.summary is not None
        line = visit.summary
        key, kept = f"summary {line.summary_id}", self.kept.get(line.summary_id)
        if kept:
            self._by_key[key], self._sizes[key] = kept, kept.size
        else:
            self._recipes[key] = Recipe(summary=self._page(line.summary_id))
        kind = PartKind.SIGNED if kept and kept.is_signed else PartKind.SUMMARY
        return Part(kind, self._wish.language, str(line.number), key)

    def _page(self, summary_id: UUID) -> dict[str, Any]:
        """Give everything that a summary's document is made of, as plain data."""
        summary = self._session.get_one(Summary, summary_id)
        page = summaries.page_of(self._session, summary, language=self._wish.language, base_url=self._wish.base_url)
        words = {code: wording.to_mapping() for code, wording in page.wordings.items()}
        facts = {"number": page.number, "digest": page.digest, "verify_url": page.verify_url, "language": page.language}
        return facts | {"summary_id": str(summary_id), "content": summary.content, "wordings": words}

    def _blank(self, visit: PackVisit, instrument: str) -> Part | None:
        language = self._wish.blanks_in or visit.language
        wording = self._wording(instrument, language)
        if wording is None:
            return None
        key = f"blank {wording.hash}"
        if key not in self._sizes and key not in self._recipes:
            size = blank_forms.find_size(self._session, wording, large=self._wish.large)
            if size is None:
                self._recipes[key] = Recipe(wording=wording.to_mapping(), large=self._wish.large)
            else:
                self._forms[key], self._sizes[key] = wording, size
        return Part(PartKind.BLANK, language, wording.short_title, key)

    def _wording(self, instrument: str, language: str) -> Wording | None:
        """Give the words that the study may show now; a live study prints licensed ones only."""
        today = self._place.today(self._wish.at)
        return wordings.find_current(self._session, self._place.definition.mode, instrument, language, on=today)


def _hour(hour: time | None, language: str) -> str:
    return "" if hour is None else time_of_day(hour, locale=language)


def _note(visit: PackVisit, *, nothing: bool, lacking: bool) -> str:
    """Give the code of what the cover adds; pdf/pack_words.html has its words."""
    if visit.withdrawn_on:
        return "withdrawn" if nothing else "withdrawn-after"
    if lacking:
        return "no-words"
    return "paused" if visit.paused_on else ""
