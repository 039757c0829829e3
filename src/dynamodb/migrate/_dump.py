"""Six CSV files made by `COPY … TO … WITH (FORMAT csv, HEADER)`, for those who cannot connect to the database.

They are brought into the order of their serial ids through a temporary SQLite file, so that memory stays flat.
"""

import hashlib
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from dynamodb.errors import InvalidInputError
from dynamodb.migrate._scratch import Scratch
from dynamodb.migrate._source import COLUMNS, SourceRow, unknown_columns
from models._kinds import Kind

# The csv module cannot tell NULL (nothing) from an empty text (a pair of quotes) before Python 3.12.
_FIELD = re.compile(r'"((?:[^"]|"")*)"|([^,"]*)')

_SCHEMA = "CREATE TABLE rows (kind TEXT, serial INTEGER, content BLOB, PRIMARY KEY (kind, serial))"

#: The number of a record's first line, and its fields.
Record = tuple[int, list[str | None]]


class Dump(Scratch):
    """The files of one folder, read once.

    Args:
        folder: `projects.csv`, `user_flows.csv`, and so on.
        work: a folder for a temporary file as large as they are.

    Raises:
        InvalidInputError: if a file or a column is missing, or a line is no CSV.
    """

    def __init__(self, folder: Path, work: Path) -> None:
        super().__init__(work / "dump.sqlite", _SCHEMA)
        self._columns: dict[Kind, list[str]] = {}
        self._unknown: dict[str, list[str]] = {}
        digests = [self._read(kind, folder / f"{kind.key}.csv") for kind in COLUMNS]
        self.identity = f"dump:{hashlib.sha256(b''.join(digests)).hexdigest()}"

    @property
    def unknown_columns(self) -> Mapping[str, list[str]]:
        """By table, columns that have no place in DynamoDB."""
        return self._unknown

    def count(self, kind: Kind) -> int:
        """Return how many rows a table has."""
        return int(self._file.execute("SELECT count(*) FROM rows WHERE kind = ?", (kind.key,)).fetchone()[0])

    def rows(self, kind: Kind) -> Iterator[SourceRow]:
        """Go through a table in the order of its serial ids."""
        columns = self._columns[kind]
        query = "SELECT serial, content FROM rows WHERE kind = ? ORDER BY serial"
        for serial, content in self._file.execute(query, (kind.key,)):
            yield SourceRow(serial, dict(zip(columns, orjson.loads(content), strict=True)))

    def _read(self, kind: Kind, path: Path) -> bytes:
        digest = hashlib.sha256()
        try:
            with path.open("rb") as lines:
                found = records(_decoded(lines, digest), path)
                header = next(found, None)
                if header is None:
                    raise InvalidInputError(f"{path}: is empty; its first line must name the columns (HEADER)")
                columns = [name or "" for name in header[1]]
                if unknown := unknown_columns(kind, columns, where=str(path)):
                    self._unknown[kind.key] = unknown
                self._columns[kind] = columns
                self._insert(kind, path, columns, found)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError(f"{path}: {error}") from error
        return digest.digest()

    def _insert(self, kind: Kind, path: Path, columns: list[str], found: Iterator[Record]) -> None:
        place = columns.index("id")
        for line, values in found:
            where = f"{path}: line {line}"
            if len(values) != len(columns):
                raise InvalidInputError(f"{where}: has {len(values)} fields, the header {len(columns)}")
            try:
                serial = int(values[place] or "")
                self._file.execute("INSERT INTO rows VALUES (?, ?, ?)", (kind.key, serial, orjson.dumps(values)))
            except ValueError:
                raise InvalidInputError(f"{where}: id: {values[place]!r} is no integer") from None
            except sqlite3.IntegrityError:
                raise InvalidInputError(f"{where}: id: {serial} is there twice") from None


@contextmanager
def dump(folder: Path) -> Iterator[Dump]:
    """Open a folder of CSV files for as long as the block runs.

    Raises:
        InvalidInputError: if they are not those of the schema that is migrated.
    """
    with tempfile.TemporaryDirectory() as work, Dump(folder, Path(work)) as opened:
        yield opened


def _decoded(lines: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[str]:
    for line in lines:
        digest.update(line)
        yield line.decode("utf-8")


def records(lines: Iterable[str], path: Path) -> Iterator[Record]:
    """Split CSV into records; a quoted field can have line breaks in it.

    Args:
        lines: with their ends.
        path: for the error.

    Yields:
        The number of a record's first line, and its fields: `None` where nothing stands, quotes or not.

    Raises:
        InvalidInputError: if a quotation mark stands where none can be, or the last one is missing.
    """
    waiting: list[str] = []
    first, quotes = 1, 0
    for number, line in enumerate(lines, start=1):
        if not waiting:
            first = number
        waiting.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            yield first, _fields("".join(waiting).removesuffix("\n").removesuffix("\r"), f"{path}: line {first}")
            waiting, quotes = [], 0
    if waiting:
        raise InvalidInputError(f"{path}: line {first}: the closing quotation mark is missing")


def _fields(record: str, where: str) -> list[str | None]:
    fields: list[str | None] = []
    place = 0
    while True:
        found = _FIELD.match(record, place)
        if found is None:
            raise InvalidInputError(f"{where}: is no CSV")
        quoted, plain = found.groups()
        fields.append(quoted.replace('""', '"') if quoted is not None else plain or None)
        place = found.end()
        if place == len(record):
            return fields
        if record[place] != ",":
            raise InvalidInputError(f"{where}: is no CSV")
        place += 1
