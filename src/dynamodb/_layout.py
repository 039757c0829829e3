"""Where rows lie: which table, key and index each kind of row is found under. Nothing else knows.

In this layout every kind has its own table, whose key is the row's id and the id of what it belongs to, and an index
named `<field>-index` for each field that rows are looked up by.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import create_model

from dynamodb._config import table_name
from models._fields import Wire, wire_alias
from models._kinds import KINDS, Kind


@dataclass(frozen=True)
class Place:
    """Rows of one kind that share one partition of a table or an index."""

    kind: Kind
    table: str
    index: str | None
    hash_key: str
    value: str

    @property
    def consistent(self) -> bool:
        """Whether a strongly consistent read is possible; an index has none."""
        return self.index is None


def table(kind: Kind) -> str:
    """Return the name of the table that holds a kind."""
    return table_name(kind.key)


def tables() -> tuple[str, ...]:
    """Return the names of all tables."""
    return tuple(table(kind) for kind in KINDS)


def kind_in(table_name: str) -> Kind | None:
    """Return the kind that a table holds, `None` for a table that is not one of this layout."""
    return next((kind for kind in KINDS if table(kind) == table_name), None)


def kinds_with_key(key: Iterable[str]) -> list[Kind]:
    """Return the kinds whose rows have a primary key of these attributes."""
    return [kind for kind in KINDS if set(key_fields(kind)) == set(key)]


def key_fields(kind: Kind) -> tuple[str, ...]:
    """Return the fields that make a row's primary key, the hash key first."""
    return (kind.id_field, kind.parent_field) if kind.parent_field else (kind.id_field,)


def key(kind: Kind, row: Any) -> dict[str, dict[str, str]]:
    """Return the primary key of a row in DynamoDB's JSON.

    Args:
        kind: the row's kind.
        row: an object or a mapping with the row's fields.
    """
    value = row.__getitem__ if isinstance(row, Mapping) else lambda field: getattr(row, field)
    return {field: {"S": value(field)} for field in key_fields(kind)}


def is_page_key(place: Place, page_key: Any) -> bool:
    """Say whether something has the form of a key after which a page of a place can begin.

    Those are the fields of the primary key and of the index; an index of an earlier deployment has no sort key.
    """
    needed = {*key_fields(place.kind), place.hash_key}
    return (
        isinstance(page_key, dict)
        and needed <= page_key.keys() <= needed | {"created_at"}
        and all(isinstance(value, dict) and value.keys() == {"S"} for value in page_key.values())
        and all(isinstance(value["S"], str) and value["S"] for value in page_key.values())
        and page_key[place.hash_key]["S"] == place.value
    )


def name(kind: Kind, row: Any) -> tuple[str, ...]:
    """Return what tells a row from all others: the key of its table in `TABLE_NAMES` and its primary key's values."""
    return (kind.key, *(getattr(row, part) for part in key_fields(kind)))


class _Key(Wire):
    """What of a row its deletion needs, read so that a row which the full schema refuses can go, too."""

    created_at: str = ""
    project_id: str | None = None
    tree_state: str | None = None
    tree_format: str | None = None
    version: str | None = None


@functools.cache
def key_schema(kind: Kind) -> type[Any]:
    """Return the schema of a row's primary key and bookkeeping."""
    fields: dict[str, Any] = dict.fromkeys(key_fields(kind), (str, ...))
    alias = {"alias_generator": wire_alias(kind.model)}
    return create_model(f"{kind.schema.__name__}Key", __base__=_Key, __cls_kwargs__=alias, **fields)


def by_id(kind: Kind, row_id: str) -> Place:
    """Where a row is whose id is all that is known."""
    return Place(kind, table(kind), None, kind.id_field, row_id)


def by_parent(kind: Kind, parent_id: str) -> Place:
    """Where the rows are that belong to another row; for projects: to an owner."""
    return by_field(kind, str(kind.parent_field), parent_id)


def by_project(kind: Kind, project_id: str) -> Place:
    """Where the rows of a kind are that a project has, on whatever level."""
    return by_field(kind, "project_id", project_id)


def by_field(kind: Kind, field: str, value: str) -> Place:
    """Where the rows are that have this value in a field with an index: `name`, `status`, `user_id`, …."""
    return Place(kind, table(kind), f"{field}-index", field, value)
