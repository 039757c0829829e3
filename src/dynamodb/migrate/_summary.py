"""What a dry run tells: how many rows of each table would be migrated, which not and why, what it would cost."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from dynamodb import _requests
from dynamodb.migrate._converting import NAMESPACE
from dynamodb.migrate._lineage import Lineage
from dynamodb.migrate._loading import Tell
from dynamodb.migrate._owners import Owners
from dynamodb.migrate._plan import Plan, Refused
from dynamodb.migrate._source import Source
from dynamodb.migrate._units import write_units

#: Write units a second that a new on-demand table takes at once.
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
NEW_TABLE_UNITS = 4000.0


@dataclass
class TableSummary:
    """What would become of a table.

    Attributes:
        rows: rows of the source.
        migrated: those that would be written.
        bytes: of their items.
        write_units: to write them into the table and its indexes.
        quarantined: how many would not be written, by reason.
    """

    rows: int = 0
    migrated: int = 0
    bytes: int = 0
    write_units: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Summary:
    """What would become of a source.

    Attributes:
        tables: by their keys in `TABLE_NAMES`.
        unknown_columns: by table, columns that have no place in DynamoDB.
        rate: the limit that was given, at most what a new on-demand table takes at once.
    """

    tables: Mapping[str, TableSummary]
    unknown_columns: Mapping[str, list[str]]
    rate: float

    @property
    def write_units(self) -> int:
        """Of all tables."""
        return sum(table.write_units for table in self.tables.values())

    @property
    def seconds(self) -> float:
        """How long writing takes at the least."""
        return self.write_units / self.rate

    @property
    def quarantined(self) -> int:
        """Rows of all tables that would not be written."""
        return sum(table.quarantined.total() for table in self.tables.values())

    def as_json(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {
            "tables": {
                key: {
                    "rows": table.rows,
                    "migrated": table.migrated,
                    "bytes": table.bytes,
                    "write_units": table.write_units,
                    "quarantined": dict(table.quarantined),
                }
                for key, table in self.tables.items()
            },
            "quarantined": self.quarantined,
            "unknown_columns": dict(self.unknown_columns),
            "write_units": self.write_units,
            "seconds": round(self.seconds, 1),
        }


def summarize(
    source: Source,
    owners: Owners,
    *,
    max_write_units: float | None = None,
    namespace: UUID = NAMESPACE,
    tell: Tell = lambda _: None,
    see: Callable[[Refused], None] = lambda _: None,
) -> Summary:
    """Go through a source without writing anything, or asking DynamoDB anything.

    Args:
        source: what would be migrated.
        owners: of the projects.
        max_write_units: the limit that the run would have.
        namespace: of the projects' ids.
        tell: told of rows that were looked at.
        see: shown every row that would not be migrated.
    """
    tables: dict[str, TableSummary] = {}
    with tempfile.TemporaryDirectory() as folder, Lineage(Path(folder)) as lineage:
        for kind, rows in Plan(source, owners, lineage, namespace).rows():
            table = tables[kind.key] = TableSummary()
            for one in rows:
                table.rows += 1
                tell(1)
                if isinstance(one, Refused):
                    table.quarantined[one.reason] += 1
                    see(one)
                    continue
                table.migrated += 1
                table.bytes += _requests.item_size(one.item)
                table.write_units += write_units(kind, one.item)
    rate = min(max_write_units or NEW_TABLE_UNITS, NEW_TABLE_UNITS)
    return Summary(tables, source.unknown_columns, rate)
