"""The application: its root, its commands, and how it is started."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.completion import completion_init  # type: ignore[attr-defined] # typer has no public one
from typer.core import TyperGroup

from dynamodb import __version__
from dynamodb.cli import _statuses as status
from dynamodb.cli._output import Output

NAME = "vishmaker-dynamodb"
#: Set by a shell that asks for completions; the process has no arguments then.
COMPLETE_VARIABLE = "_VISHMAKER_DYNAMODB_COMPLETE"


class _Root(TyperGroup):
    """Says what is wrong with the arguments in one line, and lists its commands by name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order of the help."""
        return sorted(super().list_commands(ctx))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - typer's signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002
        **extra: Any,
    ) -> Any:
        if os.environ.get(COMPLETE_VARIABLE):
            completion_init()
        try:
            ended = super().main(
                args,
                prog_name or NAME,
                complete_var,
                False,  # noqa: FBT003 - typer's signature
                windows_expand_args,
                **extra,
            )
        except typer.TyperException as error:
            # There is no message where a group without a command has printed its help.
            if message := error.format_message().replace("Value error, ", ""):
                Output().error("usage", f"{message} (--help shows what there is)")
            ended = status.USAGE
        except typer.Abort:
            ended = status.INTERRUPTED
        if standalone_mode:
            sys.exit(ended)
        return ended


#: The typer application.
app = typer.Typer(
    name=NAME,
    cls=_Root,
    help="The requirement hierarchy and the waitlist of VishMaker in DynamoDB.",
    epilog=status.EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"{NAME} {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


def run() -> int:
    """Run the command line on the arguments of the process.

    Returns:
        The exit status, see `dynamodb.cli._statuses`.
    """
    for stream in (sys.stdout, sys.stderr):
        # What a terminal or a pipe in another encoding cannot show must not end the command.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    ended = app(standalone_mode=False)
    return ended if isinstance(ended, int) else status.OK
