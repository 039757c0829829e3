"""The group `project`, and what its commands share."""

from typing import Annotated

import typer

from dynamodb.cli._app import app

project = typer.Typer(
    help="Projects: list, show, tree, create, import, export, copy, move, delete.", no_args_is_help=True
)
app.add_typer(project, name="project")

ProjectId = Annotated[str, typer.Argument(metavar="ID", help="The project's id.")]
