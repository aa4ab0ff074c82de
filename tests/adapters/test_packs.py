"""A pack of paper: in its order, with cover and outline, each blank page bearing whose it is and the code for staff."""

import io
import re
import tempfile
import time
from pathlib import Path

import pikepdf
import pytest
import segno
from pypdf import PdfReader

from portal.adapters import pack_making, qr
from portal.adapters.pack_pages import COVER_ROWS
from tests import pack_cases as cases
from tests.adapters import drawing


def words(page: object) -> str:
    return re.sub(r"\s+", " ", page.extract_text())  # type: ignore[attr-defined] # pypdf's page


def read(pdf: bytes) -> list[str]:
    return [words(page) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_the_cover_names_the_page_on_which_each_visit_begins() -> None:
    sheaves = [
        cases.answered(1),
        cases.silent(2),
        cases.withdrawn(3),
        cases.silent(4, "en", note="paused", hour="09:30"),
    ]
    pages = read(cases.made(cases.order(sheaves, "en")))
    cover = pages[0]
    for number, at, begins in (("01-001", 2, "Synthèse"), ("01-002", 4, "Slip"), ("01-004", 13, "Slip")):
        assert begins in pages[at - 1][:40]
        assert re.search(rf"{number} Month 6 .*?\b{at}\b", cover)
    assert "Withdrawn: nothing to print" in cover
    assert "messages paused" in cover
    assert "01-004 Month 6 · 09:30" in cover
    assert "Pack for 3 March 2027" in cover
    assert "4 patients" in cover
    assert not any("01-003" in page for page in pages[1:])


def test_nothing_of_its_making_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert read(cases.made(cases.order([cases.silent(1)])))
    assert list(tmp_path.iterdir()) == []


def test_many_visits_take_more_pages_of_cover_and_the_numbers_still_hold() -> None:
    sheaves = [cases.answered(number) for number in range(1, COVER_ROWS + 3)]
    pages = read(cases.made(cases.order(sheaves)))
    assert len(pages) == 2 + 2 * len(sheaves)
    assert re.search(rf"01-{COVER_ROWS + 2:03} Mois 6 .*? {len(pages) - 1}\b", pages[1])


def test_many_slips_and_bands_each_stand_with_their_own_visit() -> None:
    sheaves = [cases.silent(number) for number in range(1, 25)]
    pages = read(cases.made(cases.order(sheaves)))
    assert len(pages) == 2 + 24 * 9  # two of the cover; a slip, three of the DLQI and five of the SHAQ for each
    for number in range(1, 25):
        slip, *blanks = pages[2 + 9 * (number - 1) : 2 + 9 * number]
        assert f"Patient 01-{number:03} · Mois 6" in slip
        assert all(f"Patient 01-{number:03} " in page for page in blanks)


def test_a_slip_says_whom_to_ring_and_what_to_note() -> None:
    pages = read(cases.made(cases.order([cases.silent(1, begun=True)])))
    slip = pages[1]
    assert "Patient 01-001 · Mois 6" in slip
    assert "Commencé, mais rien n’a été envoyé pour la visite du 3 mars 2027." in slip
    for outcome in ("pas de réponse", "préfère le papier"):
        assert outcome in slip
    assert "DLQI vierge (français) · SHAQ vierge (français)" in slip
    assert "+33 1 99 00 21 35" in slip


def test_each_blank_page_bears_number_visit_day_and_telephone_in_the_patients_language() -> None:
    pages = read(cases.made(cases.order([cases.silent(1), cases.silent(2, "en")], cover=False)))
    assert len(pages) == 2 * (1 + 3 + 5)
    for page in pages[1:9]:
        assert "Patient 01-001" in page
        assert "Mois 6 3 mars 2027" in page
        assert "Une question ? Appelez Hôpital des Tilleuls +33 1 99 00 21 35" in page
    assert all("Month 6 3 March 2027" in page and "01-002" in page for page in pages[10:])


def test_the_code_on_each_blank_page_leads_to_the_keying_of_its_visit() -> None:
    document = pikepdf.open(io.BytesIO(cases.made(cases.order([cases.silent(1), cases.silent(2)], cover=False))))
    seen = []
    for page in document.pages:
        band = page.obj.Resources.get("/XObject", pikepdf.Dictionary()).get("/PrevisitBand")
        if band is not None:
            (drawn,) = [each[0] for each in pikepdf.parse_content_stream(band) if str(each[1]) == "Do"]
            seen.append(_modules(band.Resources.XObject[str(drawn[0])]))
    wanted = [_code(cases.KEYING.format(number=number)) for number in (1, 2)]
    assert wanted[0] != wanted[1]
    assert seen == [wanted[0]] * 8 + [wanted[1]] * 8


def _modules(picture: pikepdf.Object) -> list[list[bool]]:
    """The dark modules of a code as it is printed, of four dots each."""
    assert isinstance(picture, pikepdf.Stream)
    image = pikepdf.PdfImage(picture).as_pil_image().convert("L")
    size = image.width // 4
    return [[image.getpixel((4 * x + 2, 4 * y + 2)) == 0 for x in range(size)] for y in range(size)]


def _code(text: str) -> list[list[bool]]:
    """The dark modules of a code that any reader takes for this text."""
    made = segno.make(text, error="m", micro=False, mask=4)
    assert qr.png_uri(text) == made.png_data_uri(border=0, scale=4)
    return [[bool(module) for module in row] for row in made.matrix]


def test_a_scale_is_still_150_mm_long_in_a_pack() -> None:
    document = pikepdf.open(io.BytesIO(cases.made(cases.order([cases.silent(1), cases.silent(2)]))))
    long = [line.length for page in document.pages for line in drawing.lines(page) if line.length > 120]
    scales = [each for each in long if each < 160]
    assert scales == [pytest.approx(150, abs=0.01)] * 12


def test_every_page_of_a_pack_is_tagged_and_each_section_is_in_its_language() -> None:
    document = pikepdf.open(io.BytesIO(cases.made(cases.order([cases.answered(1), cases.silent(2, "en")]))))
    numbers = document.Root.StructTreeRoot.ParentTree.Nums
    keys = [int(key) for key in list(numbers)[::2]]
    assert keys == list(range(len(document.pages)))
    assert [int(page.obj.StructParents) for page in document.pages] != []
    sections = document.Root.StructTreeRoot.K[0].K
    assert [str(each.Lang) for each in sections] == ["fr", "fr", "fr", "en", "en"]
    assert all(len(each.K) for each in sections)


def test_what_is_taken_many_times_is_kept_once() -> None:
    one, ten = (len(cases.made(cases.order([cases.silent(n) for n in range(1, last)]))) for last in (2, 11))
    assert ten - one < 9 * 30_000  # structure, bands and slips; the eight pages' marks and letters alone are 60,000


def test_a_form_that_nobody_has_kept_is_made_on_the_spot(tmp_path: object) -> None:
    pages = read(cases.made(cases.cooked("en")))
    assert "Patient 01-007" in pages[0]
    assert len(pages) == 5  # in large letters


def test_a_pack_that_cannot_be_made_says_why() -> None:
    broken = cases.order([cases.answered(1)])
    with (
        open("/dev/null", "wb") as out,  # noqa: PTH123 - no path of ours
        pytest.raises(pack_making.PackFailedError, match=r"ended with 1: .*PdfError"),
    ):
        pack_making.make(out, broken, [b"no document at all"])


def test_a_maker_that_hangs_is_killed_with_what_it_has_started() -> None:
    with tempfile.TemporaryFile() as out:
        with pytest.raises(pack_making.PackHungError, match=r"killed after 2 s"):
            pack_making.make(out, cases.order([]), [], seconds=2, module="tests.adapters.hanging_maker")
        out.seek(0)
        maker, helper = map(int, out.read().split())
    assert not _runs(maker)
    assert _until_gone(helper)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not _runs(pid)
