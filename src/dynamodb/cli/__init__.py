"""The command line `vishmaker-dynamodb`, also `python -m dynamodb COMMAND`; needs the extra `cli`."""

from dynamodb.cli import (  # noqa: F401 - each module adds its commands, in the order of the help
    _completion_command,
    _demo,
    _doctor_command,
    _infrastructure_commands,
    _layout_commands,
    _local_command,
    _migrate_commands,
    _projects_read,
    _projects_write,
    _table_commands,
    _verify_commands,
    _waitlist_commands,
)
from dynamodb.cli._app import app, run

__all__ = ["app", "run"]
