"""Whether what many writers were told, one after the other, fits what is there in the end."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from reliability.checks import problems
from reliability.store import LEADS, Row
from reliability.workload import PROJECTS, SAFE, Event

#: What a call may be told because of what others do at the same time.
ALLOWED = {
    "create": {"parent_not_found", "throttled"},
    "update": {"not_found", "throttled"},
    "count": {"not_found", "version_conflict", "throttled"},
    "move": {"not_found", "parent_not_found", "invalid_input", "throttled"},
    "delete": {"not_found", "throttled", "partial_write"},
    "load": set(),
    "foreign": {"not_found", "parent_not_found"},
}


def violations(history: Sequence[Event], rows: Sequence[Row]) -> list[str]:
    """What is wrong with a history and its end.

    Args:
        history: all calls of all writers, in no order.
        rows: all rows afterwards.
    """
    found = problems(rows, finished=False)
    found += [event.wrong for event in history if event.wrong]
    found += [
        f"{event.what} of {event.uiid} was told {event.error}"
        for event in history
        if event.error and event.error not in ALLOWED[event.what]
    ]
    found += _owners(rows)
    by_row: dict[str, list[Event]] = defaultdict(list)
    for event in history:
        by_row[event.uiid].append(event)
    there = {row.id: row for row in rows if row.table != LEADS}
    for uiid, events in by_row.items():
        found += [f"{uiid}: {problem}" for problem in _of_row(events, there.get(uiid))]
    return found


def _of_row(events: Sequence[Event], row: Row | None) -> list[str]:
    done = [event for event in events if not event.error]
    deleted = any(event.what == "delete" for event in done)
    found = _versions(events, row) + (_last_texts(done, row) if row else [])
    if row and deleted:
        found.append("is there, although its deletion was acknowledged")
    if not row and not deleted and any(event.what == "create" and event.side == SAFE for event in done):
        found.append("was created, was not deleted, and is not there")
    return found


def _versions(events: Sequence[Event], row: Row | None) -> list[str]:
    """Acknowledged writes have versions of their own, and no version is missing between them."""
    updates = [event.version for event in events if event.what in {"update", "count"} and not event.error]
    # A move to where the row is already answers with the version that there is.
    moves = {event.version for event in events if event.what == "move" and not event.error}
    found = [f"two writes were both told version {one}" for one in _repeated(updates)]
    last = int(row.get("version") or 0) if row else max([*updates, *moves], default=1)
    missing = set(range(2, last + 1)) - {*updates, *moves}
    unknown = sum(event.error == "throttled" for event in events)
    if len(missing) > unknown:
        found.append(f"is at version {last}, and nobody was told of {sorted(missing)}")
    if row and any(version > last for version in [*updates, *moves]):
        found.append(f"is at version {last}, and somebody was told {max([*updates, *moves])}")
    return found


def _last_texts(done: Sequence[Event], row: Row) -> list[str]:
    """The last update's text is there, and as many counts as were acknowledged."""
    found: list[str] = []
    texts = {event.version: event.token for event in done if event.what in {"update", "create"}}
    if texts and row.get("description") != texts[max(texts)]:
        found.append(f"a lost update: has {row.get('description')!r}, the last one wrote {texts[max(texts)]!r}")
    counts = sum(event.what == "count" for event in done)
    if row.table != "projects" and row.get("name") != str(counts):
        found.append(f"a lost update: {counts} counts were acknowledged, {row.get('name')} are there")
    return found


def _repeated(numbers: Iterable[int]) -> list[int]:
    seen: set[int] = set()
    return [number for number in numbers if number in seen or seen.add(number)]  # type: ignore[func-returns-value]


def _owners(rows: Iterable[Row]) -> list[str]:
    """Rows whose text says another owner than their project has."""
    owner = {project_id: name for name, projects in PROJECTS.items() for project_id in projects}
    below = [row for row in rows if row.table not in {"projects", LEADS}]
    return [
        f"{row.table} {row.id}: is in project {row.get('project_id')}, and says {row.get('description')!r}"
        for row in below
        if not str(row.get("description")).startswith(f"{owner[str(row.get('project_id'))]}:")
    ]
