"""`portal score`: one JSON object, or one line that says what is wrong; the trace in words."""

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.adapters.localisation import environment
from portal.cli.score import score
from portal.domain import instruments
from tests.domain.instruments.strategies import options, responses

CALM = {f"DLQI1{number:02}": 0 for number in range(1, 11)} | {"DLQI107": "N", "DLQI107A": 0}


def run(*arguments: str, given: Any) -> Result:
    text = given if isinstance(given, str | bytes) else json.dumps(given)
    return CliRunner().invoke(score, arguments, input=text)


def test_the_answer_is_one_json_object() -> None:
    outcome = run("dlqi", given=CALM | {"DLQI101": 3, "DLQI103": "NR"})
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout) == {
        "total": 3,
        "band": "small",
        "subscales": {
            "symptoms_feelings": 3,
            "daily_activities": 0,
            "leisure": 0,
            "work_school": 0,
            "personal_relationships": 0,
            "treatment": 0,
        },
        "missing": 0,
        "not_relevant": 1,
        "dlqi_r": 3.33,
        "rule": "dlqi.finlay-khan-1994",
        "rule_version": "1",
    }


def test_a_null_is_not_answered() -> None:
    outcome = run("DLQI", "--option", "missing_rule=strict", given=CALM | {"DLQI101": None})
    assert json.loads(outcome.stdout)["total"] is None


@pytest.mark.parametrize(
    ("arguments", "given", "line"),
    [
        (["DLQI"], {"DLQI101": "NR"}, 'DLQI101: "NR" is not an answer; allowed: 3, 2, 1, 0'),
        (["SHAQ"], {"SHAQ01": 101}, "SHAQ01: 101 is not an answer; allowed: a whole number from 0 to 100"),
        (["DLQI"], {"DLQI199": 1}, '"DLQI199" is not an item of DLQI; its items are DLQI101, '),
        (["DLQI"], {"a\nb": 1}, '"a\\nb" is not an item of DLQI; its items are '),
        (["DLQI"], "{", "standard input: not JSON (line 1, column 2); one JSON object {link id: value} is wanted"),
        (["DLQI"], "", "standard input: not JSON"),
        (["DLQI"], b"\xff{}", "standard input: not UTF-8"),
        (["DLQI"], "[" * 100_000, "standard input: nested too deep"),
        (["DLQI"], "[1]", "standard input: one JSON object {link id: value} is wanted"),
        (["DLQI"], '{"DLQI101": 1, "DLQI101": 2}', 'standard input: "DLQI101" is given twice'),
        (["DLQI"], '{"DLQI101": NaN}', "DLQI101: NaN is not an answer"),
        (["DLQI"], '{"DLQI101": ' + "1" * 5000 + "}", "standard input: a number is too long"),
        (["EQ5D"], {}, "'EQ5D' is no instrument; there are DLQI, SHAQ"),
        (["SHAQ", "--option", "min_vas"], {}, "--option min_vas: NAME=VALUE is wanted"),
        (["SHAQ", "--option", "min_vas=6"], {}, "option min_vas: '6' is not allowed; it may be a whole number"),
        (["SHAQ", "--option", "colour=red"], {}, "option colour: SHAQ has no such option; it has category_rule, "),
        (["SHAQ", "--option", "min_vas=4", "--option", "min_vas=5"], {}, "--option min_vas: given twice"),
        (["SHAQ", "--trace", "--language", "de"], {}, "--language: 'de' is not allowed; it may be en or fr"),
    ],
)
def test_what_cannot_be_scored_is_said_in_one_line(arguments: list[str], given: Any, line: str) -> None:
    outcome = run(*arguments, given=given)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"Error: {line}")
    assert outcome.stderr.count("\n") == 1


def test_the_trace_says_how_the_score_came_about_and_the_object_comes_last() -> None:
    eating = {"HAQ0105": 0, "HAQ0106": 1, "HAQ0107": None, "HAQ0121": True}
    outcome = run("SHAQ", "--trace", given=eating)
    words, _, result = outcome.stdout.partition("\n\n")
    items = "Eating: HAQ0105 0, HAQ0106 1, HAQ0107 blank; the highest is 1."
    assert f"{items} Help ticked: HAQ0121. So it is raised from 1 to 2." in words.splitlines()
    assert "HAQ-DI with aids and help: not scored. Categories scored: 1; wanted: 6." in words.splitlines()
    assert json.loads(result)["categories"]["eating"] == 2


def test_the_trace_is_told_in_french() -> None:
    outcome = run("DLQI", "--trace", "--language", "fr", given=CALM | {"DLQI101": [1, 2], "DLQI103": "NR"})
    lines = outcome.stdout.splitlines()
    assert "Question 1\u00a0: DLQI101 porte plusieurs croix (1, 2)\u202f; la plus haute compte, 2." in lines
    assert "DLQI-R\u00a0: 2 × 10 ÷ (10 − 1) = 2,22." in lines
    assert not any("Total:" in line for line in lines)


@pytest.mark.parametrize("code", instruments.CODES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_step_of_any_score_has_words_in_both_languages(code: str, data: st.DataObject) -> None:
    instrument = instruments.get(code)
    scoring = instrument.score(data.draw(responses(instrument)), data.draw(options(instrument)))
    for language in ("en", "fr"):
        text = environment(language).get_template("trace/steps.txt").render(scoring=scoring)
        lines = text.rstrip("\n").split("\n")
        assert len(lines) == len(scoring.trace)
        assert all(line.endswith(".") for line in lines)
        assert not any("None" in line or "  " in line for line in lines)


def test_it_is_a_subcommand_of_portal() -> None:
    command = [sys.executable, "-m", "portal.cli.main", "score", "DLQI"]
    done = subprocess.run(command, input=json.dumps(CALM), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["total"] == 0
