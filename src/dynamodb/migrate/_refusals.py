"""The quarantine file of a migration: every row that was not migrated, once, with its reason and all its columns."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from dynamodb.doctor._quarantine import Quarantine, as_base64
from dynamodb.migrate._plan import Refused

#: Rows that wait in memory before they are written.
_WAITING = 1000


class Refusals:
    """The file `quarantine.ndjson`; one of an interrupted run is gone on with, without repeating its lines.

    A line holds `quarantined_at`, `kind` (the reason, see `REASONS`), `message`, `table`, `serial` (the integer id) and
    `row`, all its columns as PostgreSQL wrote them; personal data included. It can be read by its owner only. Of a row
    of another layout `serial` is its key and `row` its item in DynamoDB's JSON.

    Args:
        path: of the file.

    Raises:
        InvalidInputError: if it cannot be written, or is some other file.
    """

    def __init__(self, path: Path) -> None:
        self._file = Quarantine(path)
        self._known = _known(path)
        self._waiting: list[dict[str, Any]] = []
        #: By kind's key and reason.
        self.counts: Counter[tuple[str, str]] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.flush()
        finally:
            self._file.__exit__(kind, error, trace)

    def add(self, one: Refused, **more: Any) -> None:
        """Add a row; it is on disk after `flush`."""
        self.counts[one.kind.key, one.reason] += 1
        document = {
            "kind": one.reason,
            "message": one.detail,
            "table": one.kind.key,
            "serial": one.serial,
            "row": one.values,
            **more,
        }
        if _name(document) not in self._known:
            self._waiting.append(document)
        if len(self._waiting) >= _WAITING:
            self.flush()

    def flush(self) -> None:
        """Return when everything is on disk."""
        self._file.add(self._waiting)
        self._waiting = []


def _name(document: Mapping[str, Any]) -> bytes:
    parts = [document["table"], document["serial"], document["kind"], document["row"]]
    return hashlib.blake2b(orjson.dumps(parts, default=as_base64, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _known(path: Path) -> set[bytes]:
    with path.open("rb") as lines:
        return {_name(orjson.loads(line)) for line in lines}
