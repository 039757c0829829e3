"""A layout's tables seen without the code under test: what the tests put in, and what they find afterwards."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from reliability.engines import call
from support.index_lag import Send
from support.layouts import SIX as SIX_TABLES
from support.tables import SIX, Shape, definition

Item = dict[str, dict[str, str]]
Rows = list[tuple[str, Item]]

#: Stands as the table of items that only lead to a row.
LEADS = "leads"

_BATCH = 25


@dataclass(frozen=True)
class Row:
    """A row as the engine holds it.

    Attributes:
        table: its kind's key in the `TABLE_NAMES` of six tables; `LEADS` for an item that leads to a row.
        id: its id, uiid or address.
        parent: what it belongs to: its owner for a project, "" for a waitlist entry.
        item: all of it, in DynamoDB's JSON, without what only its layout needs.
        key: what no two rows have in common.
        wrong: what is wrong with where it lies.
        unfinished: what would be wrong with it if nothing had been interrupted.
    """

    table: str
    id: str
    parent: str
    item: Item
    key: tuple[str, ...]
    wrong: str = ""
    unfinished: str = ""

    def get(self, name: str) -> str | None:
        """An attribute's text or number as text."""
        value = self.item.get(name)
        return next(iter(value.values())) if value else None


class Store:
    """The six tables on an engine.

    Args:
        engine: The engine.
        prefix: What the table names start with.
    """

    #: What the tests call it.
    name = SIX_TABLES
    layout = SIX_TABLES
    #: The other layout, which is written, too.
    dual_write: str | None = None
    shapes: ClassVar[Mapping[str, Shape]] = SIX

    def __init__(self, engine: Send, prefix: str) -> None:
        self.engine = engine
        self.prefix = prefix

    @property
    def names(self) -> list[str]:
        """The names of all tables."""
        return [self._name(table) for table in self.shapes]

    def make_tables(self) -> None:
        for table, shape in self.shapes.items():
            call(self.engine, "CreateTable", definition(self._name(table), shape))

    def scan(self) -> list[Row]:
        """All rows of all tables, strongly consistent."""
        return [self._row(table, item) for table in self.shapes for item in self._scan_table(table)]

    def completed(self, rows: Rows) -> Rows:
        """Rows with what earlier writers left out and this layout cannot do without."""
        return rows

    def as_stored(self, rows: Rows) -> Rows:
        """All that a writer of these rows puts there."""
        return rows

    def raw(self, table: str, item: Item) -> tuple[str, Item]:
        """The name of the table that a row is in, and the item that it is there."""
        return self._name(table), item

    def put_only(self, wanted: Iterable[tuple[str, Item]], *, there: Sequence[Row] | None = None) -> None:
        """Put these items there, each with its kind's key, and no others.

        Args:
            wanted: the items.
            there: what is there now, where that is known.
        """
        before = {row.key: row.item for row in (self.scan() if there is None else there)}
        after = {self._key(table, item): (table, item) for table, item in wanted}
        gone = [key for key in before if key not in after]
        new = [row for key, row in after.items() if before.get(key) != row[1]]
        self._write([self._delete(key) for key in gone])
        self._write([(name, {"PutRequest": {"Item": item}}) for name, item in (self.raw(*row) for row in new)])

    def _name(self, table: str) -> str:
        return self.prefix + table.replace("_", "-")

    def _row(self, table: str, item: Item) -> Row:
        row_id, *parent = (item[key]["S"] for key in self.shapes[table].key)
        return Row(table, row_id, parent[0] if parent else "", item, self._key(table, item))

    def _key(self, table: str, item: Item) -> tuple[str, ...]:
        return table, *(item[part]["S"] for part in self.shapes[table].key)

    def _delete(self, key: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
        table, *values = key
        parts = {part: {"S": value} for part, value in zip(self.shapes[table].key, values, strict=True)}
        return self._name(table), {"DeleteRequest": {"Key": parts}}

    def _scan_table(self, table: str) -> Iterator[Item]:
        params = {"TableName": self._name(table), "ConsistentRead": True}
        while True:
            page = call(self.engine, "Scan", params)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            params["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _write(self, waiting: Sequence[tuple[str, dict[str, Any]]]) -> None:
        for start in range(0, len(waiting), _BATCH):
            batch: dict[str, list[dict[str, Any]]] = {}
            for name, request in waiting[start : start + _BATCH]:
                batch.setdefault(name, []).append(request)
            answer = call(self.engine, "BatchWriteItem", {"RequestItems": batch})
            assert not answer.get("UnprocessedItems"), "a local engine leaves nothing over"
