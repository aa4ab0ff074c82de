"""docs/study-file.md explains each key that the reader of study.toml knows, and no other."""

import re
import tomllib
from pathlib import Path

from portal.domain import instruments, study_file
from portal.domain.study_keys import list_keys

DOCUMENT = (Path(__file__).parents[2] / "docs/study-file.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)
COLUMNS = 4  # what it is, type and unit, default, example


def expected_keys() -> set[str]:
    keys = set(list_keys())
    for code in instruments.CODES:
        instrument = instruments.get(code)
        keys |= {f"thresholds.{code}.{scale.code}" for scale in instrument.scales if scale.threshold is not None}
        keys |= {f"scoring.{code}.{spec.name}" for spec in instrument.option_specs}
    return keys


def test_each_key_has_its_row_and_each_row_its_key() -> None:
    documented = [key for key, _ in ROW.findall(DOCUMENT)]
    assert set(documented) == expected_keys()
    assert len(documented) == len(set(documented))


def test_each_row_says_meaning_type_default_and_example() -> None:
    for key, rest in ROW.findall(DOCUMENT):
        cells = [cell.strip() for cell in rest.split("|")]
        assert len(cells) == COLUMNS, key
        assert all(cells), key


def test_the_defaults_of_scoring_options_are_as_documented() -> None:
    rows = {key: rest.split("|") for key, rest in ROW.findall(DOCUMENT)}
    for code in instruments.CODES:
        for spec in instruments.get(code).option_specs:
            shown = str(spec.default).lower() if isinstance(spec.default, bool) else str(spec.default)
            assert shown in rows[f"scoring.{code}.{spec.name}"][2], spec.name


def test_the_example_in_the_document_is_a_right_study() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert study_file.from_toml(example.encode()).code == tomllib.loads(example)["code"]
