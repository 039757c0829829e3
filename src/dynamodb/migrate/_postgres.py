"""A snapshot of a PostgreSQL database: one REPEATABLE READ, read-only transaction, read through server-side cursors.

Values are asked for as text, timestamps in UTC, so that a database and a dump of it are the same thing to what follows.
It needs psycopg 3 (extra `migrate`) and SELECT on the six tables, which are found on the search path.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import sql

from dynamodb.errors import ConnectionFailedError, InvalidInputError
from dynamodb.migrate._source import COLUMNS, SourceRow, unknown_columns
from models._kinds import Kind

#: Rows that one FETCH brings.
_FETCHED = 1000
# The snapshot is idle while DynamoDB is written to, and a whole table is one statement.
_SETTINGS = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "client_encoding": "UTF8",
}


class PostgresSnapshot:
    """The six tables as they are at the beginning of one transaction.

    Args:
        connection: in a transaction that does not change what it sees.

    Raises:
        InvalidInputError: if a table or a column is missing.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._columns = {kind: self._columns_of(kind) for kind in COLUMNS}
        self.identity = self._identity()

    @property
    def unknown_columns(self) -> Mapping[str, list[str]]:
        """By table, columns that have no place in DynamoDB."""
        found = {kind.key: unknown_columns(kind, columns, where=kind.key) for kind, columns in self._columns.items()}
        return {key: columns for key, columns in found.items() if columns}

    def count(self, kind: Kind) -> int:
        """Return how many rows a table has."""
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(kind.key))
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def rows(self, kind: Kind) -> Iterator[SourceRow]:
        """Go through a table in the order of its serial ids.

        Raises:
            ConnectionFailedError: if the connection is lost.
        """
        columns = self._columns[kind]
        place = columns.index("id")
        # Without the table's name it would be ordered by the text that is selected: 10 before 9.
        query = sql.SQL("SELECT {} FROM {} AS source ORDER BY source.id").format(
            sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns),
            sql.Identifier(kind.key),
        )
        with explained(), self._connection.cursor(f"migrate_{kind.key}") as cursor:
            cursor.itersize = _FETCHED
            for row in cursor.execute(query):
                yield SourceRow(int(row[place]), dict(zip(columns, row, strict=True)))

    def _columns_of(self, kind: Kind) -> tuple[str, ...]:
        found = self._connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum",
            [kind.key],
        ).fetchall()
        if not found:
            raise InvalidInputError(f"{kind.key}: there is no such table on the search path of this database")
        columns = tuple(str(name) for (name,) in found)
        unknown_columns(kind, columns, where=kind.key)
        return columns

    def _identity(self) -> str:
        """Name the cluster and the database in it: a copy that was restored elsewhere is another source."""
        row = self._connection.execute(
            "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()),"
            " current_schema() FROM pg_control_system()"
        ).fetchone()
        return "postgresql:" + "/".join(map(str, row or ()))


@contextmanager
def snapshot(url: str) -> Iterator[PostgresSnapshot]:
    """Open a database for as long as the block runs.

    Args:
        url: `postgresql://user@host/database`, or any connection string of libpq. The password may come from
            PGPASSWORD or `~/.pgpass` instead.

    Raises:
        InvalidInputError: if it is no connection string, or not the schema that is migrated.
        ConnectionFailedError: if the database does not answer.
    """
    with explained():
        try:
            connection = psycopg.connect(url, application_name="vishmaker-dynamodb migrate")
        except psycopg.ProgrammingError as error:
            raise InvalidInputError(f"PostgreSQL: {_said(error)}") from error
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with explained():
            for name, value in _SETTINGS.items():
                connection.execute("SELECT set_config(%s, %s, true)", [name, value])
            opened = PostgresSnapshot(connection)
        yield opened


@contextmanager
def explained() -> Iterator[None]:
    """Turn PostgreSQL's errors into this layer's.

    Raises:
        InvalidInputError: if it refuses what is asked: a right that is missing, a value that is no text.
        ConnectionFailedError: if it does not answer.
    """
    try:
        yield
    except psycopg.OperationalError as error:
        raise ConnectionFailedError(f"PostgreSQL: {_said(error)}; the same command again is safe") from error
    except psycopg.Error as error:
        raise InvalidInputError(f"PostgreSQL: {_said(error)}") from error


def _said(error: psycopg.Error) -> str:
    return str(error).strip() or type(error).__name__
