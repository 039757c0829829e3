"""Verification: the source and the target compared in both directions, row by row, and what readers need beside rows.

The source is converted again, and every table is scanned, strongly consistent: never a count that DynamoDB keeps. Each
row is compared by the SHA-256 of its canonical form. Every index is then read, too, and asked for what it lacks the way
readers ask.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from dynamodb import _layout, _rows
from dynamodb._decoding import decoder
from dynamodb._sending import at_once, patient
from dynamodb._translation import IndexNotFoundError
from dynamodb.doctor import _stored
from dynamodb.doctor._stored import Row
from dynamodb.migrate import _loading
from dynamodb.migrate._comparison import LOOKUPS, Comparison, Problem
from dynamodb.migrate._converting import NAMESPACE, Converted
from dynamodb.migrate._lineage import Lineage
from dynamodb.migrate._loading import Tell
from dynamodb.migrate._owners import Owners
from dynamodb.migrate._plan import Plan
from dynamodb.migrate._running import target_identity
from dynamodb.migrate._source import Source
from models._kinds import KINDS, Kind

#: Kept in memory of all differences.
SHOWN = 1000
#: Seconds to wait for an index that does not show a row yet, before each further look.
_WAITS = (0.25, 1.0, 2.0, 4.0)
#: Values that are asked for at the same time, and rows under one value that are read as a whole.
_AT_ONCE, _WHOLE = 256, 5000


@dataclass(frozen=True)
class Difference:
    """Something that is not as the source says.

    Attributes:
        table: its key in `TABLE_NAMES`.
        problem: `missing`, `extra`, `different`, `newer`, `unreachable` or `not_indexed`.
        key: the values of the row's primary key. An address is personal data.
        detail: what exactly, for example the attributes that differ.
    """

    table: str
    problem: str
    key: tuple[str, ...]
    detail: str


@dataclass
class Compared:
    """One table.

    Attributes:
        source: rows that the source gives, those in quarantine left out.
        target: rows that the table has.
        quarantined: rows of the source that cannot be migrated, and are not looked for.
        problems: how many by problem.
    """

    source: int = 0
    target: int = 0
    quarantined: int = 0
    problems: dict[str, int] = field(default_factory=dict)

    def counted(self, kind: Kind, problems: Iterable[Problem]) -> Iterator[Difference]:
        """Count problems of this table while they are gone through."""
        for problem, key, detail in problems:
            self.problems[problem] = self.problems.get(problem, 0) + 1
            yield Difference(kind.key, problem, key, detail)


@dataclass(frozen=True)
class Verification:
    """What was compared.

    Attributes:
        tables: by their keys in `TABLE_NAMES`.
        differences: the first 1000.
        expected: problems that are none, because the target had rows before: `extra` and `newer`.
    """

    tables: dict[str, Compared]
    differences: list[Difference]
    expected: frozenset[str]

    @property
    def wrong(self) -> int:
        """How many problems there are."""
        return sum(
            count
            for table in self.tables.values()
            for problem, count in table.problems.items()
            if problem not in self.expected
        )

    def as_json(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {
            "tables": {key: asdict(table) for key, table in self.tables.items()},
            "wrong": self.wrong,
            "differences": [asdict(one) | {"key": list(one.key)} for one in self.differences],
        }


def verify(
    source: Source,
    owners: Owners,
    *,
    merged: bool = False,
    namespace: UUID = NAMESPACE,
    tell: Tell = lambda _: None,
    see: Callable[[Difference], None] = lambda _: None,
) -> Verification:
    """Compare a source with the tables. Nothing is changed.

    It costs a strongly consistent scan of every table and a scan of every index, in one table a query for each parent
    and project; a temporary file of about 600 bytes for each row.

    Args:
        source: what was migrated.
        owners: of the projects.
        merged: the target had rows before, or is in use: `extra` and `newer` rows are told, but are not wrong.
        namespace: of the projects' ids.
        tell: told of rows that were looked at, of the source and of the target.
        see: shown every difference; the answer holds the first 1000.

    Raises:
        TableNotFoundError: if a table is missing.
        DataLayerError: as `dynamodb.errors` says.
    """
    target_identity()  # a wrong name or endpoint shows at once
    tables = {kind.key: Compared() for kind in KINDS}
    shown: list[Difference] = []
    with (
        patient(_loading.PATIENCE),
        tempfile.TemporaryDirectory() as folder,
        Comparison(Path(folder)) as comparison,
    ):
        with Lineage(Path(folder)) as lineage:
            _expect(Plan(source, owners, lineage, namespace), comparison, tables, tell)
        for kind in KINDS:
            for page in _stored.pages(kind, consistent=True):
                comparison.find(page)
                tell(len(page))
        for kind in KINDS:
            table = tables[kind.key]
            table.source, table.target = comparison.counts(kind)
            for one in table.counted(kind, _problems(comparison, kind)):
                see(one)
                shown += [one] * (len(shown) < SHOWN)
    return Verification(tables, shown, frozenset({"extra", "newer"} if merged else ()))


def _expect(plan: Plan, comparison: Comparison, tables: dict[str, Compared], tell: Tell) -> None:
    for kind, rows in plan.rows():
        for one in rows:
            if isinstance(one, Converted):
                comparison.expect(one)
            else:
                tables[kind.key].quarantined += 1
            tell(1)


def _problems(comparison: Comparison, kind: Kind) -> Iterator[Problem]:
    yield from comparison.missing(kind)
    yield from comparison.unexpected(kind)
    yield from comparison.different(kind)
    yield from comparison.unreachable(kind)
    yield from not_indexed(comparison, kind)


def not_indexed(comparison: Comparison, kind: Kind) -> Iterator[Problem]:
    """Give the rows of the target that readers do not find by one of the fields that they look for."""
    for one in LOOKUPS[kind]:
        try:
            _ask(comparison, kind, one)
        except IndexNotFoundError as error:
            yield "not_indexed", (), str(error)
        else:
            yield from comparison.unseen(kind, one)


def _ask(comparison: Comparison, kind: Kind, looked_up: str) -> None:
    """Look every row up by a field; an index follows its table a moment later, and gets some.

    An index is read through at first: that is a page for thousands of rows, where readers' queries are one for each
    value. What it does not show is asked for as readers do.
    """
    _read_through(comparison, kind, looked_up)
    for wait in (0.0, *_WAITS):
        values = comparison.unseen_values(kind, looked_up)
        if not values:
            return
        time.sleep(wait)
        small = [value for value, count in values if count <= _WHOLE]
        for start in range(0, len(small), _AT_ONCE):
            some = small[start : start + _AT_ONCE]
            for value, names in zip(some, at_once(partial(_under, kind, looked_up, one) for one in some), strict=True):
                comparison.see(kind, looked_up, ((value, one) for one in names))
        for value in (value for value, count in values if count > _WHOLE):
            for names in _pages(kind, looked_up, value):
                comparison.see(kind, looked_up, ((value, one) for one in names))


def _read_through(comparison: Comparison, kind: Kind, looked_up: str) -> None:
    place = _place(kind, looked_up, "any")
    if place.index is None:
        return
    params = {"TableName": place.table, "IndexName": place.index}
    needed = {place.hash_key, *_layout.name_fields(kind)}
    for items in _stored.items_of("Scan", params):
        rows = [Row(kind, item) for item in items if needed <= item.keys()]
        comparison.see(kind, looked_up, ((row.item[place.hash_key]["S"], row.names) for row in rows))


def _place(kind: Kind, looked_up: str, value: str) -> _layout.Place:
    layout = _layout.current()
    if looked_up == kind.parent_field:
        return layout.by_parent(kind, value)
    return layout.by_project(kind, value) if looked_up == "project_id" else layout.by_field(kind, looked_up, value)


def _under(kind: Kind, looked_up: str, value: str) -> list[Sequence[str]]:
    return [names for page in _pages(kind, looked_up, value) for names in page]


def _pages(kind: Kind, looked_up: str, value: str) -> Iterator[list[Sequence[str]]]:
    into = decoder(_layout.current().key_schema(kind))
    for page, _ in _rows.read_pages(_place(kind, looked_up, value), into):
        yield [_layout.name(kind, row)[1:] for row in page]
