"""Summaries of every kind, built from answers without a store: for tests of the content and of the page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.domain import instruments, summary_json
from portal.domain.instruments import wordings
from portal.domain.rounding import exact
from portal.domain.schedule import add_months
from portal.domain.signing import Meaning
from portal.domain.states import ResponseStatus
from portal.domain.study import Study
from portal.domain.summary import DIGEST_DIGITS, Content, VisitName, WordingUsed
from portal.domain.summary_answers import CorrectionLine, Replaced
from portal.domain.summary_building import build
from portal.domain.summary_sheets import ScoredScale, Sheet, VisitSheets
from portal.services.signatures import Signed
from portal.services.summaries import SummaryPage
from tests.factories import demonstration_study, full_answers

INCLUDED_ON = date(2027, 3, 5)
MONTHS = (0, 1, 3, 6, 9, 12, 15, 18, 21, 24, 30, 36)
Given = Mapping[str, Any]
"""Answers by link id; None = skipped; an item left out = not answered."""


def answers(code: str, level: int, **changes: Any) -> dict[str, Any]:
    """Give full answers at one level with some of them changed; the value ... leaves one out."""
    given = full_answers(instruments.get(code), level) | changes
    return {link_id: value for link_id, value in given.items() if value is not ...}


def sheet(
    code: str,
    given: Given,
    completed_on: date,
    *,
    source: str = "phone",
    status: ResponseStatus = ResponseStatus.COMPLETED,
    options: Mapping[str, Any] | None = None,
) -> Sheet:
    """Give a sent questionnaire, scored as the portal scores it, completed at 18:02 UTC."""
    instrument = instruments.get(code)
    values = {link_id: value for link_id, value in given.items() if value is not None}
    chosen = instrument.parse_options(options or demonstration_study().scoring_options(code))
    scoring = instrument.score(values, chosen)
    wording = wordings.demonstration(code, "fr")
    at = datetime(completed_on.year, completed_on.month, completed_on.day, 18, 2, tzinfo=UTC)
    return Sheet(
        code,
        status,
        source,
        at - timedelta(minutes=12),
        at,
        answered_in=(WordingUsed("fr", wording.version, wording.hash, demonstration=True),),
        answers=values,
        skipped=frozenset(link_id for link_id, value in given.items() if value is None),
        rule=scoring.rule,
        rule_version=scoring.rule_version,
        options=chosen,
        flags=scoring.flags,
        scales={
            score.scale: ScoredScale(None if score.value is None else exact(float(score.value)), score.missing)
            for score in scoring.scales
        },
        trace=[(step.code, step.params) for step in scoring.trace],
    )


def visits(*sets: Sequence[Given | Sheet | None], months: Sequence[int] = MONTHS[:6]) -> list[VisitSheets]:
    """Give the participant's visits; each set is what was sent of the DLQI and the SHAQ, None = nothing."""
    made = []
    for number, month in enumerate(months):
        planned = add_months(INCLUDED_ON, month)
        code = f"M{month}" if month else "INC"
        labels = {"fr": f"Mois {month}", "en": f"Month {month}"} if month else {"fr": "Inclusion", "en": "Inclusion"}
        given = sets[number] if number < len(sets) else (None, None)
        sheets = tuple(
            each if isinstance(each, Sheet) else sheet(name, each, planned - timedelta(days=2)) if each else Sheet(name)
            for name, each in zip(("DLQI", "SHAQ"), given, strict=True)
        )
        words = [{lang: wordings.demonstration(s.instrument, lang).hash for lang in ("fr", "en")} for s in sheets]
        sheets = tuple(replace(each, words=hashes) for each, hashes in zip(sheets, words, strict=True))
        made.append(VisitSheets(VisitName(code, labels, planned), sheets))
    return made


def content(history: list[VisitSheets], visit: str, study: Study | None = None, number: int = 1) -> Content:
    """Build the content of one visit at the demonstration study's first site."""
    study = study or demonstration_study()
    at = datetime(2027, 3, 3, 18, 2, tzinfo=UTC)
    return build(study, study.sites[0], "01-007", history, visit, number=number, at=at)


def page(made: Content, language: str) -> SummaryPage:
    """Give a content as a page, with the shipped words."""
    digest = summary_json.hash_of(summary_json.to_json(made))[:DIGEST_DIGITS]
    return SummaryPage(
        summary_id=UUID(int=7),
        number=made.number,
        digest=digest,
        verify_url=f"https://previsit.example/verify/{digest}",
        language=language,
        zone=ZoneInfo(made.time_zone),
        content=made,
        wordings={each.code: wordings.demonstration(each.code, language) for each in made.instruments},
    )


def both(level: int) -> tuple[Given, Given]:
    """Give both questionnaires answered at one level."""
    return answers("DLQI", level), answers("SHAQ", level)


def skipped(code: str) -> dict[str, None]:
    """Give a questionnaire of which every question was passed over."""
    return {item.link_id: None for item in instruments.get(code).items if item.shown_when is None}


def ceiling() -> tuple[Given, Given]:
    """Give the worst answer to everything, every aid and help, every scale at 100, and the longest own words."""
    worst: dict[str, Any] = dict.fromkeys(
        (item.link_id for item in instruments.get("SHAQ").items if not item.options), True
    )
    worst |= dict.fromkeys(("HAQ0146", "SHAQ01", "SHAQ02", "SHAQ03", "SHAQ04", "SHAQ05"), 100)
    texts = {"HAQ0118": "une pince à long manche que mon frère a faite", "HAQ0141": "un tabouret dans la douche"}
    return answers("DLQI", 3, DLQI107="Y", DLQI107A=...), answers("SHAQ", 3, **worst | texts)


def unscorable() -> tuple[Given, Given]:
    """Give four DLQI questions and four SHAQ categories without an answer."""
    blank = dict.fromkeys(("DLQI101", "DLQI102", "DLQI109"), None)
    gone = dict.fromkeys(
        ("HAQ0101", "HAQ0102", "HAQ0103", "HAQ0104", "HAQ0108", "HAQ0109", "HAQ0126", "HAQ0127", "SHAQ01"), None
    )
    return answers("DLQI", 2, **blank, DLQI107A=..., DLQI108=...), answers("SHAQ", 2, **gone)


def long_names() -> Study:
    """Give the demonstration study with names as long as hospitals and trials have them."""
    study = demonstration_study()
    site = replace(
        study.sites[0],
        name="Centre hospitalier universitaire régional Saint-Barthélemy-des-Tilleuls, "
        "service de médecine interne et d’immunologie clinique",
    )
    title = (
        "Fibrose cutanée de la sclérodermie systémique : essai multicentrique, randomisé, "
        "en double aveugle, de phase II"
    )
    return replace(study, sites=(site, study.sites[1]), titles={"fr": title, "en": title})


def said_by(filled_in_by: str, made: Content) -> Content:
    """Give a content in which each questionnaire says who filled it in."""
    return replace(made, instruments=tuple(replace(each, filled_in_by=filled_in_by) for each in made.instruments))


def corrected_sheet() -> Sheet:
    """Give a questionnaire of which two answers were corrected, once each."""
    made = sheet("SHAQ", answers("SHAQ", 2, HAQ0104=3, HAQ0119=True), date(2027, 4, 3))
    lines = [
        CorrectionLine(datetime(2027, 4, day, 9, 30, tzinfo=UTC), by, reason, "Claire Fontaine", (link_id,))
        for day, by, reason, link_id in (
            (4, "patient", "Elle avait lu la question de travers et l’a dit au téléphone.", "HAQ0104"),
            (5, "staff", "La canne était oubliée sur le papier.", "HAQ0119"),
        )
    ]
    as_sent = {"HAQ0104": (1, None), "HAQ0119": (None, "skipped")}
    return replace(made, status=ResponseStatus.AMENDED, as_sent=as_sent, corrections=tuple(lines))


def sheet_of_worst() -> Sheet:
    """Give the DLQI with the worst answer to everything."""
    return sheet("DLQI", ceiling()[0], date(2027, 4, 3))


def replaced(made: Content) -> Content:
    """Give a content whose earlier edition was printed and signed."""
    at = datetime(2027, 4, 4, 9, 0, tzinfo=UTC)
    older = Replaced(made.number - 1, at, "0" * DIGEST_DIGITS, at, "Claire Fontaine", at, "Dr Hélène Roux-Delacroix")
    return replace(made, replaces=older)


def kinds() -> dict[str, Content]:
    """Give one content of every kind of case."""
    twelve: list[tuple[Given | None, Given | None]] = [both(level) for level in (1, 2, 2, 0, 1, 2, 3, 0, 1, 2, 1)]
    twelve[3] = twelve[7] = (None, None)  # visits that were missed
    last = (
        answers("DLQI", 1, DLQI101=3, DLQI105="NR", DLQI107="Y", DLQI107A=...),
        answers("SHAQ", 1, HAQ0104=3, HAQ0119=True, HAQ0110=True, HAQ0117=True, HAQ0118="ouvre-boîte", SHAQ04=78),
    )
    on_paper = sheet("DLQI", answers("DLQI", 1, DLQI103=[1, 2]), date(2027, 4, 3), source="paper")
    corrected = corrected_sheet()
    return {
        "first": said_by("alone", content(visits((answers("DLQI", 1, DLQI106="NR", DLQI109=None), both(1)[1])), "INC")),
        "second": content(visits(both(1), both(2)), "M1"),
        "twelfth": said_by("someone-else", content(visits(*twelve, last, months=MONTHS), "M36", long_names())),
        "unscorable": content(visits(both(1), unscorable()), "M1", long_names()),
        "all-skipped": content(visits(both(1), (skipped("DLQI"), skipped("SHAQ"))), "M1", long_names()),
        "ceiling": said_by("with-help", content(visits(both(1), both(2), ceiling()), "M3", long_names())),
        "paper-and-corrected": content(visits(both(1), (on_paper, corrected)), "M1"),
        "corrected": replaced(content(visits(both(1), (sheet_of_worst(), corrected)), "M1", long_names(), number=3)),
        "partial": content(visits(both(1), (both(2)[0], None)), "M1"),
        "nothing": content(visits(both(1), (None, None)), "M1", long_names()),
    }


def signed(made: SummaryPage) -> SummaryPage:
    """Give a page as its signed copy, with a name as long as names come."""
    signature = Signed(
        id=UUID(int=1),
        summary_id=made.summary_id,
        number=made.number,
        signed_by=UUID(int=2),
        printed_name="Professeure Marie-Hélène de La Rochefoucauld-Montbel",
        meaning=Meaning.DISCUSSED,
        at=datetime(2027, 3, 4, 8, 15, tzinfo=UTC),
        void_since=None,
    )
    return replace(made, signed=signature)
