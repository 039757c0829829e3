"""The six tables seen with a plain client: what the tests put in, and what they find afterwards.

Nothing here uses the code under test.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from support.tables import SIX, definition

Item = dict[str, dict[str, str]]

_BATCH = 25


@dataclass(frozen=True)
class Row:
    """A row as the engine holds it.

    Attributes:
        table: its table's key in `TABLE_NAMES`.
        id: its id, uiid or address.
        parent: what it belongs to: its owner for a project, "" for a waitlist entry.
        item: all of it, in DynamoDB's JSON.
    """

    table: str
    id: str
    parent: str
    item: Item

    def get(self, name: str) -> str | None:
        """An attribute's text or number as text."""
        value = self.item.get(name)
        return next(iter(value.values())) if value else None


class Store:
    """One set of tables on an engine.

    Args:
        client: A plain botocore client.
        prefix: What the table names start with.
    """

    def __init__(self, client: Any, prefix: str) -> None:
        self.client = client
        self.prefix = prefix

    def name(self, table: str) -> str:
        return self.prefix + table.replace("_", "-")

    def make_tables(self) -> None:
        for table, keys in SIX.items():
            self.client.create_table(**definition(self.name(table), keys))

    def drop_tables(self) -> None:
        for table in SIX:
            self.client.delete_table(TableName=self.name(table))

    def put(self, items: Iterable[tuple[str, Item]]) -> None:
        """Put items, each with its table's key."""
        self._write((table, {"PutRequest": {"Item": item}}) for table, item in items)

    def scan(self) -> list[Row]:
        """All rows of all tables, strongly consistent."""
        return [row for table in SIX for row in self._scan_table(table)]

    def clear(self) -> None:
        """Delete all rows."""
        for table in SIX:
            rows = self._scan_table(table)
            self._write((table, {"DeleteRequest": {"Key": _key_of(row)}}) for row in rows)

    def _scan_table(self, table: str) -> list[Row]:
        pages = self.client.get_paginator("scan").paginate(TableName=self.name(table), ConsistentRead=True)
        return [_row(table, item) for page in pages for item in page["Items"]]

    def _write(self, requests: Iterable[tuple[str, dict[str, Any]]]) -> None:
        waiting = list(requests)
        for start in range(0, len(waiting), _BATCH):
            batch: dict[str, list[dict[str, Any]]] = {}
            for table, request in waiting[start : start + _BATCH]:
                batch.setdefault(self.name(table), []).append(request)
            answer = self.client.batch_write_item(RequestItems=batch)
            assert not answer.get("UnprocessedItems"), "a local engine leaves nothing over"


def _row(table: str, item: Item) -> Row:
    row_id, *parent = (item[key]["S"] for key in SIX[table].key)
    return Row(table, row_id, parent[0] if parent else "", item)


def _key_of(row: Row) -> Item:
    return {key: row.item[key] for key in SIX[row.table].key}
