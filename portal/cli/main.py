"""The `portal` command: each subcommand is a module of this folder, loaded only when it is asked for."""

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click
from click.exceptions import NoArgsIsHelpError
from sqlalchemy.exc import SQLAlchemyError

from portal.cli.faults import first_line

COMMANDS = {
    "copy": "portal.cli.copy:copy",
    "demo": "portal.cli.demo:demo",
    "doctor": "portal.cli.doctor:doctor",
    "migrate": "portal.cli.migrate:migrate",
    "run": "portal.cli.run:run",
    "score": "portal.cli.score:score",
    "simulate": "portal.cli.simulate:simulate",
    "study": "portal.cli.study:study",
    "summary": "portal.cli.summary:summary",
    "user": "portal.cli.user:user",
    "verify": "portal.cli.verify:verify",
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

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command; whatever goes wrong is one line on stderr and exit code 2."""
        mask = os.umask(0o077)  # stores, mails and pages that a command writes are nobody else's to read
        try:
            return super().main(*args, **(extra | {"standalone_mode": False}))
        except NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(2)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "portal"
            _fail(f"{error.format_message()} (`{command} --help` tells more)")
        except click.ClickException as error:
            _fail(error.format_message())
        except click.Abort:
            _fail("stopped")
        except (SQLAlchemyError, OSError) as error:
            _fail(first_line(error))
        finally:
            os.umask(mask)


def _fail(message: str) -> NoReturn:
    click.echo(f"portal: {message}", err=True)
    sys.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="previsit", prog_name="portal")
def main() -> None:
    """Previsit: questionnaires answered at home, scored, and on one page before the visit.

    Example: portal demo --data demo-data --port 8000
    """


if __name__ == "__main__":
    main()
