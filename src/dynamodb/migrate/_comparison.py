"""Two sets of rows side by side in a temporary SQLite file: what the source gives, and what the target has."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from dynamodb import _layout, _requests, _tables
from dynamodb._requests import Item
from dynamodb.doctor._stored import Row
from dynamodb.migrate import _converting
from dynamodb.migrate._converting import Converted
from dynamodb.migrate._scratch import Scratch
from models._kinds import KINDS, PROJECT, Kind, parent_kind
from models._values import format_timestamp

#: The fields that readers look rows up by, other than their ids: those that the six tables have an index for.
LOOKUPS: dict[Kind, list[str]] = {
    kind: [index["KeySchema"][0]["AttributeName"] for index in _tables.definition(kind.key)["GlobalSecondaryIndexes"]]
    for kind in KINDS
}

_SCHEMA = """
CREATE TABLE expected (kind TEXT, names TEXT, digest BLOB, fields TEXT, updated TEXT, PRIMARY KEY (kind, names))
    WITHOUT ROWID;
CREATE TABLE found (kind TEXT, names TEXT, digest BLOB, fields TEXT, updated TEXT, version INTEGER, id TEXT,
    parent TEXT, project TEXT, PRIMARY KEY (kind, names)) WITHOUT ROWID;
CREATE TABLE lookups (kind TEXT, field TEXT, value TEXT, names TEXT, seen INTEGER DEFAULT 0,
    PRIMARY KEY (kind, field, value, names)) WITHOUT ROWID;
"""

#: A row's primary key and what is wrong with it.
Problem = tuple[str, tuple[str, ...], str]


class Comparison(Scratch):
    """The rows of both sides.

    Args:
        folder: where its file is for as long as it is open.
        whole: attributes that the models do not know are compared, too.
    """

    def __init__(self, folder: Path, *, whole: bool = False) -> None:
        super().__init__(folder / "comparison.sqlite", _SCHEMA)
        self._whole = whole

    def expect(self, one: Converted) -> None:
        """Add a row of the source."""
        self._expect(one.kind, _layout.name(one.kind, one.row)[1:], one.item, one.row.updated_at)

    def expect_stored(self, rows: Iterable[Row]) -> None:
        """Add rows of a source that is stored itself."""
        for row in rows:
            self._expect(row.kind, row.names, row.item, row.moment("updated_at") or row.moment("created_at"))

    def _expect(self, kind: Kind, names: Sequence[str], item: Item, changed: datetime | None) -> None:
        columns = (kind.key, json.dumps(names), self._digest(kind, item), self._fields(kind, item))
        self._file.execute(
            "INSERT INTO expected VALUES (?, ?, ?, ?, ?)", (*columns, changed and format_timestamp(changed))
        )

    def _digest(self, kind: Kind, item: Item) -> bytes:
        return _converting.digest(kind, item, whole=self._whole)

    def _fields(self, kind: Kind, item: Item) -> str:
        known = item if self._whole else _requests.wire_types(kind)
        return json.dumps(
            {name: zlib.crc32(orjson.dumps(value, default=repr)) for name, value in item.items() if name in known}
        )

    def find(self, rows: Iterable[Row]) -> None:
        """Add rows of the target."""
        for row in rows:
            kind, names = row.kind, json.dumps(row.names)
            changed = row.moment("updated_at") or row.moment("created_at")
            parent = row.text(kind.parent_field) if kind.parent_field else None
            values = (
                self._digest(kind, row.item),
                self._fields(kind, row.item),
                changed and format_timestamp(changed),
                row.version,
                row.row_id,
                parent,
                row.row_id if kind is PROJECT else row.text("project_id"),
            )
            self._file.execute("INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (kind.key, names, *values))
            lookups = [(kind.key, field, value, names) for field in LOOKUPS[kind] if (value := row.text(field))]
            self._file.executemany("INSERT INTO lookups (kind, field, value, names) VALUES (?, ?, ?, ?)", lookups)

    def is_found(self, row: Row) -> bool:
        """Say whether a row of the target is still as it was when it was added."""
        query = "SELECT digest FROM found WHERE kind = ? AND names = ?"
        found = self._file.execute(query, (row.kind.key, json.dumps(row.names))).fetchone()
        return found is not None and bytes(found[0]) == self._digest(row.kind, row.item)

    def counts(self, kind: Kind) -> tuple[int, int]:
        """Return how many rows of a kind the source gives, and the target has."""
        return self._count("expected", kind), self._count("found", kind)

    def _count(self, table: str, kind: Kind) -> int:
        query = f"SELECT count(*) FROM {table} WHERE kind = ?"  # noqa: S608 - one of two names
        return int(self._file.execute(query, (kind.key,)).fetchone()[0])

    def missing(self, kind: Kind) -> Iterator[Problem]:
        """Give the rows that the target does not have."""
        query = (
            "SELECT names FROM expected e WHERE kind = ?"
            " AND NOT EXISTS (SELECT 1 FROM found f WHERE f.kind = e.kind AND f.names = e.names)"
        )
        for (names,) in self._file.execute(query, (kind.key,)):
            yield "missing", tuple(json.loads(names)), "is not in the target"

    def unexpected(self, kind: Kind) -> Iterator[Problem]:
        """Give the rows that the source does not."""
        query = (
            "SELECT names FROM found f WHERE kind = ?"
            " AND NOT EXISTS (SELECT 1 FROM expected e WHERE e.kind = f.kind AND e.names = f.names)"
        )
        for (names,) in self._file.execute(query, (kind.key,)):
            yield "extra", tuple(json.loads(names)), "is not in the source"

    def different(self, kind: Kind) -> Iterator[Problem]:
        """Give the rows that are not the same; those that were written later are `newer`."""
        query = (
            "SELECT f.names, e.fields, f.fields, f.version > 1 OR f.updated > e.updated FROM found f"
            " JOIN expected e ON e.kind = f.kind AND e.names = f.names WHERE f.kind = ? AND f.digest <> e.digest"
        )
        for names, wanted, there, is_newer in self._file.execute(query, (kind.key,)):
            said = f"differs in {', '.join(_differing(json.loads(wanted), json.loads(there)))}"
            yield "newer" if is_newer else "different", tuple(json.loads(names)), said

    def unreachable(self, kind: Kind) -> Iterator[Problem]:
        """Give the rows whose parent the target does not have, or which carry another project's id than it."""
        above = parent_kind(kind)
        if above is None:
            return
        # Told to use it: SQLite would go through all parents for each child.
        self._file.execute("CREATE INDEX IF NOT EXISTS by_id ON found (kind, id)")
        query = (
            "SELECT f.names, p.id IS NULL FROM found f"
            " LEFT JOIN found p INDEXED BY by_id ON p.kind = ? AND p.id = f.parent"
            " WHERE f.kind = ? AND (p.id IS NULL OR p.project IS NOT f.project)"
        )
        for names, is_orphan in self._file.execute(query, (above.key, kind.key)):
            said = "its parent is not in the target" if is_orphan else "carries another project's id than its parent"
            yield "unreachable", tuple(json.loads(names)), said

    def unseen_values(self, kind: Kind, field: str) -> list[tuple[str, int]]:
        """Return the values of a field under which some row was not seen yet, with how many rows there are."""
        query = (
            "SELECT value, count(*) FROM lookups WHERE kind = ? AND field = ? GROUP BY value HAVING min(seen) = 0"
            " ORDER BY value"
        )
        return self._file.execute(query, (kind.key, field)).fetchall()

    def see(self, kind: Kind, field: str, rows: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Note that rows are found by a field: its value, and a row's primary key."""
        self._file.executemany(
            "UPDATE lookups SET seen = 1 WHERE kind = ? AND field = ? AND value = ? AND names = ?",
            [(kind.key, field, value, json.dumps(names)) for value, names in rows],
        )

    def unseen(self, kind: Kind, field: str) -> Iterator[Problem]:
        """Give the rows that an index does not have."""
        query = "SELECT names FROM lookups WHERE kind = ? AND field = ? AND NOT seen"
        for (names,) in self._file.execute(query, (kind.key, field)):
            yield "not_indexed", tuple(json.loads(names)), f"is not found by {field}"


def _differing(left: dict[str, int], right: dict[str, int]) -> list[str]:
    return sorted(name for name in {*left, *right} if left.get(name) != right.get(name))
