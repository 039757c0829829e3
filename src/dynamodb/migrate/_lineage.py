"""What must be known of the rows that went before: where each hangs, which moments are taken, which addresses.

It is a temporary SQLite file and not a dictionary, so that memory stays flat however many rows there are.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dynamodb.migrate._scratch import Scratch
from dynamodb.migrate._source import SourceRow
from models._kinds import Kind
from models._values import MICROSECOND, format_timestamp, parse_timestamp

_SCHEMA = """
CREATE TABLE seen (kind TEXT, id TEXT, project_id TEXT, moment TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE moments (parent TEXT, moment TEXT, next TEXT, PRIMARY KEY (parent, moment)) WITHOUT ROWID;
CREATE TABLE addresses (email TEXT PRIMARY KEY, serial INTEGER, moment TEXT) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Above:
    """A row that others belong to.

    Attributes:
        project_id: of its project, as it is in DynamoDB; `None`: it cannot be migrated.
        created: when it was made.
    """

    project_id: str | None
    created: datetime


class Lineage(Scratch):
    """The rows of one pass over a source.

    Args:
        folder: where its file is for as long as it is open.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "lineage.sqlite", _SCHEMA)

    def above(self, kind: Kind, row_id: str) -> Above | None:
        """Return a row by the id it has in the source; `None` where there was none."""
        found = self._file.execute(
            "SELECT project_id, moment FROM seen WHERE kind = ? AND id = ?", (kind.key, row_id)
        ).fetchone()
        return Above(found[0], parse_timestamp(found[1])) if found else None

    def is_seen(self, kind: Kind, row_id: str) -> bool:
        """Say whether a row had this id, migrated or not."""
        query = "SELECT 1 FROM seen WHERE kind = ? AND id = ?"
        return self._file.execute(query, (kind.key, row_id)).fetchone() is not None

    def remember(self, kind: Kind, row_id: str, project_id: str | None, created: datetime) -> None:
        """Remember a row; the first of an id stays.

        Args:
            kind: its kind.
            row_id: the id that its children name it by, in the source.
            project_id: `None`: it cannot be migrated, and so cannot what is under it.
            created: when it was made.
        """
        self._file.execute(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", (kind.key, row_id, project_id, format_timestamp(created))
        )

    def free_moment(self, parent: str, moment: datetime) -> datetime:
        """Take the first moment from this one on that no other child of a row has.

        Rows of one transaction have one time in PostgreSQL, and came in the order of their serial ids. Readers of
        DynamoDB order siblings by time: so each gets a microsecond of its own.
        """
        free = moment
        # Each moment that is taken says where to look on, so that a thousand siblings are not a million looks.
        while found := self._file.execute(
            "SELECT next FROM moments WHERE parent = ? AND moment = ?", (parent, format_timestamp(free))
        ).fetchone():
            free = parse_timestamp(found[0])
        after = format_timestamp(free + MICROSECOND)
        self._file.execute("INSERT INTO moments VALUES (?, ?, ?)", (parent, format_timestamp(free), after))
        if free != moment:
            self._file.execute(
                "UPDATE moments SET next = ? WHERE parent = ? AND moment = ?", (after, parent, format_timestamp(moment))
            )
        return free

    def claim(self, email: str, row: SourceRow, moment: datetime) -> None:
        """Let an entry have an address, unless one that was written later has it."""
        self._file.execute(
            "INSERT INTO addresses VALUES (?, ?, ?) ON CONFLICT (email) DO UPDATE SET serial = excluded.serial,"
            " moment = excluded.moment WHERE (excluded.moment, excluded.serial) > (moment, serial)",
            (email, row.serial, format_timestamp(moment)),
        )

    def has_address(self, email: str, row: SourceRow) -> bool:
        """Say whether an address is this entry's."""
        found = self._file.execute("SELECT serial FROM addresses WHERE email = ?", (email,)).fetchone()
        return found is not None and found[0] == row.serial
