"""Reading a tree from a file."""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dynamodb.cli import _statuses as status
from dynamodb.cli._command import FailedError
from models.requirement import ProjectTreeCreate


def read_tree(text: str, source: str, **instead: Any) -> ProjectTreeCreate:
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
    if not isinstance(data, dict):
        raise FailedError(f"{source}: a project is a JSON object with name, user_id and flows")
    try:
        return ProjectTreeCreate.model_validate(data | {name: value for name, value in instead.items() if value})
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        first = f"{'.'.join(map(str, problems[0]['loc'])) or 'project'}: {problems[0]['msg']}"
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise FailedError(f"{source}: {first}{more}") from error


def read_file(path: Path) -> str:
    """Read a text file; `-` is standard input.

    Raises:
        FailedError: if it cannot be read.
    """
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FailedError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise FailedError(f"{path}: {error.strerror}", code="file", exit_status=status.NOT_FOUND) from error
