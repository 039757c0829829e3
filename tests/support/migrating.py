"""Databases of the old schema for the tests of the migration."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

LEVELS = ("user_flows", "high_level_requirements", "low_level_requirements", "test_cases")
TABLES = ("projects", *LEVELS, "waitlist")

_NODE = "id SERIAL PRIMARY KEY, uiid {name} {unique}, parent_uiid {name} {above}, name {name}, description TEXT"
_TIME = "created_at TIMESTAMPTZ DEFAULT now()"

#: The first moment of the generated rows.
BEGIN = datetime(2025, 3, 1, 12, tzinfo=UTC)


def make_schema(url: str, *, strict: bool = True) -> None:
    """Make the old tables: as they were declared, or as somebody left them who took the constraints away."""
    name = "VARCHAR(255) NOT NULL" if strict else "TEXT"
    unique = "UNIQUE" if strict else ""

    def refers(table: str, column: str) -> str:
        return f"REFERENCES {table} ({column})" if strict else ""

    statements = [
        (
            f"CREATE TABLE projects (id SERIAL PRIMARY KEY, name {name}, initial_prompt TEXT, {_TIME},"
            " updated_at TIMESTAMPTZ)"
        ),
        (
            f"CREATE TABLE user_flows (id SERIAL PRIMARY KEY, uiid {name} {unique}, name {name}, description TEXT,"
            f" project_id INTEGER {'NOT NULL' if strict else ''} {refers('projects', 'id')}, {_TIME})"
        ),
    ]
    for above, table in itertools.pairwise(LEVELS):
        columns = _NODE.format(name=name, unique=unique, above=refers(above, "uiid"))
        statements.append(f"CREATE TABLE {table} ({columns}, {_TIME})")
    statements.append(
        f"CREATE TABLE waitlist (id SERIAL PRIMARY KEY, email {name} {unique}, status VARCHAR(50) NOT NULL"
        f" DEFAULT 'pending', notes {'VARCHAR(500)' if strict else 'TEXT'}, {_TIME}, updated_at TIMESTAMPTZ)"
    )
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement)


def insert(url: str, table: str, *rows: Mapping[str, Any]) -> None:
    """Insert rows; columns that a row leaves out get their defaults."""
    with psycopg.connect(url) as connection:
        for row in rows:
            connection.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(map(sql.Identifier, row)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(row)),
                ),
                list(row.values()),
            )


def execute(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def fill(url: str, *, projects: int, widths: Sequence[int] = (2, 2, 2, 2), entries: int = 0) -> int:
    """Fill the tables with whole trees, each written by one transaction: all its rows have one time.

    Args:
        url: a database with the schema.
        projects: how many.
        widths: children of a row on each level.
        entries: of the waitlist.

    Returns:
        How many rows.
    """
    total = projects + entries
    with psycopg.connect(url) as connection:
        with connection.cursor().copy("COPY projects (name, initial_prompt, created_at, updated_at) FROM STDIN") as out:
            for number in range(1, projects + 1):
                made = BEGIN + timedelta(minutes=number)
                out.write_row((f"Project {number}", f"Idea {number}", made, made + timedelta(days=number % 3)))
        above: Iterable[tuple[Any, datetime]] = [
            (number, BEGIN + timedelta(minutes=number)) for number in range(1, projects + 1)
        ]
        for table, width in zip(LEVELS, widths, strict=True):
            parent = "project_id" if table == "user_flows" else "parent_uiid"
            here: list[tuple[Any, datetime]] = []
            copy = f"COPY {table} (uiid, name, description, {parent}, created_at) FROM STDIN"
            with connection.cursor().copy(copy) as out:
                for number, (parent_id, made) in enumerate((one for one in above for _ in range(width)), start=1):
                    # The ids sort against the order of the rows: only their times can keep it.
                    uiid = f"{table[:4]}-{10**9 - number}"
                    out.write_row((uiid, f"{table} {number} ✓", "What it is for. " * 8, parent_id, made))
                    here.append((uiid, made))
            above = here
            total += len(here)
        with connection.cursor().copy("COPY waitlist (email, status, notes, created_at) FROM STDIN") as out:
            for number in range(entries):
                status = ("pending", "contacted", "converted")[number % 3]
                out.write_row((f"Person{number}@Example.org", status, None, BEGIN + timedelta(seconds=number)))
    return total


def fill_with_bad_rows(url: str) -> dict[tuple[str, str], int]:
    """Add every kind of bad row, below project 1 of `fill`. Returns how many by table and reason."""
    insert(
        url,
        "projects",
        {"id": 9001, "name": ""},
        {"id": 9002, "name": "n" * 256},
        {"id": 9003, "name": "nobody's"},
        {"id": 9004, "name": "bell \a"},
        {"id": 9005, "name": "eternal", "created_at": "infinity"},
    )
    insert(
        url,
        "user_flows",
        {"uiid": "under-bad", "name": "below a project without owner", "project_id": 9003},
        {"uiid": "lost", "name": "of no project", "project_id": 777_777},
        {"uiid": "", "name": "without a key", "project_id": 1},
        {"uiid": None, "name": "NULL as its key", "project_id": 1},
        {"uiid": "huge", "name": "over 400 KB", "description": "é" * 210_000, "project_id": 1},
        {"uiid": "null-parent", "name": "of NULL", "project_id": None},
    )
    insert(
        url,
        "high_level_requirements",
        {"uiid": "under-under", "name": "two below", "parent_uiid": "under-bad"},
        {"uiid": "under-huge", "name": "below one that is too large", "parent_uiid": "huge"},
        {"uiid": "hlr-orphan", "name": "orphan", "parent_uiid": "never was"},
        {"uiid": "nameless", "name": None, "parent_uiid": "good"},
    )
    insert(url, "user_flows", {"uiid": "good", "name": "good", "project_id": 1})
    insert(
        url,
        "test_cases",
        {"uiid": "twice", "name": "first", "parent_uiid": "below-good"},
        {"uiid": "twice", "name": "second", "parent_uiid": "below-good"},
    )
    insert(url, "high_level_requirements", {"uiid": "hlr-good", "name": "good", "parent_uiid": "good"})
    insert(url, "low_level_requirements", {"uiid": "below-good", "name": "good", "parent_uiid": "hlr-good"})
    insert(
        url,
        "waitlist",
        {"email": "Ada@Case.org", "notes": "older", "created_at": "2025-01-01T00:00:00Z"},
        {"email": "ada@case.org", "notes": "newer", "created_at": "2025-01-02T00:00:00Z"},
        {"email": "ADA@case.org", "notes": "newest, but", "status": "spam", "created_at": "2025-01-03T00:00:00Z"},
        {"email": "no address"},
        {"email": "odd@status.org", "status": "archived"},
        {"email": "long@notes.org", "notes": "n" * 501},
    )
    return {
        ("projects", "empty_name"): 1,
        ("projects", "name_too_long"): 1,
        ("projects", "no_owner"): 1,
        ("projects", "invalid_text"): 1,
        ("projects", "invalid_time"): 1,
        ("user_flows", "parent_quarantined"): 1,
        ("user_flows", "orphan"): 2,
        ("user_flows", "empty_key"): 2,
        ("user_flows", "item_too_large"): 1,
        ("high_level_requirements", "parent_quarantined"): 2,
        ("high_level_requirements", "orphan"): 1,
        ("high_level_requirements", "empty_name"): 1,
        ("test_cases", "duplicate_id"): 1,
        ("waitlist", "duplicate_address"): 1,
        ("waitlist", "status_not_allowed"): 2,
        ("waitlist", "invalid_address"): 1,
        ("waitlist", "notes_too_long"): 1,
    }


def owners_file(folder: Any, *, but: Iterable[int] = (), projects: Iterable[int] = ()) -> Any:
    """Write a CSV of owners for some projects; those of `but` have none."""
    file = folder / "owners.csv"
    lines = [f"{number},user-{number % 3}" for number in projects if number not in set(but)]
    file.write_text("project_id,user_id\n" + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file
