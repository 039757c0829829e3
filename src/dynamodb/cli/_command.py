"""What every command has: the common options, and one place where errors become a line and an exit status."""

import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

import typer
from dotenv import dotenv_values

from dynamodb import configure
from dynamodb._environment import READ_TIMEOUT
from dynamodb.cli import _statuses as status
from dynamodb.cli._output import Output
from dynamodb.errors import DataLayerError

F = TypeVar("F", bound=Callable[..., Any])

_PANEL = "Common options"

_READ_TIMEOUT = 30.0


def _url(value: str | None) -> str | None:
    if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
        raise typer.BadParameter(f"{value!r} is no URL like http://127.0.0.1:8000")
    return value


_COMMON: dict[str, Any] = {
    "endpoint": Annotated[
        str | None,
        typer.Option(callback=_url, metavar="URL", help="DynamoDB-compatible endpoint.", rich_help_panel=_PANEL),
    ],
    "region": Annotated[str | None, typer.Option(metavar="NAME", help="AWS region.", rich_help_panel=_PANEL)],
    "prefix": Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What the table names start with.", rich_help_panel=_PANEL),
    ],
    "layout": Annotated[
        Literal["six-table", "single-table"] | None,
        typer.Option(help="Where rows lie: in six tables, or in one.", rich_help_panel=_PANEL),
    ],
    "env_file": Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="File of NAME=value lines that go before the environment.",
            rich_help_panel=_PANEL,
        ),
    ],
    "as_json": Annotated[
        bool, typer.Option("--json", help="Results and errors as JSON, for machines.", rich_help_panel=_PANEL)
    ],
    "no_color": Annotated[
        bool, typer.Option("--no-color", help="No colours on a terminal either.", rich_help_panel=_PANEL)
    ],
    "debug": Annotated[bool, typer.Option("--debug", help="Show tracebacks.", rich_help_panel=_PANEL)],
}


class FailedError(Exception):
    """A command cannot go on.

    Args:
        message: what is wrong and what to do, in one line.
        code: for `--json`.
        exit_status: one of `dynamodb.cli._statuses`.
    """

    def __init__(self, message: str, *, code: str = "invalid_input", exit_status: int = status.USAGE) -> None:
        super().__init__(message)
        self.code = code
        self.exit_status = exit_status


def command(group: typer.Typer, name: str) -> Callable[[F], F]:
    """Make a function a command with the common options.

    Args:
        group: the command or the group it belongs to.
        name: what a user types.

    Returns:
        A decorator. The function's first parameter is the `Output`, the others are its own arguments and options, and
        those of the common ones that it wants to know; it returns its exit status, or nothing where all went well.
    """

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def run(**given: Any) -> None:
            common = {option: given.pop(option) for option in _COMMON}
            asked = {option: common[option] for option in wanted}
            raise typer.Exit(_run(functools.partial(function, **given, **asked), **common))

        # typer reads the options off the signature.
        parameters_of = list(inspect.signature(function).parameters.values())[1:]
        own = [one for one in parameters_of if one.name not in _COMMON]
        wanted = [one.name for one in parameters_of if one.name in _COMMON]
        shared = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=_default(hint))
            for option, hint in _COMMON.items()
        ]
        parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own] + shared
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        group.command(name)(run)
        return function

    return decorate


def connect(**settings: Any) -> None:
    """Configure the connection as somebody at a terminal wants it: patient with a slow engine, unlike a Lambda.

    Args:
        settings: as for `dynamodb.configure`.
    """
    patience = None if os.environ.get(READ_TIMEOUT) else _READ_TIMEOUT
    configure(read_timeout=patience, **settings)


def _default(hint: Any) -> Any:
    return False if hint.__origin__ is bool else None


def _run(
    call: Callable[[Output], int | None],
    *,
    endpoint: str | None,
    region: str | None,
    prefix: str | None,
    layout: str | None,
    env_file: Path | None,
    as_json: bool,
    no_color: bool,
    debug: bool,
) -> int:
    out = Output(as_json=as_json, no_color=no_color)
    try:
        if env_file:
            os.environ.update({name: value for name, value in dotenv_values(env_file).items() if value is not None})
        connect(endpoint=endpoint, region=region, table_prefix=prefix, layout=layout)
        ended = call(out) or status.OK
        sys.stdout.flush()
        return ended
    except BrokenPipeError:
        # Python flushes standard output once more at its end, and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return status.CLOSED_PIPE
    except typer.Abort:
        out.error("refused", "nothing was changed")
        return status.REFUSED
    except KeyboardInterrupt:
        out.error("interrupted", "stopped by Ctrl-C")
        return status.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost frame: a person gets a line, not a traceback
        if debug:
            traceback.print_exc(file=sys.stderr)
        return _report(out, error)
    finally:
        configure()


def _report(out: Output, error: Exception) -> int:
    if isinstance(error, DataLayerError):
        out.error(error.code, str(error))
        return status.status_of(error)
    if isinstance(error, FailedError):
        out.error(error.code, str(error))
        return error.exit_status
    out.error("unexpected", f"{type(error).__name__}: {error}; --debug shows where")
    return status.NO
