"""The groups `migrate` and `verify`, and what their commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from dynamodb.cli._app import app
from dynamodb.cli._command import FailedError
from dynamodb.migrate import NAMESPACE, Source

migrate = typer.Typer(help="Move rows into the tables: from PostgreSQL.", no_args_is_help=True)
app.add_typer(migrate, name="migrate")
verify = typer.Typer(help="Compare the tables with what was migrated, row by row.", no_args_is_help=True)
app.add_typer(verify, name="verify")

STATE = Path("vishmaker-migration")

Url = Annotated[
    str | None,
    typer.Argument(
        metavar="URL",
        help="postgresql://user@host/database; the password is better in PGPASSWORD or ~/.pgpass.",
    ),
]
Owner = Annotated[str | None, typer.Option(metavar="USER_ID", help="Owner of the projects that --owners leaves out.")]
OwnersFile = Annotated[
    Path | None,
    typer.Option("--owners", exists=True, dir_okay=False, help="CSV with the columns project_id and user_id."),
]
Namespace = Annotated[
    str,
    typer.Option(
        metavar="UUID",
        help="Of the projects' new ids: give each database its own where several come into the same tables.",
    ),
]
State = Annotated[Path, typer.Option(metavar="DIR", help="Folder of the checkpoint, the quarantine and the log.")]
MaxWriteUnits = Annotated[
    float | None,
    typer.Option("--max-write-units", min=1, metavar="N", help="A second, those of the indexes included."),
]


def namespace_of(text: str) -> UUID:
    """Read the namespace.

    Raises:
        FailedError: if it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise FailedError(f"--namespace: {text!r} is no UUID") from None


#: As it is given on the command line.
DEFAULT_NAMESPACE = str(NAMESPACE)


@contextmanager
def source_of(url: str | None) -> Iterator[Source]:
    """Open what is migrated.

    Raises:
        FailedError: if it is not said, or psycopg is not installed.
        DataLayerError: if it cannot be read.
    """
    if not url:
        raise FailedError("URL: say which database is migrated")
    try:
        from dynamodb.migrate._postgres import snapshot  # noqa: PLC0415 - psycopg is an extra of its own
    except ImportError as error:
        raise FailedError(f"PostgreSQL needs {error.name}: pip install 'vishmaker-dynamodb[migrate]'") from error
    with snapshot(url) as source:
        yield source
