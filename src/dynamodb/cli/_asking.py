"""Asking before something is destroyed, and saying what is left when something is interrupted."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from dynamodb._config import connection_settings
from dynamodb.cli import _statuses as status
from dynamodb.cli._command import FailedError
from dynamodb.cli._output import Output
from dynamodb.errors import ConnectionFailedError, PartialWriteError, ThrottledError

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


def confirm(out: Output, question: str, *, yes: bool) -> None:
    """Ask on standard error, so that standard output stays the result's.

    Args:
        out: where to ask.
        question: ends with a question mark.
        yes: it was answered on the command line.

    Raises:
        FailedError: if the answer is not `y` or `yes`; the end of the input is none.
    """
    if yes:
        return
    try:
        out.ask(f"{question} [y/N] ")
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        raise FailedError(
            "stopped by Ctrl-C; nothing was changed", code="interrupted", exit_status=status.INTERRUPTED
        ) from None
    if not answer:
        out.note("")
        raise FailedError(
            "not confirmed: answer y, or give --yes; nothing was changed",
            code="not_confirmed",
            exit_status=status.REFUSED,
        )
    if answer.strip().lower() not in {"y", "yes"}:
        raise FailedError("nothing was changed", code="not_confirmed", exit_status=status.REFUSED)


@contextmanager
def what_is_left(out: Output, text: str) -> Iterator[None]:
    """Say what an interruption leaves, and how to go on.

    Args:
        out: where to say it.
        text: what is left now.

    Raises:
        FailedError: instead of the KeyboardInterrupt of Ctrl-C.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise FailedError(f"stopped by Ctrl-C; {text}", code="interrupted", exit_status=status.INTERRUPTED) from None
    except (ConnectionFailedError, PartialWriteError, ThrottledError):
        out.warn(text)
        raise


def where() -> str:
    """Say which DynamoDB is meant."""
    settings = connection_settings()
    return settings.endpoint or f"AWS, {settings.region}"
