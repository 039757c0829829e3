"""Every operation with indexes that lag behind their tables."""

from collections.abc import Iterator

import pytest

from reliability import figures, tiers
from reliability.answers import comparable, wrong_rows
from reliability.bench import Bench
from reliability.checks import problems, shape
from reliability.judging import Reference
from reliability.node_operations import NODE_OPERATIONS
from reliability.operations import Operation
from reliability.other_operations import OTHER_OPERATIONS
from reliability.store import Rows
from reliability.tree_operations import TREE_OPERATIONS

pytestmark = pytest.mark.slow

OPERATIONS = [*NODE_OPERATIONS, *TREE_OPERATIONS, *OTHER_OPERATIONS]
#: How many of the last writes no index shows, while the operation itself writes.
WRITES = (1, 1_000_000)
#: How many rows at the end of each project no index shows yet when the operation begins.
HIDDEN = (1, 4)
#: What an operation may be told where rows that it needs are not in an index yet.
ALLOWED = {None, "not_found", "parent_not_found"}
in_places = tiers.in_places(OPERATIONS, every=tiers.LATE[tiers.TIER], places=tiers.PLACES)


@in_places
def test_an_operations_own_writes_may_be_late(bench: Bench, engine: str, layout: str, operation: Operation) -> None:
    """What an operation has written itself, it does not need an index to know: it ends as with prompt indexes."""
    reference = bench.reference(operation)
    found = [
        f"{writes} writes: {problem}" for writes in WRITES for problem in _late(bench, operation, reference, writes)
    ]
    _record(engine, layout, operation, len(WRITES), found)
    assert not found, "\n".join(found)


def _late(bench: Bench, operation: Operation, reference: Reference, writes: int) -> Iterator[str]:
    bench.put_only(operation.seed())
    bench.proxy.reset()
    bench.proxy.lag_indexes(writes)
    bench.follow_indexes()
    outcome = bench.run(operation.bind())
    bench.proxy.reset()
    rows = bench.look()
    if outcome.error or outcome.surprise:
        yield f"ended with {outcome.error or repr(outcome.surprise)}"
    answer, after = reference.ends[0]
    if shape(rows) != after:
        yield f"the rows differ from those of an undisturbed run: {shape(rows)} instead of {after}"
    if comparable(outcome, rows) != answer:
        yield f"answered {comparable(outcome, rows)!r} instead of {answer!r}"


@in_places
def test_rows_that_no_index_shows_yet(bench: Bench, engine: str, layout: str, operation: Operation) -> None:
    """An operation may not see them; it answers nothing untrue, and what it leaves the doctor mends."""
    found = [f"{rows} hidden: {problem}" for rows in HIDDEN for problem in _hidden(bench, operation, rows)]
    _record(engine, layout, operation, len(HIDDEN), found)
    assert not found, "\n".join(found)


def _hidden(bench: Bench, operation: Operation, number: int) -> Iterator[str]:
    shown, late = _split(bench.store.completed(operation.seed()), number)
    bench.put_only(shown)
    bench.proxy.reset()
    bench.hide(late)
    outcome = bench.run(operation.bind())
    bench.proxy.reset()
    rows = bench.look()
    if outcome.surprise:
        yield f"raised {outcome.surprise!r}"
    if outcome.error not in ALLOWED:
        yield f"ended with {outcome.error}"
    if not operation.removes:
        yield from wrong_rows(outcome.value, rows)
    ids = {row.id for row in rows}
    orphans = {f"{row.table} {row.id}: its parent {row.parent} is gone" for row in rows if row.parent not in ids}
    yield from (problem for problem in problems(rows, finished=True) if problem not in orphans)
    if problems(rows, finished=True):
        yield from bench.repair()


def _split(rows: Rows, number: int) -> tuple[Rows, Rows]:
    """Hide the last rows of each project, and the last of the waitlist."""
    groups: dict[str, list[tuple[str, object]]] = {}
    project = ""
    for table, item in rows:
        project = item["id"]["S"] if table == "projects" else "" if table == "waitlist" else project
        groups.setdefault(project, []).append((table, item))
    late: Rows = []
    for group in groups.values():
        late += [(table, item) for table, item in group if table != "projects"][-number:]  # type: ignore[misc]
    return [row for row in rows if row not in late], late


def _record(engine: str, layout: str, operation: Operation, tried: int, found: list[str]) -> None:
    figures.record(
        "late indexes",
        engines=engine,
        layouts=layout,
        operations=operation.name,
        tried=tried,
        found=[f"{operation}, {one}" for one in found],
    )
