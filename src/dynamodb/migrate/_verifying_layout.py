"""Two layouts compared in both directions, row by row, also while others write.

Both are scanned, strongly consistent. Between the scans rows may change, so each difference is looked at again: both
rows are read in one transaction, which shows them as they are in one moment. What differs then, differs.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import orjson

from dynamodb import _layout
from dynamodb._config import SIX_TABLE
from dynamodb._layout import Layout
from dynamodb._requests import Item
from dynamodb._sending import at_once, patient, send
from dynamodb.doctor._stored import Row
from dynamodb.migrate import _copying
from dynamodb.migrate._comparison import Comparison, Problem
from dynamodb.migrate._converting import RefusedError
from dynamodb.migrate._copying import Move
from dynamodb.migrate._loading import PATIENCE, Tell
from dynamodb.migrate._scratch import Scratch
from dynamodb.migrate._verifying import SHOWN, Compared, Difference, Verification, not_indexed
from models._kinds import KINDS, Kind

_AT_ONCE = 100

Names = tuple[str, ...]
T = TypeVar("T")


def verify_layout(
    source: str,
    target: str,
    *,
    prune: bool = False,
    tell: Tell = lambda _: None,
    see: Callable[[Difference], None] = lambda _: None,
) -> Verification:
    """Compare the tables of two layouts. Others may write meanwhile, if what they write goes to both.

    It costs a strongly consistent scan of every table and a scan of every index of the target, in one table a query for
    each parent and project; a temporary file of about 800 bytes for each row.

    Args:
        source: the layout that is right: `six-table` or `single-table`.
        target: the other one.
        prune: delete rows of the target that the source does not have, each in a transaction that checks that it still
            has not: what a writer left who deleted in the source alone.
        tell: told of rows that were looked at, of the source and of the target.
        see: shown every difference; the answer holds the first 1000.

    Returns:
        What was compared. The problem of a row that was deleted is `pruned`, and is none.

    Raises:
        InvalidInputError: if the layouts are no two.
        TableNotFoundError: if a table is missing.
        DataLayerError: as `dynamodb.errors` says.
    """
    move = _copying.move_between(source, target)
    tables = {kind.key: Compared() for kind in KINDS}
    shown: list[Difference] = []
    with (
        patient(PATIENCE),
        tempfile.TemporaryDirectory() as folder,
        Comparison(Path(folder), whole=True) as comparison,
        _Keys(Path(folder)) as keys,
    ):
        look = _Look(move, comparison, keys, tables, tell, prune=prune)
        for kind in KINDS:
            look.scan(kind)
        for kind in reversed(KINDS) if prune else KINDS:
            table = tables[kind.key]
            table.source, table.target = comparison.counts(kind)
            for one in table.counted(kind, look.problems(kind)):
                see(one)
                shown += [one] * (len(shown) < SHOWN)
    return Verification(tables, shown, frozenset({"pruned"}))


class _Keys(Scratch):
    """The primary keys under which the scans found rows."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            folder / "keys.sqlite",
            "CREATE TABLE keys (side TEXT, kind TEXT, names TEXT, key TEXT, PRIMARY KEY (side, kind, names))"
            " WITHOUT ROWID",
        )

    def add(self, side: str, layout: Layout, rows: Iterable[Row]) -> None:
        self._file.executemany(
            "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?)",
            [(side, row.kind.key, json.dumps(row.names), orjson.dumps(_key(layout, row)).decode()) for row in rows],
        )

    def get(self, side: str, kind: Kind, names: Names) -> _layout.Key | None:
        query = "SELECT key FROM keys WHERE side = ? AND kind = ? AND names = ?"
        found = self._file.execute(query, (side, kind.key, json.dumps(names))).fetchone()
        return orjson.loads(found[0]) if found else None


def _key(layout: Layout, row: Row) -> _layout.Key:
    return _copying.key_of(layout, row.kind, row.item)


@dataclass
class _Look:
    """One comparison."""

    move: Move
    comparison: Comparison
    keys: _Keys
    tables: dict[str, Compared]
    tell: Tell
    prune: bool
    refused: set[tuple[Kind, str | None]] = field(default_factory=set)
    #: Rows of the target that their ids do not lead to.
    lost: dict[Kind, list[Row]] = field(default_factory=dict)

    def scan(self, kind: Kind) -> None:
        """Read both sides."""
        for rows, _ in _copying.pages(self.move, kind):
            expected = [row for row in rows if self._can_be_there(row)]
            self.keys.add("source", self.move.source, expected)
            self.comparison.expect_stored(_own(self.move.source, expected))
            self.tell(len(rows))
        self.lost[kind] = []
        for rows, _ in _copying.pages(self.move.back(), kind):
            self.keys.add("target", self.move.target, rows)
            self.comparison.find(_own(self.move.target, rows))
            self.lost[kind] += _not_led_to(self.move.target, kind, rows)
            self.tell(len(rows))

    def _can_be_there(self, row: Row) -> bool:
        try:
            _copying.as_there(self.move, row, lambda *name: name in self.refused)
        except RefusedError:
            self.refused.add((row.kind, row.row_id))
            self.tables[row.kind.key].quarantined += 1
            return False
        return True

    def problems(self, kind: Kind) -> Iterator[Problem]:
        """Give what differs, and goes on differing when it is looked at again."""
        suspects = (self.comparison.missing, self.comparison.unexpected, self.comparison.different)
        for some in _some(names for find in suspects for _, names, _ in find(kind)):
            found = at_once(partial(self._look_again, kind, *self._with_keys(kind, names)) for names in some)
            yield from (problem for problem in found if problem)
        # What a row without a parent is under, nobody finds: that is no matter of the layout.
        orphans = {names for _, names, _ in self.comparison.unreachable(kind)}
        with _layout.using(self.move.target):
            unseen = [one for one in not_indexed(self.comparison, kind) if one[1] not in orphans]
        for some_unseen in _some(unseen):
            yield from self._still(kind, some_unseen)
        for row in self._still_lost(kind):
            yield "not_indexed", row.names, f"is not found by {kind.id_field}"

    def _with_keys(self, kind: Kind, names: Names) -> tuple[Names, _layout.Key | None, _layout.Key | None]:
        return names, self.keys.get("source", kind, names), self.keys.get("target", kind, names)

    def _look_again(
        self, kind: Kind, names: Names, ours: _layout.Key | None, theirs: _layout.Key | None
    ) -> Problem | None:
        """Read a row of both sides as they are in one moment, and say what is wrong."""
        ours, theirs = self._complete(kind, ours, theirs)
        wanted = [(self.move.source, ours), (self.move.target, theirs)]
        gets = [{"Get": {"TableName": layout.table(kind), "Key": key}} for layout, key in wanted if key]
        answers = iter(send("TransactGetItems", {"TransactItems": gets})["Responses"])
        items = [next(answers).get("Item") if key else None for _, key in wanted]
        mine, their = (None if item is None else Row(kind, item, at[0]) for item, at in zip(items, wanted, strict=True))
        if their is None:
            return ("missing", names, "is not in the target") if mine else None
        if mine is None:
            if self.prune and ours and _copying.remove(self.move, their, ours):
                return "pruned", names, "was not in the source, and was deleted"
            return "extra", names, "is not in the source"
        left, right = self.move.source.fields(kind, mine.item), self.move.target.fields(kind, their.item)
        if _copying.is_same(left, right):
            return None
        named = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
        return "newer" if _copying.is_newer(their, mine) else "different", names, f"differs in {', '.join(named)}"

    def _complete(
        self, kind: Kind, ours: _layout.Key | None, theirs: _layout.Key | None
    ) -> tuple[_layout.Key | None, _layout.Key | None]:
        """Find out under which key the side has a row that did not have it when it was scanned."""
        if ours and theirs:
            return ours, theirs
        move = self.move if ours else self.move.back()
        rows = _copying.read(move.source, kind, [key for key in (ours, theirs) if key])
        for row in rows.values():
            other = move.target.item(kind, move.source.fields(kind, row.item))
            found = _copying.key_of(move.target, kind, other)
            return (ours, found) if ours else (found, theirs)
        return ours, theirs  # it is gone from there, too

    def _still(self, kind: Kind, problems: Sequence[Problem]) -> Iterator[Problem]:
        """Give what an index did not show, but for rows that were changed since: it shows what they are now."""
        keys = {names: self.keys.get("target", kind, names) for _, names, _ in problems if names}
        rows = _copying.read(self.move.target, kind, [key for key in keys.values() if key])
        for problem in problems:
            key = keys.get(problem[1])
            row = rows.get(_copying.values(key)) if key else None
            # Without names it is the index itself that is missing.
            if not problem[1] or (row and self.comparison.is_found(_own(self.move.target, [row])[0])):
                yield problem

    def _still_lost(self, kind: Kind) -> list[Row]:
        keys = [_key(self.move.target, row) for row in self.lost[kind]]
        rows = list(_copying.read(self.move.target, kind, keys).values())
        return _not_led_to(self.move.target, kind, rows)


def _own(layout: Layout, rows: Sequence[Row]) -> list[Row]:
    """Return rows with nothing but what is their own in any layout: as they are in six tables."""
    six = _layout.named(SIX_TABLE)
    return [Row(row.kind, layout.fields(row.kind, row.item), six) for row in rows]


def _not_led_to(layout: Layout, kind: Kind, rows: Sequence[Row]) -> list[Row]:
    """Return the rows that lack an item which belongs to them."""
    wanted: list[tuple[Row, Item]] = [(row, item) for row in rows for item in layout.companions(kind, row.item)]
    keys = [_copying.key_of(layout, kind, item) for _, item in wanted]
    found = _copying.read(layout, kind, keys)
    there = {values: row.item for values, row in found.items()}
    return [row for (row, item), key in zip(wanted, keys, strict=True) if there.get(_copying.values(key)) != item]


def _some(all_of_them: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(all_of_them)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
