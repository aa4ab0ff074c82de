"""The floors hold: a wrong import breaks its contract, and no folder or package escapes them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.sources import PORTAL, PYPROJECT, ROOT

CONTRACTS = {each["id"]: each for each in PYPROJECT["tool"]["importlinter"]["contracts"]}
WRONG = {
    "floors": ("services/planted.py", "import portal.web.access"),
    "web": ("web/anyone/planted.py", "import portal.web.{other}"),
    "domain": ("domain/planted.py", "import sqlalchemy"),
    "no-web": ("db/planted.py", "import flask"),
    "clock": ("services/planted_too.py", "import portal.clock"),
    "weasyprint": ("adapters/planted.py", "import weasyprint"),
    "web-process": ("web/planted.py", "import weasyprint"),
}


def web_folders() -> list[str]:
    return sorted(path.parent.name for path in (PORTAL / "web").glob("*/__init__.py"))


def test_a_planted_wrong_import_breaks_each_contract(tmp_path: Path) -> None:
    shutil.copytree(PORTAL, tmp_path / "portal", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    other = next(folder for folder in web_folders() if folder != "anyone")
    for file, statement in WRONG.values():
        (tmp_path / "portal" / file).write_text(statement.format(other=other) + "\n", encoding="utf-8")
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 1, linted.stderr
    assert set(WRONG) == set(CONTRACTS)
    for code, contract in CONTRACTS.items():
        assert f"{contract['name']} BROKEN" in linted.stdout, f"{code} did not notice {WRONG[code]}"


def test_each_folder_of_the_web_is_kept_a_stranger_to_the_others() -> None:
    assert CONTRACTS["web"]["modules"] == [f"portal.web.{folder}" for folder in web_folders()]


def test_the_domain_may_import_no_package_that_we_install() -> None:
    import_names = {"argon2-cffi": "argon2", "fontpkg-inter": "fontpkg_inter"}
    packages = [re.split(r"[\[>=<]", each)[0] for each in PYPROJECT["project"]["dependencies"]]
    installed = {import_names.get(package, package.replace("-", "_")) for package in packages}
    assert installed - {"tzdata"} <= set(CONTRACTS["domain"]["forbidden_modules"])  # tzdata: read by zoneinfo alone
