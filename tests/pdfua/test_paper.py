"""Blank questionnaires and whole packs are PDF/UA-1, too: the joined document keeps every tag of its parts."""

from pathlib import Path

from portal.adapters import blank_forms
from portal.domain.instruments import CODES, wordings
from tests import pack_cases as cases
from tests.pdfua.test_pdfua import validate


def test_blank_forms_and_packs_are_pdf_ua_1(tmp_path: Path) -> None:
    made = {
        f"{code}-{language}-{large}": blank_forms.render(wordings.demonstration(code, language), large=large)
        for code in CODES
        for language in ("fr", "en")
        for large in (False, True)
    }
    sheaves = [cases.answered(1), cases.silent(2), cases.withdrawn(3), cases.silent(4, "en"), cases.answered(5)]
    sheaves.append(cases.silent(6, begun=True, hour="09:30", telephone="+33 6 39 98 01 27"))
    for language in ("fr", "en"):
        made[f"pack-{language}"] = cases.made(cases.order(sheaves, language))
        made[f"pack-{language}-both-sides"] = cases.made(cases.order(sheaves, language, both_sides=True))
        made[f"paper-{language}"] = cases.made(cases.cooked(language))
    paths = []
    for name, content in made.items():
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(content)
    result = validate(paths)
    lines = [line for line in result.stdout.splitlines() if not line.startswith("  ")]
    assert [line for line in lines if " true " not in line] == [], result.stdout
    assert len(lines) == len(paths), result.stderr
