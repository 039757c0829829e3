"""A run from its beginning to its end: the target looked at, the rows written, the result verified."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from dynamodb import _layout, _tables
from dynamodb._sending import patient, send
from dynamodb.errors import AlreadyExistsError
from dynamodb.migrate import _loading
from dynamodb.migrate._converting import NAMESPACE
from dynamodb.migrate._lineage import Lineage
from dynamodb.migrate._loading import Loaded, Loader, Tell
from dynamodb.migrate._owners import Owners
from dynamodb.migrate._pace import Pace
from dynamodb.migrate._plan import Plan
from dynamodb.migrate._refusals import Refusals
from dynamodb.migrate._source import Source
from dynamodb.migrate._state import State


@dataclass(frozen=True)
class Migration:
    """What a run did.

    Attributes:
        tables: by their keys in `TABLE_NAMES`.
        reasons: of the rows that were not migrated, by table.
        unknown_columns: by table, columns that have no place in DynamoDB.
        write_units: that DynamoDB reported for this run; those before an interruption are not in it.
        resumed: it went on with an interrupted run.
        quarantine: the file of rows that were not migrated.
    """

    tables: Mapping[str, Loaded]
    reasons: Mapping[str, Mapping[str, int]]
    unknown_columns: Mapping[str, list[str]]
    write_units: float
    resumed: bool
    quarantine: Path

    @property
    def quarantined(self) -> int:
        """Rows that were not migrated."""
        return sum(table.quarantined for table in self.tables.values())

    def as_json(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {
            "tables": {
                key: {**asdict(table), "reasons": dict(self.reasons.get(key, {}))} for key, table in self.tables.items()
            },
            "quarantined": self.quarantined,
            "quarantine": str(self.quarantine) if self.quarantined else None,
            "unknown_columns": dict(self.unknown_columns),
            "write_units": self.write_units,
            "resumed": self.resumed,
        }


def migrate(
    source: Source,
    owners: Owners,
    *,
    state: Path,
    merge: bool = False,
    max_write_units: float | None = None,
    namespace: UUID = NAMESPACE,
    tell: Tell = lambda _: None,
) -> Migration:
    """Write a source into the tables, or go on with a run that was interrupted.

    Args:
        source: what is migrated.
        owners: of the projects.
        state: the state folder, made before the first write.
        merge: the target may have rows. Each is looked for before it is written, and none that was written later than
            the source's is overwritten.
        max_write_units: a second, those of the indexes included; default: as many as DynamoDB takes.
        namespace: of the projects' ids.
        tell: told of rows that are done.

    Raises:
        AlreadyExistsError: if the target is not empty and `merge` is not set; nothing was written.
        InvalidInputError: if the state folder belongs to a run of another source, target or owners, or to one that is
            complete.
        TableNotFoundError: if a table is missing.
        DataLayerError: as `dynamodb.errors` says; the same call goes on.
    """
    _layout.refuse_twin("a migration from PostgreSQL")
    target = target_identity()
    with State(state) as run:
        facts = {"source": source.identity, "target": target, "owners": _print_of(owners), "namespace": str(namespace)}
        if not merge and run.fact("target") is None:
            refuse_rows()
        resumed = run.claim({**facts, "merge": str(merge)})
        run.log("goes on" if resumed else "begins")
        with Lineage(state) as lineage, Refusals(run.quarantine) as refusals:
            loader = Loader(run, refusals, Pace(max_write_units), cautious=merge, resumed=resumed, tell=tell)
            try:
                with patient(_loading.PATIENCE):
                    loader.run(Plan(source, owners, lineage, namespace))
            except BaseException as error:
                run.log(f"stops: {type(error).__name__}")
                raise
        run.log("everything is written")
        run.note(status="complete")
        return _told(source, run, loader, refusals, resumed=resumed)


def _told(source: Source, run: State, loader: Loader, refusals: Refusals, *, resumed: bool) -> Migration:
    reasons: dict[str, dict[str, int]] = {}
    for (key, reason), count in refusals.counts.items():
        reasons.setdefault(key, {})[reason] = count
    tables = {kind.key: loaded for kind, loaded in loader.loaded.items()}
    return Migration(tables, reasons, source.unknown_columns, loader.write_units, resumed, run.quarantine)


def target_identity() -> str:
    """Name the tables: a table that was made anew is another target.

    Raises:
        TableNotFoundError: if one is missing.
    """
    found = [_tables.describe(name) for name in _layout.current().tables()]
    return json.dumps([[table.get("TableArn"), str(table.get("CreationDateTime"))] for table in found])


def refuse_rows() -> None:
    """Refuse a target that has rows.

    Raises:
        AlreadyExistsError: if it has; nothing was written.
    """
    for table in _layout.current().tables():
        if send("Scan", {"TableName": table, "Limit": 1, "ConsistentRead": True})["Items"]:
            raise AlreadyExistsError(
                f"{table} is not empty; nothing was written. --merge adds what is missing and overwrites nothing newer",
                table=table,
            )


def _print_of(owners: Owners) -> str:
    text = json.dumps([owners.default, sorted(owners.by_project.items())])
    return hashlib.sha256(text.encode()).hexdigest()
