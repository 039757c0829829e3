"""The pass over a source: each row in its turn, parents first, converted or refused. The same source gives the same."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dynamodb.migrate import _converting
from dynamodb.migrate._converting import NAMESPACE, NO_TIME, Converted, RefusedError
from dynamodb.migrate._lineage import Above, Lineage
from dynamodb.migrate._owners import Owners
from dynamodb.migrate._source import Source, SourceRow
from models._kinds import KINDS, PROJECT, USER_FLOW, WAITLIST, Kind, parent_kind


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be migrated.

    Attributes:
        kind: its kind.
        serial: its integer id; of a row of another layout the names of its key.
        reason: a key of `REASONS`, or of `LAYOUT_REASONS`.
        detail: what exactly.
        values: all its columns; of a row of another layout its item in DynamoDB's JSON.
    """

    kind: Kind
    serial: int | Sequence[str]
    reason: str
    detail: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """What becomes of a source's rows.

    Args:
        source: the rows.
        owners: of the projects.
        lineage: empty; one for each pass.
        namespace: of the projects' ids.
    """

    source: Source
    owners: Owners
    lineage: Lineage
    namespace: UUID = NAMESPACE

    def rows(self) -> Iterator[tuple[Kind, Iterator[Converted | Refused]]]:
        """Go through all tables, parents first. Each table must be gone through to its end before the next."""
        for kind in KINDS:
            yield kind, self._of(kind)

    def _of(self, kind: Kind) -> Iterator[Converted | Refused]:
        if kind is WAITLIST:
            self._claim_addresses()
        for row in self.source.rows(kind):
            try:
                yield self._convert(kind, row)
            except RefusedError as error:
                if kind is not WAITLIST and (key := row.values[kind.id_field]):
                    self.lineage.remember(kind, key, None, NO_TIME)
                yield Refused(kind, row.serial, error.reason, error.detail, row.values)

    def _convert(self, kind: Kind, row: SourceRow) -> Converted:
        if kind is PROJECT:
            return self._project(row)
        return self._entry(row) if kind is WAITLIST else self._node(kind, row)

    def _project(self, row: SourceRow) -> Converted:
        owner = self.owners.of(row.serial)
        if owner is None:
            raise RefusedError("no_owner")
        new_id = _converting.project_id(row.serial, self.namespace)
        fields = _converting.checked(PROJECT, row, {"id": new_id, "user_id": owner})
        created, updated = _times(row)
        created = self.lineage.free_moment(f"{PROJECT.key}/{owner}", created)
        made = _converting.converted(PROJECT, row, fields, created=created, updated=updated)
        self.lineage.remember(PROJECT, str(row.serial), new_id, created)
        return made

    def _node(self, kind: Kind, row: SourceRow) -> Converted:
        key = row.values["uiid"]
        if not key:
            raise RefusedError("empty_key")
        if self.lineage.is_seen(kind, key):
            raise RefusedError("duplicate_id")
        above = self._above(kind, row)
        fields = _converting.checked(kind, row, {"project_id": above.project_id})
        created = _converting.moment(row, "created_at") or above.created
        created = self.lineage.free_moment(f"{kind.key}/{row.values[str(kind.parent_field)]}", created)
        made = _converting.converted(kind, row, fields, created=created, updated=None)
        self.lineage.remember(kind, key, above.project_id, created)
        return made

    def _above(self, kind: Kind, row: SourceRow) -> Above:
        parent = row.values["project_id" if kind is USER_FLOW else "parent_uiid"]
        level = parent_kind(kind)
        above = self.lineage.above(level, parent) if level and parent else None
        if above is None:
            raise RefusedError("orphan")
        if above.project_id is None:
            raise RefusedError("parent_quarantined")
        return above

    def _entry(self, row: SourceRow) -> Converted:
        fields = _converting.checked(WAITLIST, row, {})
        if not self.lineage.has_address(fields["email"], row):
            raise RefusedError("duplicate_address")
        created, updated = _times(row)
        return _converting.converted(WAITLIST, row, fields, created=created, updated=updated)

    def _claim_addresses(self) -> None:
        """Find out which of the entries with one address was written last: only it is migrated."""
        for row in self.source.rows(WAITLIST):
            with suppress(RefusedError):  # it cannot be migrated, and must not stand in another one's way
                fields = _converting.checked(WAITLIST, row, {})
                self.lineage.claim(fields["email"], row, max(_times(row)))


def _times(row: SourceRow) -> tuple[datetime, datetime]:
    """Return when a row was made and changed; where one is NULL, the other; where both are, `NO_TIME`."""
    created, updated = _converting.moment(row, "created_at"), _converting.moment(row, "updated_at")
    made = created or updated or NO_TIME
    return made, updated or made
