"""The migration of an old database, as one operation: its source is what PostgreSQL would give, row by row."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dynamodb.migrate import Owners, SourceRow, migrate
from models._kinds import KINDS, WAITLIST, Kind
from reliability.operations import Operation

#: Children of a row on each level: 2 + 4 + 12 + 36 + 108 rows.
_WIDTHS = (2, 2, 3, 3, 3)


class _Snapshot:
    """Two projects and three sign-ups: the same in every process."""

    identity = "postgres:reliability"
    unknown_columns: Mapping[str, list[str]] = {}

    def __init__(self) -> None:
        self._rows: dict[Kind, list[SourceRow]] = {}
        above: list[str] = [""]
        for kind, width in zip((one for one in KINDS if one is not WAITLIST), _WIDTHS, strict=True):
            parents = [parent for parent in above for _ in range(width)]
            self._rows[kind] = [_row(kind, serial, parent) for serial, parent in enumerate(parents, start=1)]
            above = [str(row.values.get("uiid") or row.serial) for row in self._rows[kind]]
        self._rows[WAITLIST] = [
            SourceRow(serial, _texts(serial, email=f"Person{serial}@example.org", status="pending"))
            for serial in range(1, 4)
        ]

    def count(self, kind: Kind) -> int:
        return len(self._rows[kind])

    def rows(self, kind: Kind) -> Iterator[SourceRow]:
        return iter(self._rows[kind])


def _row(kind: Kind, serial: int, parent: str) -> SourceRow:
    texts = _texts(serial, name=f"{kind.key} {serial}", description=None, initial_prompt=None)
    if kind.parent_field and parent:
        texts |= {"uiid": f"{kind.key}-{serial}", kind.parent_field: parent}
    return SourceRow(serial, texts)


def _texts(serial: int, **values: str | None) -> dict[str, str | None]:
    moment = f"2025-03-01 12:00:00.{serial:06d}+00"
    return {"id": str(serial), **values, "created_at": moment, "updated_at": moment}


def _migrate(state: str) -> dict[str, Any]:
    done = migrate(_Snapshot(), Owners("ada"), state=Path(state))
    return {key: [table.rows, table.quarantined] for key, table in done.tables.items()}


def _state() -> str:
    return str(Path(tempfile.mkdtemp(prefix="reliability-"), "state"))


MIGRATING = [Operation("migrate 165", _migrate, list, atomic=False, one_layout_only=True, given=_state)]
