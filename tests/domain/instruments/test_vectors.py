"""Every worked case of scoring_vectors.json, as `portal score` reads and prints it."""

import json
from pathlib import Path
from typing import Any

import pytest

from portal.domain import instruments
from portal.domain.instruments.model import InvalidAnswer

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "scoring_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_worked_case(case: dict[str, Any]) -> None:
    instrument = instruments.get(case["instrument"])
    if case["expected"] == {"error": "invalid_response"}:
        with pytest.raises(InvalidAnswer):
            instrument.score(case["answers"], case["options"])
        return
    result = instrument.score(case["answers"], case["options"]).to_result()
    assert {key: result[key] for key in case["expected"]} == case["expected"]
    assert (result["rule"], result["rule_version"]) == (instrument.rule, instrument.rule_version)
