"""The command line `vishmaker-dynamodb`, also `python -m dynamodb COMMAND`; needs the extra `cli`."""

from dynamodb.cli import _demo  # noqa: F401 - each module adds its commands
from dynamodb.cli._app import app, run

__all__ = ["app", "run"]
