"""From one layout to the other: every row is read by a scan, and copied in a transaction that checks what was read.

The scan is one stream a kind, parents first: writing takes far longer than reading, so segments would only make the
checkpoint larger. The checkpoint is the key after which the scan goes on; it passes a page, on disk, when all of its
rows are in the target, or in quarantine. Rows between it and a crash are found to be there already, and not written
again: so a run that was killed ends in the same tables as one that was not.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import orjson

from dynamodb import _config, _layout, _tables
from dynamodb._capacity import capacity
from dynamodb._requests import Item
from dynamodb._sending import PASSING, Backoff, patient
from dynamodb.doctor import _stored
from dynamodb.doctor._stored import Row
from dynamodb.errors import ThrottledError
from dynamodb.migrate import _converting, _copying
from dynamodb.migrate._converting import RefusedError
from dynamodb.migrate._copying import Move, Moved
from dynamodb.migrate._loading import PATIENCE, Loaded, Tell
from dynamodb.migrate._pace import Pace
from dynamodb.migrate._plan import Refused
from dynamodb.migrate._refusals import Refusals
from dynamodb.migrate._running import Migration, refuse_rows, target_identity
from dynamodb.migrate._state import State, Written
from models._kinds import KINDS, Kind

_END = "end"


def migrate_layout(
    source: str,
    target: str,
    *,
    state: Path,
    merge: bool = False,
    max_write_units: float | None = None,
    tell: Tell = lambda _: None,
) -> Migration:
    """Copy all rows of one layout's tables into those of the other, or go on with a run that was interrupted.

    Ids, versions, times and all attributes stay as they are. The source is only read.

    Args:
        source: the layout that is read: `six-table` or `single-table`.
        target: the other one.
        state: the state folder, made before the first write.
        merge: the target may have rows. None that was written later than the source's is overwritten.
        max_write_units: a second, those of the indexes included; default: as many as DynamoDB takes.
        tell: told of rows that are done.

    Raises:
        AlreadyExistsError: if the target is not empty and `merge` is not set; nothing was written.
        InvalidInputError: if the layouts are no two, or the state folder belongs to a run of another source or target,
            or to one that is complete.
        TableNotFoundError: if a table is missing.
        DataLayerError: as `dynamodb.errors` says; the same call goes on.
    """
    move = _copying.move_between(source, target)
    facts = {"source": _identity(move.source), "target": _identity(move.target)}
    with State(state) as run:
        if not merge and run.fact("target") is None:
            with _layout.using(move.target):
                refuse_rows()
        resumed = run.claim({**facts, "merge": str(merge), "layout": target})
        run.log("goes on" if resumed else f"begins, from {source} to {target}")
        with Refusals(run.quarantine) as refusals:
            copier = _Copier(move, run, refusals, Pace(max_write_units), tell, merge=merge)
            try:
                with patient(PATIENCE):
                    tables = {kind.key: copier.copy(kind) for kind in KINDS}
            except BaseException as error:
                run.log(f"stops: {type(error).__name__}")
                raise
        run.log("everything is written")
        run.note(status="complete")
        reasons = {key: dict(table.reasons) for key, table in tables.items() if table.reasons}
        loaded = {key: table.loaded for key, table in tables.items()}
        return Migration(loaded, reasons, {}, copier.write_units, resumed, run.quarantine)


def count_about(layout: str) -> int:
    """Return about how many rows a layout's tables have, as DynamoDB counted them some hours ago; for a progress bar.

    Args:
        layout: `six-table` or `single-table`; of the latter's rows most are two items.

    Raises:
        InvalidInputError: if there is no such layout.
        TableNotFoundError: if a table is missing.
    """
    _config.check_layout("layout", layout)
    known = _layout.named(layout)
    items = sum(int(_tables.describe(name).get("ItemCount", 0)) for name in known.tables())
    return items // 2 if known.guards_ids else items


def _identity(layout: _layout.Layout) -> str:
    with _layout.using(layout):
        return target_identity()


@dataclass
class _Table:
    """What was done with one kind of row."""

    loaded: Loaded = field(default_factory=Loaded)
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass
class _Copier:
    """Copies kind after kind, page after page."""

    move: Move
    state: State
    refusals: Refusals
    pace: Pace
    tell: Tell
    merge: bool
    write_units: float = 0.0
    _table: _Table = field(default_factory=_Table)

    def copy(self, kind: Kind) -> _Table:
        """Copy all rows of a kind, or those that are left."""
        position = self.state.fact(f"position/{kind.key}")
        self._table = _read_table(self.state.fact(f"loaded/{kind.key}"))
        if position != _END:
            for rows, after in _copying.pages(self.move, kind, orjson.loads(position) if position else None):
                self._page(kind, rows)
                self.refusals.flush()
                self._checkpoint(kind, after)
                self.tell(len(rows))
        self._table.loaded.written = self.state.count_written(kind)
        self.state.log(f"{kind.key}: {self._table.loaded}")
        return self._table

    def _checkpoint(self, kind: Kind, after: Item | None) -> None:
        done = {**asdict(self._table.loaded), "reasons": self._table.reasons}
        position = orjson.dumps(after).decode() if after else _END
        self.state.note(**{f"position/{kind.key}": position, f"loaded/{kind.key}": orjson.dumps(done).decode()})

    def _page(self, kind: Kind, rows: Sequence[Row]) -> None:
        moved = [one for row in rows if (one := self._as_there(row)) is not None]
        self._table.loaded.rows += len(rows)
        for some in _one_of_each_id(moved):
            self._settle(kind, some)

    def _as_there(self, row: Row) -> Moved | None:
        try:
            return _copying.as_there(self.move, row, self._is_refused)
        except RefusedError as error:
            self._refuse(row, error)
            return None

    def _is_refused(self, kind: Kind, row_id: str | None) -> bool:
        return self.state.fact(_refused(kind, row_id)) is not None

    def _refuse(self, row: Row, error: RefusedError, **more: Item) -> None:
        self._table.loaded.quarantined += 1
        self._table.reasons[error.reason] += 1
        self.refusals.add(Refused(row.kind, row.names, error.reason, error.detail, row.item), **more)
        if error.reason not in {"target_newer", "id_taken"}:  # another row with its id is there
            self.state.note(**{_refused(row.kind, row.row_id): error.reason})

    def _settle(self, kind: Kind, rows: Sequence[Moved]) -> None:
        """Copy rows; those that somebody changed meanwhile, or that were throttled, are looked at again."""
        backoff, end = Backoff(PATIENCE), time.monotonic() + PATIENCE
        while rows:
            wanted, left = self._look(kind, rows)
            left += [one.row for share in self._shares(wanted) for one in self._write(kind, share)]
            if len(left) < len(rows):
                end = time.monotonic() + PATIENCE
            elif time.monotonic() > end or not backoff.wait():
                raise ThrottledError(
                    f"{kind.key}: nothing could be written for {PATIENCE:.0f} seconds; the same command again goes on"
                )
            rows = self._as_they_are(kind, left)

    def _look(self, kind: Kind, rows: Sequence[Moved]) -> tuple[list[Moved], list[Row]]:
        """Return the rows that have to be written, each with what is there, and those that have been changed since."""
        target = self.move.target
        keys = [_copying.values(_copying.key_of(target, kind, one.item)) for one in rows]
        found = _copying.read(target, kind, [_copying.key_of(target, kind, one.item) for one in rows])
        elsewhere = self._elsewhere(kind, [one for one, key in zip(rows, keys, strict=True) if key not in found])
        wanted: list[Moved] = []
        kept: list[tuple[Row, str, Row]] = []
        for one, key in zip(rows, keys, strict=True):
            there = found.get(key)
            if there is None and one.row.row_id in elsewhere:
                kept.append((one.row, "target_elsewhere", elsewhere[one.row.row_id]))
            elif there is None:
                wanted.append(replace(one, there=None))
            elif _copying.is_same(there.item, one.item):
                self._table.loaded.unchanged += not self.state.is_written(self._entry(one))
            elif _copying.is_newer(there, one.row):
                kept.append((one.row, "target_newer", there))
            else:
                wanted.append(replace(one, there=there))
        return wanted, self._keep(kind, kept)

    def _keep(self, kind: Kind, kept: Sequence[tuple[Row, str, Row]]) -> list[Row]:
        """Refuse rows for what the target has; return those that the source itself has otherwise by now.

        Where every write goes to both, the target has a change that came after the row was read.
        """
        source = self.move.source
        keys = [_copying.key_of(source, kind, row.item) for row, _, _ in kept]
        now = _copying.read(source, kind, keys)
        changed: list[Row] = []
        for (row, reason, there), key in zip(kept, keys, strict=True):
            current = now.get(_copying.values(key))
            if current is not None and _copying.is_same(current.item, row.item):
                self._refuse(row, RefusedError(reason), target=there.item)
            else:
                changed.append(row)
        return changed

    def _elsewhere(self, kind: Kind, rows: Sequence[Moved]) -> dict[str, Row]:
        """Find rows that the target has under another parent, where no condition of the write would notice."""
        if not self.merge or self.move.target.guards_ids:
            return {}
        with _layout.using(self.move.target):
            found = _stored.by_ids(kind, [one.row.row_id for one in rows])
        return {row_id: there[0] for row_id, there in found.items() if there}

    def _shares(self, rows: Sequence[Moved]) -> Iterator[list[Moved]]:
        share: list[Moved] = []
        units = 0
        for one in rows:
            cost = one.units(self.move.target)
            if share and units + cost > self.pace.group:
                yield share
                share, units = [], 0
            share.append(one)
            units += cost
        if share:
            yield share

    def _write(self, kind: Kind, rows: Sequence[Moved]) -> list[Moved]:
        """Write rows; return those that have to be looked at again."""
        units = sum(one.units(self.move.target) for one in rows)
        self.state.journal(map(self._entry, rows))
        self.pace.take(units)
        try:
            with capacity() as used:
                outcomes = _copying.write(self.move, rows)
        except PASSING as error:
            self.pace.slower()
            self.state.log(f"{kind.key}: {error.code}: {len(rows)} rows are looked at again")
            return list(rows)
        self.pace.add(used.write_units - units)
        self.pace.faster()
        self.write_units += used.write_units
        self.state.forget(self._entry(one) for one, outcome in zip(rows, outcomes, strict=True) if outcome != "written")
        for one, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, RefusedError):
                self._refuse(one.row, outcome)
            elif outcome == "taken":
                self._refuse(one.row, RefusedError(self._why_taken(one.row)))
        return [one for one, outcome in zip(rows, outcomes, strict=True) if outcome == "changed"]

    def _why_taken(self, row: Row) -> str:
        with _layout.using(self.move.source):
            return "id_taken" if len(_stored.with_id(row.kind, row.row_id)) > 1 else "target_elsewhere"

    def _as_they_are(self, kind: Kind, rows: Sequence[Row]) -> list[Moved]:
        """Read rows of the source again; those that are gone are done."""
        source = self.move.source
        found = _copying.read(source, kind, [_copying.key_of(source, kind, row.item) for row in rows])
        self._table.loaded.rows -= len(rows) - len(found)
        return [one for row in found.values() if (one := self._as_there(row)) is not None]

    def _entry(self, one: Moved) -> Written:
        key = _copying.key_of(self.move.target, one.kind, one.item)
        return Written(one.kind, key, _converting.digest(one.kind, one.item), one.there.item if one.there else None)


def _read_table(text: str | None) -> _Table:
    if text is None:
        return _Table()
    known: dict[str, Any] = orjson.loads(text)
    reasons = Counter(known.pop("reasons"))
    return _Table(Loaded(**known), reasons)


def _refused(kind: Kind, row_id: str | None) -> str:
    return f"refused/{kind.key}/{row_id}"


def _one_of_each_id(rows: Sequence[Moved]) -> Iterator[list[Moved]]:
    """Put rows together of which no two have one id; of those that have, the oldest comes first, as readers see it."""
    of_id: dict[str, list[Moved]] = {}
    for one in rows:
        of_id.setdefault(one.row.row_id, []).append(one)
    for same in of_id.values():
        same.sort(key=lambda one: (one.row.text("created_at") or "", one.row.names))
    for some in zip_longest(*of_id.values()):
        yield [one for one in some if one is not None]
