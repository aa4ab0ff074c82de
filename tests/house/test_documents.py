"""The documents say what the code does: the two commands, each setting, each command of `portal`."""

import re
from dataclasses import fields

import click

from portal.cli.main import main
from portal.config import Settings
from tests.house.sources import ROOT


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def commands(group: click.Group, before: str = "portal") -> dict[str, click.Command]:
    """Every command as it is typed, groups within groups included."""
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        typed = f"{before} {word}"
        found |= commands(command, typed) if isinstance(command, click.Group) else {typed: command}
    return found


def test_the_readme_opens_with_two_commands_and_each_make_it_names_exists() -> None:
    readme = text("README.md")
    named = re.findall(r"\bmake ([a-z]+)", readme)
    assert named[:2] == ["run", "test"]
    targets = re.findall(r"^([a-z]+):", text("Makefile"), flags=re.MULTILINE)
    assert set(named) <= set(targets)


def test_each_setting_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^(?:#+ |\| *)`([A-Z_]+)`", text("docs/settings.md"), flags=re.MULTILINE))
    assert documented == {each.metadata["env"] for each in fields(Settings)}


def test_each_command_is_documented_with_its_options_and_no_other() -> None:
    document = text("docs/commands.md")
    real = commands(main)
    section = r"^#+ `(portal [a-z -]+?)(?: [A-Z\[][^`\n]*)?`\n(.*?)(?=^#|\Z)"
    sections = dict(re.findall(section, document, flags=re.MULTILINE | re.DOTALL))
    assert set(sections) == set(real)
    for typed, command in real.items():
        options = [option for each in command.params if isinstance(each, click.Option) for option in each.opts]
        missing = [option for option in options if option.startswith("--") and f"`{option}" not in sections[typed]]
        assert missing == [], f"docs/commands.md says nothing of {missing} under {typed}"


def test_each_command_helps_with_an_example() -> None:
    for typed, command in commands(main).items():
        assert command.help, f"{typed} has no help"
        assert "Example" in command.help + (command.epilog or ""), f"{typed} --help shows no example"
