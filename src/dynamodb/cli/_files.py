"""Reading and writing the files that a user names; `-` is standard input or output."""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from dynamodb._validation import describe
from dynamodb.cli import _statuses as status
from dynamodb.cli._command import FailedError
from models.requirement import ProjectTreeCreate

_SHOWN = 3
_LINES = frozenset({".ndjson", ".jsonl"})


def is_lines(file: Path, *, asked: bool) -> bool:
    """Say whether a file has a row a line, by its name or because it was asked for."""
    return asked or file.suffix.lower() in _LINES


def read_tree(text: str, source: str, **instead: str | None) -> ProjectTreeCreate:
    """Read a project with everything under it.

    Args:
        text: JSON in the shape of `ProjectTreeCreate`; what `project export` writes is one.
        source: where it comes from, for messages.
        instead: fields of the project that go before those in the text.

    Raises:
        FailedError: if it is no JSON, or not of that shape; the message says where.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise FailedError(f"{source}: line {error.lineno}, column {error.colno}: no JSON: {error.msg}") from error
    except RecursionError as error:
        raise FailedError(f"{source}: is nested too deeply for a project") from error
    if not isinstance(data, dict):
        raise FailedError(f"{source}: a project is a JSON object with name, user_id and flows")
    try:
        return ProjectTreeCreate.model_validate(data | {name: value for name, value in instead.items() if value})
    except ValidationError as error:
        raise FailedError(f"{source}: {_first_problems(error)}") from error


def _first_problems(error: ValidationError) -> str:
    """Write the first problems: a file of another shape has one for each of its rows."""
    problems = describe(error).split("; ")
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return "; ".join(problems[:_SHOWN]) + more


def read_file(path: Path) -> str:
    """Read a text file.

    Raises:
        FailedError: if it cannot be read.
    """
    with _explained(path):
        return (sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()).decode("utf-8-sig")


@contextmanager
def read_lines(path: Path) -> Iterator[Iterator[bytes]]:
    """Read a file line by line.

    Raises:
        FailedError: if it cannot be opened.
    """
    if str(path) == "-":
        yield iter(sys.stdin.buffer)
        return
    with _explained(path):
        file = path.open("rb")
    with file:
        yield iter(file)


def write_file(path: Path, content: str | Iterable[bytes]) -> None:
    """Write a file as a whole: where that fails, or is interrupted, the one that was there stays as it was.

    Args:
        path: the file.
        content: text, or parts that are made one after the other.

    Raises:
        FailedError: if it cannot be written.
    """
    parts = [content.encode("utf-8")] if isinstance(content, str) else content
    if str(path) == "-":
        for part in parts:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return
    if path.exists() and not path.is_file():  # a device, a named pipe
        with _explained(path), path.open("wb") as file:
            file.writelines(parts)
        return
    with _explained(path):
        _replace(path, parts)


def _replace(path: Path, parts: Iterable[bytes]) -> None:
    made = tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115
    try:
        with made:
            made.writelines(parts)
        umask = os.umask(0)
        os.umask(umask)
        Path(made.name).chmod(path.stat().st_mode if path.exists() else 0o666 & ~umask)
        Path(made.name).replace(path)
    except BaseException:
        Path(made.name).unlink(missing_ok=True)
        raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise FailedError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FailedError(f"{path}: {error.strerror}", code="file", exit_status=status.NOT_FOUND) from error
