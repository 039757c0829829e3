"""`completion`: the script that makes a shell complete commands and options."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text
from typer.completion import get_completion_script  # type: ignore[attr-defined] # typer has no public one

from dynamodb.cli._app import COMPLETE_VARIABLE, NAME, app
from dynamodb.cli._command import command
from dynamodb.cli._output import Output


class Shell(StrEnum):
    """Which shell."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


@command(app, "completion")
def completion(out: Output, shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> None:
    """Print the script for a shell's completion: `source <(vishmaker-dynamodb completion bash)`."""
    script = get_completion_script(prog_name=NAME, complete_var=COMPLETE_VARIABLE, shell=shell.value)
    out.result({"shell": shell.value, "script": script}, Text(script))
