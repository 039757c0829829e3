"""The six tables seen without the code under test: what the tests put in, and what they find afterwards."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reliability.engines import call
from support.index_lag import Send
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

    @property
    def name(self) -> tuple[str, str, str]:
        """What no two rows have in common."""
        return self.table, self.id, self.parent

    def get(self, name: str) -> str | None:
        """An attribute's text or number as text."""
        value = self.item.get(name)
        return next(iter(value.values())) if value else None


class Store:
    """One set of tables on an engine.

    Args:
        engine: The engine.
        prefix: What the table names start with.
    """

    tables = tuple(SIX)

    def __init__(self, engine: Send, prefix: str) -> None:
        self.engine = engine
        self.prefix = prefix

    def name(self, table: str) -> str:
        return self.prefix + table.replace("_", "-")

    def make_tables(self) -> None:
        for table, keys in SIX.items():
            call(self.engine, "CreateTable", definition(self.name(table), keys))

    def drop_tables(self) -> None:
        for table in SIX:
            call(self.engine, "DeleteTable", {"TableName": self.name(table)})

    def scan(self) -> list[Row]:
        """All rows of all tables, strongly consistent."""
        return [row for table in SIX for row in self._scan_table(table)]

    def put_only(self, wanted: Iterable[tuple[str, Item]], *, there: Sequence[Row] | None = None) -> None:
        """Put these items there, each with its table's key, and no others.

        Args:
            wanted: the items.
            there: what is there now, where that is known.
        """
        before = {row.name: row for row in (self.scan() if there is None else there)}
        after = {row.name: row for row in (_row(table, item) for table, item in wanted)}
        gone = [row for name, row in before.items() if name not in after]
        new = [row for name, row in after.items() if before.get(name) != row]
        self._write([(row.table, {"DeleteRequest": {"Key": _key_of(row)}}) for row in gone])
        self._write([(row.table, {"PutRequest": {"Item": row.item}}) for row in new])

    def _scan_table(self, table: str) -> Iterator[Row]:
        params = {"TableName": self.name(table), "ConsistentRead": True}
        while True:
            page = call(self.engine, "Scan", params)
            yield from (_row(table, item) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            params["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _write(self, waiting: Sequence[tuple[str, dict[str, Any]]]) -> None:
        for start in range(0, len(waiting), _BATCH):
            batch: dict[str, list[dict[str, Any]]] = {}
            for table, request in waiting[start : start + _BATCH]:
                batch.setdefault(self.name(table), []).append(request)
            answer = call(self.engine, "BatchWriteItem", {"RequestItems": batch})
            assert not answer.get("UnprocessedItems"), "a local engine leaves nothing over"


def _row(table: str, item: Item) -> Row:
    row_id, *parent = (item[key]["S"] for key in SIX[table].key)
    return Row(table, row_id, parent[0] if parent else "", item)


def _key_of(row: Row) -> Item:
    return {key: row.item[key] for key in SIX[row.table].key}
