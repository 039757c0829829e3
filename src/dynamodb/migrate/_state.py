"""The state folder: how far a run is, what it wrote, its log. A run that was killed goes on from here.

`state.sqlite` holds the checkpoint and the journal. A group of rows is in the journal, on disk, before it is sent; the
checkpoint passes it, on disk, after DynamoDB has acknowledged it. So of what a killed run sent, the rows between the
two are the only ones of which it cannot be told whether they arrived.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from dynamodb import _layout
from dynamodb._requests import Item
from dynamodb.errors import InvalidInputError, NotFoundError
from dynamodb.migrate import _converting
from models._kinds import Kind
from models._values import format_timestamp

_FILE, _LOG, _QUARANTINE = "state.sqlite", "migration.log", "quarantine.ndjson"

#: How a fact is called that is not the same, where its name alone will not do.
_OTHER = {"owners": "other owners", "merge": "another choice of --merge"}

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS progress (kind TEXT PRIMARY KEY, acknowledged INTEGER, sent INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS written (kind TEXT, key TEXT, digest BLOB, before BLOB, PRIMARY KEY (kind, key))
    WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A row that a run wrote.

    Attributes:
        kind: its kind.
        key: its primary key, in DynamoDB's JSON.
        digest: of the item that was written.
        before: the older item that it replaced, in DynamoDB's JSON.
    """

    kind: Kind
    key: _layout.Key
    digest: bytes
    before: Item | None = None

    @classmethod
    def of(cls, kind: Kind, row: Any, item: Item, before: Item | None = None) -> Self:
        """Return the entry of a row that is about to be written."""
        return cls(kind, _layout.current().key(kind, row), _converting.digest(kind, item), before)


class State:
    """The state folder of one run, held by one process at a time.

    Args:
        folder: made, readable by its owner only, where it is not there.
        must_exist: refuse a folder without a run.

    Raises:
        InvalidInputError: if it cannot be written, or another process works in it.
        NotFoundError: if there is no run in it and there must be one.
    """

    def __init__(self, folder: Path, *, must_exist: bool = False) -> None:
        self.folder = folder
        if must_exist and not (folder / _FILE).is_file():
            raise NotFoundError(f"{folder}: there is no migration in this folder")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise InvalidInputError(f"state: {folder} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise InvalidInputError(f"state: another process works in {folder}") from None
        self._file = sqlite3.connect(folder / _FILE, isolation_level=None)
        self._file.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_SCHEMA}")
        (folder / _FILE).chmod(0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        os.close(self._lock)

    @property
    def quarantine(self) -> Path:
        """The file of rows that were not migrated."""
        return self.folder / _QUARANTINE

    def log(self, text: str) -> None:
        """Add a line to the log: no address, prompt or description."""
        with (self.folder / _LOG).open("a", encoding="utf-8") as file:
            file.write(f"{format_timestamp()} {text}\n")

    def fact(self, name: str) -> str | None:
        """Return something that was noted; `None` where it was not."""
        found = self._file.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def note(self, **facts: str) -> None:
        """Note something, all or nothing, on disk when this returns."""
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())
        self._file.execute("COMMIT")

    def claim(self, facts: Mapping[str, str]) -> bool:
        """Begin a run, or go on with the one that is here.

        Args:
            facts: what must be the same all through a run: the source, the target, the owners.

        Returns:
            Whether there was one.

        Raises:
            InvalidInputError: if it was a run of something else, or one that was rolled back or is complete.
        """
        known = {name: value for name in facts if (value := self.fact(name)) is not None}
        for name, value in known.items():
            if value != facts[name]:
                raise InvalidInputError(
                    f"state: {self.folder} belongs to a migration with {_OTHER.get(name, f'another {name}')}; "
                    "give another folder with --state"
                )
        if status := self.fact("status"):
            raise InvalidInputError(
                f"state: the migration in {self.folder} is {status}; for another run give another folder with --state"
            )
        self.note(**facts)
        return bool(known)

    def acknowledged(self, kind: Kind) -> int | None:
        """Return the serial id up to which all rows are in DynamoDB; `None`: none is."""
        return self._progress(kind)[0]

    def sent(self, kind: Kind) -> int | None:
        """Return the serial id up to which rows may be in DynamoDB."""
        return self._progress(kind)[1]

    def _progress(self, kind: Kind) -> tuple[int | None, int | None]:
        query = "SELECT acknowledged, sent FROM progress WHERE kind = ?"
        return self._file.execute(query, (kind.key,)).fetchone() or (None, None)

    def begin(self, kind: Kind, rows: Iterable[Written], *, acknowledged: int | None, sent: int) -> None:
        """Note that rows are about to be sent, on disk when this returns.

        Args:
            kind: their kind.
            rows: to be written. One that is in the journal already stays as it is there.
            acknowledged: the serial id up to which all rows are in DynamoDB; `None`: none is.
            sent: the highest serial id among these rows.
        """
        self._file.execute("BEGIN")
        self._file.execute(
            "INSERT INTO progress VALUES (?, ?, ?) ON CONFLICT (kind)"
            " DO UPDATE SET acknowledged = excluded.acknowledged, sent = max(excluded.sent, sent)",
            (kind.key, acknowledged, sent),
        )
        self._file.executemany("INSERT OR IGNORE INTO written VALUES (?, ?, ?, ?)", map(_columns, rows))
        self._file.execute("COMMIT")

    def journal(self, rows: Iterable[Written]) -> None:
        """Note that rows are about to be written, on disk when this returns. One that is in the journal stays."""
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR IGNORE INTO written VALUES (?, ?, ?, ?)", map(_columns, rows))
        self._file.execute("COMMIT")

    def finish(self, kind: Kind) -> None:
        """Note that all that was sent is acknowledged."""
        self._file.execute("UPDATE progress SET acknowledged = sent WHERE kind = ?", (kind.key,))

    def forget(self, rows: Iterable[Written]) -> None:
        """Take rows out of the journal that were not written after all."""
        self._file.execute("BEGIN")
        self._file.executemany("DELETE FROM written WHERE kind = ? AND key = ?", [_columns(row)[:2] for row in rows])
        self._file.execute("COMMIT")

    def is_written(self, row: Written) -> bool:
        """Say whether the journal has a row."""
        query = "SELECT 1 FROM written WHERE kind = ? AND key = ?"
        return self._file.execute(query, _columns(row)[:2]).fetchone() is not None

    def count_written(self, kind: Kind) -> int:
        """Return how many rows of a kind the journal has."""
        found = self._file.execute("SELECT count(*) FROM written WHERE kind = ?", (kind.key,)).fetchone()
        return int(found[0])

    def written(self, kind: Kind, *, at_a_time: int) -> Iterator[Sequence[Written]]:
        """Go through the journal of a kind."""
        last = ""
        query = "SELECT key, digest, before FROM written WHERE kind = ? AND key > ? ORDER BY key LIMIT ?"
        while found := self._file.execute(query, (kind.key, last, at_a_time)).fetchall():
            last = found[-1][0]
            yield [
                Written(kind, orjson.loads(key), digest, before and orjson.loads(before))
                for key, digest, before in found
            ]


def _columns(row: Written) -> tuple[str, str, bytes, bytes | None]:
    before = None if row.before is None else orjson.dumps(row.before, default=repr)
    return row.kind.key, orjson.dumps(row.key, option=orjson.OPT_SORT_KEYS).decode(), row.digest, before
