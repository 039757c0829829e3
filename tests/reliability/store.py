"""The six tables seen with a plain client: what the tests put in, and what they find afterwards.

Nothing here uses the code under test: keys and indexes are written down once more by hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Item = dict[str, dict[str, str]]

#: Hash key, range key ("" where there is none), and the indexes' hash keys, by table.
TABLES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "projects": ("id", "user_id", ("user_id", "name")),
    "user_flows": ("uiid", "project_id", ("project_id",)),
    "high_level_requirements": ("uiid", "parent_uiid", ("parent_uiid", "project_id")),
    "low_level_requirements": ("uiid", "parent_uiid", ("parent_uiid", "project_id")),
    "test_cases": ("uiid", "parent_uiid", ("parent_uiid", "project_id")),
    "waitlist": ("email", "", ("status",)),
}
#: From the root down.
LEVELS = tuple(TABLES)[:5]

_BATCH = 25


@dataclass(frozen=True)
class Row:
    """A row as the engine holds it.

    Attributes:
        table: its table's key in `TABLES`.
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
        for table, (hash_key, range_key, indexes) in TABLES.items():
            keys = [key for key in (hash_key, range_key) if key]
            attributes = dict.fromkeys([*keys, *indexes, "created_at"])
            self.client.create_table(
                TableName=self.name(table),
                KeySchema=_key_schema(keys),
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": f"{key}-index",
                        "KeySchema": _key_schema([key, "created_at"]),
                        "Projection": {"ProjectionType": "ALL"},
                    }
                    for key in indexes
                ],
                BillingMode="PAY_PER_REQUEST",
            )

    def drop_tables(self) -> None:
        for table in TABLES:
            self.client.delete_table(TableName=self.name(table))

    def put(self, items: Iterable[tuple[str, Item]]) -> None:
        """Put items, each with its table's key."""
        self._write((table, {"PutRequest": {"Item": item}}) for table, item in items)

    def scan(self) -> list[Row]:
        """All rows of all tables, strongly consistent."""
        return [row for table in TABLES for row in self._scan_table(table)]

    def clear(self) -> None:
        """Delete all rows."""
        for table in TABLES:
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
    hash_key, range_key, _ = TABLES[table]
    return Row(table, item[hash_key]["S"], item[range_key]["S"] if range_key else "", item)


def _key_of(row: Row) -> Item:
    hash_key, range_key, _ = TABLES[row.table]
    return {key: row.item[key] for key in (hash_key, range_key) if key}


def _key_schema(keys: Iterable[str]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": role} for key, role in zip(keys, ("HASH", "RANGE"), strict=False)]
