"""What each operation costs in either layout, side by side: the operations of `patterns`, and trees as they grow."""

from collections.abc import Iterator

import marked
import patterns
import trees
from charges import Charge, Meter, check_sizes

import dynamodb
from dynamodb import _connection
from dynamodb._config import DEFAULT_PREFIX, LAYOUTS
from dynamodb.repositories import HierarchyRepository, TestCaseRepository
from models.requirement import TestCaseTreeCreate

#: The sections of `patterns` that the layout makes a difference to.
SECTIONS = ("reading", "writing", "trees", "waitlist")
SIZES = (10, 100, 1_000, 10_000)


def tables(endpoint: str) -> Iterator[tuple[str, str]]:
    """Give each part's name and its table: six tables first, then one."""
    charges: dict[str, list[list[Charge]]] = {}
    grown: list[dict[tuple[str, int], Charge]] = []
    dynamodb.configure(endpoint=endpoint, table_prefix=DEFAULT_PREFIX)
    meter = Meter(_connection.client())
    for layout in LAYOUTS:
        dynamodb.configure(endpoint=endpoint, table_prefix=DEFAULT_PREFIX, layout=layout)
        dynamodb.create_all_tables()
        for section in SECTIONS:
            measured = [patterns.measure(pattern, meter) for pattern in patterns.SECTIONS[section]]
            charges.setdefault(section, []).append(measured)
        check_sizes(_connection.client())
        grown.append(_growing(meter))
    for section, (six, one) in charges.items():
        rows = [
            (f"**{pattern.what}**<br>`{pattern.code}`", *_figures(*pair))
            for pattern, *pair in zip(patterns.SECTIONS[section], six, one, strict=True)
        ]
        yield section, marked.table(("operation", "requests:", "read units:", "write units:"), rows)
    rows = [
        (f"{what}", f"{size:,}", *_figures(charge, grown[1][what, size])) for (what, size), charge in grown[0].items()
    ]
    rows.sort(key=lambda row: row[0])
    yield "growth", marked.table(("operation", "rows:", "requests:", "read units:", "write units:"), rows)


def _figures(six: Charge, one: Charge) -> tuple[str, str, str]:
    pairs = ((getattr(six, name), getattr(one, name)) for name in ("requests", "read_units", "write_units"))
    requests, read, write = (f"{before:,g} → {now:,g}" if before or now else "" for before, now in pairs)
    return requests, read, write


def _growing(meter: Meter) -> dict[tuple[str, int], Charge]:
    return {(what, size): charge for size in SIZES for what, charge in growing(meter, size)}


def growing(meter: Meter, size: int) -> Iterator[tuple[str, Charge]]:
    """Measure what is done with a tree of a size in the configured layout, from its creation to its deletion."""
    repository = HierarchyRepository()
    tree = trees.tree_of(size)
    meter.take()
    created = repository.create(tree)
    yield "create", meter.take()
    loaded = repository.load(created.id)
    yield "load", meter.take()
    flow = loaded.flows[0]
    repository.load_subtree(flow.uiid)
    yield "load a flow", meter.take()
    low = flow.high_level_requirement_list[0].low_level_requirement_list[0]
    [test_case] = repository.append(low.uiid, [TestCaseTreeCreate(name="One more", description=trees.TEXT)])
    yield "append one", meter.take()
    TestCaseRepository().update(test_case.uiid, {"description": "Changed"})
    yield "update one", meter.take()
    TestCaseRepository().delete(test_case.uiid)
    yield "delete one", meter.take()
    repository.delete_project(created.id)
    yield "delete", meter.take()
