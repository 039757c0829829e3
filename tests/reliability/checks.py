"""What must hold of the rows whatever has happened, and what of them two runs of the same thing have in common."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from reliability.store import LEADS, Row
from support.tables import LEVELS

_MADE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_NEEDED = {"name", "created_at", "updated_at", "version"}
#: What differs between two runs of the same thing.
_OF_THE_MOMENT = {"created_at", "updated_at", "tree_token", "row_pk", "row_sk"}


def problems(rows: Sequence[Row], *, finished: bool) -> list[str]:
    """What is wrong with the rows.

    Args:
        rows: all rows of all tables.
        finished: nothing was interrupted, so that no row may still be marked as coming or going.
    """
    found = _doubles(rows) + _orphans(rows) + _halves(rows)
    found += [f"{row.table} {row.id}: {row.wrong}" for row in rows if row.wrong]
    if finished:
        found += [f"{row.table} {row.id}: {row.unfinished}" for row in rows if row.unfinished]
        found += [f"{row.table} {row.id}: is still {row.get('tree_state')}" for row in rows if row.get("tree_state")]
    return found


def _doubles(rows: Sequence[Row]) -> list[str]:
    times = Counter((row.table, row.id) for row in rows if row.table != LEADS)
    return [f"{table} {row_id}: is there {count} times" for (table, row_id), count in times.items() if count > 1]


def _orphans(rows: Sequence[Row]) -> list[str]:
    """Rows whose parent is not there, or that say another project than the one they are in."""
    found: list[str] = []
    project_of = {row.id: row.id for row in rows if row.table == LEVELS[0]}
    for table in LEVELS[1:]:
        here = [row for row in rows if row.table == table]
        found += [f"{table} {row.id}: its parent {row.parent} is gone" for row in here if row.parent not in project_of]
        below = {row.id: project_of.get(row.parent, "?") for row in here}
        found += [
            f"{table} {row.id}: says project {row.get('project_id')}, is in {below[row.id]}"
            for row in here
            if row.parent in project_of and row.get("project_id") not in {None, below[row.id]}
        ]
        project_of = below
    return found


def _halves(rows: Sequence[Row]) -> list[str]:
    found: list[str] = []
    for row in rows:
        if row.table == LEADS:
            continue
        needed = _NEEDED - ({"name"} if row.table == "waitlist" else set())
        if missing := {name for name in needed if row.get(name) is None} - _not_of_earlier_writers(row):
            found.append(f"{row.table} {row.id}: has no {', '.join(sorted(missing))}")
        for name in ("created_at", "updated_at"):
            if (text := row.get(name)) is not None:
                datetime.fromisoformat(text)
        if not (version := row.get("version") or "1").isdecimal() or int(version) < 1:
            found.append(f"{row.table} {row.id}: version {version}")
    return found


def _not_of_earlier_writers(row: Row) -> set[str]:
    if row.get("version") is None:
        return {"version", "updated_at"}
    # Mended by the doctor: it numbers a row, and says not that anybody changed it.
    return {"updated_at"} if row.get("version") == "1" else set()


Shape = list[tuple[Any, ...]]


def labels(rows: Iterable[Row]) -> dict[str, str]:
    """What stands for each row's id in a shape: the id itself, or the name where the id was made."""
    return {
        row.id: f"made:{row.get('name')}" if _MADE_ID.fullmatch(row.id) else row.id
        for row in rows
        if row.table != LEADS
    }


def contents(rows: Sequence[Row]) -> Shape:
    """The rows without what differs between two runs: times, tokens, and ids that were made, which become names."""
    label = labels(rows)
    return sorted((_content(row, label) for row in rows), key=repr)


def shape(rows: Sequence[Row]) -> Shape:
    """The contents, and each row's place among its siblings in the order of their creation."""
    label, place = labels(rows), _places(rows)
    return sorted(((place.get((row.table, row.id, row.parent), 0), *_content(row, label)) for row in rows), key=repr)


def unmarked(content: tuple[Any, ...]) -> tuple[Any, ...]:
    """A content without its mark."""
    return tuple(part for part in content if not (isinstance(part, tuple) and part[0] == "tree_state"))


def _content(row: Row, label: dict[str, str]) -> tuple[Any, ...]:
    attributes = sorted(
        (name, kind, label.get(value, value))
        for name, typed in row.item.items()
        if name not in _OF_THE_MOMENT
        for kind, value in typed.items()
    )
    return row.table, *attributes


def _places(rows: Sequence[Row]) -> dict[tuple[str, str, str], int]:
    siblings: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in (one for one in rows if one.table != LEADS):
        siblings[row.table, row.parent].append(row)
    return {
        (row.table, row.id, row.parent): place
        for group in siblings.values()
        for place, row in enumerate(sorted(group, key=lambda one: (one.get("created_at") or "", one.id)))
    }
