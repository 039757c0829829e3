"""Both layouts at once, as they are while every write goes to both: what differs between them is wrong."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reliability.one_store import OneTableStore
from reliability.store import LEADS, Item, Row, Rows, Store
from support.index_lag import Send
from support.layouts import SINGLE_AND_SIX, SIX_AND_SINGLE
from support.one_table import LETTERS

#: What a node needs to have a key in the one table.
_NEEDED = {"project_id", "created_at"}


class BothStores(Store):
    """The tables of a layout, and those of the other one, in which every row must be the same.

    Args:
        engine: The engine.
        prefix: What the table names start with.
    """

    first: type[Store]
    other: type[Store]

    def __init__(self, engine: Send, prefix: str) -> None:
        super().__init__(engine, prefix)
        self._first, self._other = self.first(engine, prefix), self.other(engine, prefix)
        self.layout, self.dual_write = self.first.layout, self.other.layout
        self._there: Sequence[Row] = ()

    @property
    def names(self) -> list[str]:
        return [*self._first.names, *self._other.names]

    def make_tables(self) -> None:
        self._first.make_tables()
        self._other.make_tables()

    def scan(self) -> list[Row]:
        """The rows of the first layout; one that is not the same in the other, or is there alone, is wrong."""
        self._there = self._other.scan()
        twins: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in self._there:
            twins[row.table, row.id, row.parent].append(row)
        found = [
            row if row.table == LEADS else _judged(row, twins[row.table, row.id, row.parent])
            for row in self._first.scan()
        ]
        left = [row for rows in twins.values() for row in rows]
        alone = [replace(row, wrong=f"is in the {self.dual_write} layout alone") for row in left if row.table != LEADS]
        loose = [row for row in left if row.table == LEADS and row.wrong]
        return [*found, *alone, *loose]

    def completed(self, rows: Rows) -> Rows:
        return self._first.completed(rows)

    def as_stored(self, rows: Rows) -> Rows:
        return self._first.as_stored(rows)

    def put_only(self, wanted: Iterable[tuple[str, Item]], *, there: Sequence[Row] | None = None) -> None:
        wanted = list(wanted)
        self._first.put_only(wanted, there=there)
        held = [(table, item) for table, item in wanted if table != LEADS and _is_held(table, item)]
        self._other.put_only(self._other.as_stored(held), there=None if there is None else self._there)


class SixAndSingle(BothStores):
    """Six tables decide, the one table is written, too."""

    name = SIX_AND_SINGLE
    first, other = Store, OneTableStore


class SingleAndSix(BothStores):
    """The one table decides, six tables are written, too."""

    name = SINGLE_AND_SIX
    first, other = OneTableStore, Store


def _is_held(table: str, item: Mapping[str, object]) -> bool:
    """Whether both layouts can have a row: the one table has no key for some of earlier writers."""
    return table not in LETTERS or item.keys() >= _NEEDED


def _judged(row: Row, twins: list[Row]) -> Row:
    """Say what is wrong with a row, and take its twin, if there is one, out of those."""
    if not twins:
        return replace(row, wrong=row.wrong or "is not in the other layout") if _is_held(row.table, row.item) else row
    twin = twins.pop()
    if twin.item != row.item:
        return replace(row, wrong=row.wrong or f"differs in the other layout: {twin.item}")
    return replace(row, wrong=row.wrong or twin.wrong or twin.unfinished)
