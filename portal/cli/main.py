"""The `portal` command: each subcommand is a module of this folder, loaded only when it is asked for."""

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "demo": "portal.cli.demo:demo",
    "doctor": "portal.cli.doctor:doctor",
    "migrate": "portal.cli.migrate:migrate",
    "run": "portal.cli.run:run",
    "score": "portal.cli.score:score",
    "study": "portal.cli.study:study",
    "summary": "portal.cli.summary:summary",
    "user": "portal.cli.user:user",
    "work": "portal.cli.work:work",
}
"""Every command and where it stands: `score` must not wait for the PDF engine that `work` needs."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - signature is click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - signature is click's
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: Any = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="previsit", prog_name="portal")
def main() -> None:
    """Previsit: questionnaires answered at home, scored, and on one page before the visit.

    Example: portal demo --data demo-data --port 8000
    """


if __name__ == "__main__":
    main()
