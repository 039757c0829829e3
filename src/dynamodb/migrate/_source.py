"""What is migrated: the six tables of the PostgreSQL schema, every column as text, in the order of their serial ids."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from dynamodb.errors import InvalidInputError
from models._kinds import HIERARCHY, PROJECT, USER_FLOW, WAITLIST, Kind

_REQUIREMENT = ("id", "uiid", "parent_uiid", "name", "description", "created_at")

#: The columns that each table must have. `Kind.key` is the table's name, in PostgreSQL and as a dump's file.
COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    PROJECT: ("id", "name", "initial_prompt", "created_at", "updated_at"),
    USER_FLOW: ("id", "uiid", "name", "description", "project_id", "created_at"),
    **dict.fromkeys(HIERARCHY[2:], _REQUIREMENT),
    WAITLIST: ("id", "email", "status", "notes", "created_at", "updated_at"),
}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of a source.

    Attributes:
        serial: its integer `id`.
        values: all its columns as PostgreSQL writes them as text; `None` is NULL.
    """

    serial: int
    values: Mapping[str, str | None]


class Source(Protocol):
    """Six tables that do not change while they are read."""

    @property
    def identity(self) -> str:
        """What tells this source from others; no password in it."""

    @property
    def unknown_columns(self) -> Mapping[str, list[str]]:
        """By table, columns that have no place in DynamoDB. They are not migrated."""

    def count(self, kind: Kind) -> int:
        """Return how many rows a table has."""

    def rows(self, kind: Kind) -> Iterator[SourceRow]:
        """Go through a table in the order of its serial ids, some rows at a time in memory."""


def unknown_columns(kind: Kind, columns: Iterable[str], *, where: str) -> list[str]:
    """Return the columns of a table that the schema does not know.

    Args:
        kind: of the rows.
        columns: that the table has.
        where: the table, for the error.

    Raises:
        InvalidInputError: if one that the schema has is missing.
    """
    found = list(columns)
    missing = [column for column in COLUMNS[kind] if column not in found]
    if missing:
        raise InvalidInputError(f"{where}: has no column {', '.join(missing)}; it is not the schema that is migrated")
    return [column for column in found if column not in COLUMNS[kind]]
