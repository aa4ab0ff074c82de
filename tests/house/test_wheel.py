"""What `pip install .` gives: a `portal` command that works with the checkout nowhere in reach."""

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tarfile
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.house.sources import PORTAL, ROOT, TEMPLATES

PIECES = (
    "portal",
    "templates",
    "translations",
    "pyproject.toml",
    "hatch_build.py",
    "README.md",
    "LICENSE",
    ".gitignore",
)


def run(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command, tell what it said when it failed, and give its output."""
    environment = environment or {**os.environ}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel, made from the source distribution: so both are proved."""
    folder = tmp_path_factory.mktemp("wheel")
    checkout = folder / "checkout"
    checkout.mkdir()
    for piece in PIECES:
        if (ROOT / piece).is_dir():
            # Without compiled catalogs: the build has to make them.
            shutil.copytree(ROOT / piece, checkout / piece, ignore=shutil.ignore_patterns("*.mo", "__pycache__"))
        else:
            shutil.copy(ROOT / piece, checkout)
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=checkout)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "sdist", filter="data")
    unpacked = next((folder / "sdist").iterdir())
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=unpacked)

    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", "--quiet")
    run(*pip, next(folder.glob("*.whl")), cwd=folder)
    # What the portal depends on is lent by the environment that runs the tests, so that nothing is fetched. A folder
    # named in a .pth is only a folder: the .pth in it that points to the checkout is not followed.
    lent = environment / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages" / "lent.pth"
    lent.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a portal that has nothing yet, standing in an empty folder."""
    folder = tmp_path_factory.mktemp("installed")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PWD": str(folder),
        "SECRET_KEY": "a secret key for tests, long enough",
        "DATABASE_URL": f"sqlite:///{folder}/previsit.db",
        "CONTACT_DATABASE_URL": f"sqlite:///{folder}/contacts.db",
        "MAILBOX": str(folder / "mailbox"),
    }


def test_the_package_is_not_the_checkout_and_lacks_nothing(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "bin" / "python", "-c", "import portal; print(portal.__path__[0])", cwd=tmp_path).strip()
    assert where.startswith(str(installed))
    package = Path(where)
    ours = {path.relative_to(PORTAL) for path in PORTAL.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {path for path in ours if not (package / path).is_file()} == set()
    pages = {path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*") if path.is_file()}
    pinned = {path for path in pages if "pinned" in path.parts}
    pages -= pinned
    assert {path for path in pages if not (package / "templates" / path).is_file()} == set()
    assert pinned
    assert not (package / "templates" / "mail" / "pinned").exists()
    for language in ("fr", "en"):
        assert (package / "translations" / language / "LC_MESSAGES" / "messages.mo").stat().st_size > 0


def test_the_command_helps(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "bin" / "portal", "--help", cwd=tmp_path)
    for command in ("migrate", "study", "user", "demo", "run", "work", "score", "summary", "doctor"):
        assert re.search(rf"^  {command} ", said, flags=re.MULTILINE), f"portal --help says nothing of {command}"


@pytest.fixture(scope="module")
def address(installed: Path, settings: dict[str, str]) -> Iterator[str]:
    """The address of the installed portal, on stores that it has just made."""
    folder = Path(settings["HOME"])
    run(installed / "bin" / "portal", "migrate", cwd=folder, environment=settings)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(installed / "bin" / "portal"), "run", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(command, cwd=folder, env=settings, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        said = ""
        while "Listening at" not in said:
            line = server.stderr.readline()
            assert line, f"the server did not start: {said}"
            said += line
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        server.stderr.read()  # to its end, so that the server is not held up by a full pipe


def open_page(url: str, language: str = "fr") -> str:
    """Open a page as a browser set to `language` does, an error's page too."""
    request = urllib.request.Request(url, headers={"Accept-Language": language})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Il n’y a rien à cette adresse"), ("en", "There is nothing at this address")]
)
def test_a_page_opens_in_each_language_with_its_style(address: str, language: str, words: str) -> None:
    page = open_page(f"{address}/no-such-page", language)
    assert f'<html lang="{language}"' in page
    assert words in page
    style = re.search(r'href="([^"]+\.css[^"]*)"', page)
    assert style
    assert "{" in open_page(address + style[1])
