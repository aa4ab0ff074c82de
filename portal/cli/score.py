"""`portal score`: score one set of answers from standard input, and say how the score came about."""

import json
import sys
from collections.abc import Iterable
from typing import Any

import click

from portal.adapters.localisation import environment
from portal.domain import instruments

LANGUAGES = ("en", "fr")


class BadInput(click.ClickException):
    """What was given cannot be scored: one line on standard error, exit 2."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__("".join(sign if sign.isprintable() else " " for sign in message))


@click.command(
    epilog='Example: echo \'{"DLQI101": 2, "DLQI102": 1}\' | portal score DLQI --option missing_rule=strict --trace'
)
@click.argument("instrument")
@click.option("--option", "pairs", multiple=True, metavar="NAME=VALUE", help="A scoring option; may be repeated.")
@click.option("--trace", is_flag=True, help="First say in words, step by step, how the score came about.")
@click.option("--language", default="en", show_default=True, help="The language of the trace: en or fr.")
def score(instrument: str, pairs: tuple[str, ...], trace: bool, language: str) -> None:
    """Score the answers to INSTRUMENT (DLQI or SHAQ), given as {link id: value} in JSON on standard input.

    Prints one JSON object. An unknown link id, or an answer that is none of its item's, is named in one line.
    """
    if language not in LANGUAGES:
        raise BadInput(f"--language: {language!r} is not allowed; it may be {' or '.join(LANGUAGES)}")
    try:
        chosen = instruments.get(instrument.upper())
        options = chosen.parse_options(_read_options(pairs))
        scoring = chosen.score(_read_answers(sys.stdin.buffer.read()), options)
    except (instruments.UnknownInstrument, ValueError) as fault:
        raise BadInput(str(fault)) from fault
    if trace:
        click.echo(environment(language).get_template("trace/steps.txt").render(scoring=scoring).rstrip())
        click.echo()
    click.echo(json.dumps(scoring.to_result(), ensure_ascii=False, indent=2))


def _read_options(pairs: Iterable[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"--option {pair}: NAME=VALUE is wanted")
        if name in options:
            raise BadInput(f"--option {name}: given twice")
        options[name] = value
    return options


def _read_answers(given: bytes) -> dict[str, Any]:
    try:
        answers = json.loads(given.decode("utf-8-sig"), object_pairs_hook=_once_each)
    except UnicodeDecodeError as fault:
        raise BadInput("standard input: not UTF-8; one JSON object {link id: value} is wanted") from fault
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise BadInput(f"standard input: not JSON ({where}); one JSON object {{link id: value}} is wanted") from fault
    except ValueError as fault:  # Python reads no integer of more than 4,300 digits
        raise BadInput("standard input: a number is too long; no item takes it") from fault
    except RecursionError as fault:
        raise BadInput("standard input: nested too deep; one JSON object {link id: value} is wanted") from fault
    if not isinstance(answers, dict):
        raise BadInput("standard input: one JSON object {link id: value} is wanted")
    return answers


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for name, value in pairs:
        if name in answers:
            raise BadInput(f"standard input: {json.dumps(name)} is given twice; each link id may stand once")
        answers[name] = value
    return answers
