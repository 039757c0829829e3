"""The groups `migrate` and `verify`, and what their commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from dynamodb.cli._app import app
from dynamodb.cli._command import FailedError
from dynamodb.migrate import NAMESPACE, Owners, Source, dump, read_owners
from models._kinds import KINDS

migrate = typer.Typer(
    help="Move rows into the tables: from PostgreSQL, or from the other layout.", no_args_is_help=True
)
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
FromDump = Annotated[
    Path | None,
    typer.Option(
        "--from-dump", exists=True, file_okay=False, help="Read CSV files made by COPY … TO instead of a database."
    ),
]
State = Annotated[Path, typer.Option(metavar="DIR", help="Folder of the checkpoint, the quarantine and the log.")]
MaxWriteUnits = Annotated[
    float | None,
    typer.Option("--max-write-units", min=1, metavar="N", help="A second, those of the indexes included."),
]


#: As it is given on the command line.
DEFAULT_NAMESPACE = str(NAMESPACE)


@dataclass(frozen=True)
class Given:
    """What is migrated, whose it is, and what the projects' new ids are made with."""

    source: Source
    owners: Owners
    namespace: UUID

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(self.source.count(kind) for kind in KINDS)


@contextmanager
def given(
    url: str | None, from_dump: Path | None, *, owner: str | None, owners: Path | None, namespace: str
) -> Iterator[Given]:
    """Read the options, and open the source.

    Raises:
        FailedError: if the namespace is none; if it is not said what is migrated, or said twice; without psycopg.
        DataLayerError: if something cannot be read.
    """
    try:
        space = UUID(namespace)
    except ValueError:
        raise FailedError(f"--namespace: {namespace!r} is no UUID") from None
    owned = read_owners(owner, owners)
    with _source(url, from_dump) as source:
        yield Given(source, owned, space)


@contextmanager
def _source(url: str | None, from_dump: Path | None) -> Iterator[Source]:
    if from_dump and not url:
        with dump(from_dump) as files:
            yield files
        return
    if from_dump or not url:
        raise FailedError("say which database is migrated: its URL, or --from-dump DIR")
    try:
        from dynamodb.migrate._postgres import snapshot  # noqa: PLC0415 - psycopg is an extra of its own
    except ImportError as error:
        raise FailedError(f"PostgreSQL needs {error.name}: pip install 'vishmaker-dynamodb[migrate]'") from error
    with snapshot(url) as source:
        yield source
