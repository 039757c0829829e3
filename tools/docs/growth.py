"""What whole-tree operations cost as a tree grows, measured and by formula; the two must be equal."""

import math
from collections.abc import Iterator
from typing import Any

import marked
import trees
from charges import Charge, Meter

from dynamodb import _requests
from dynamodb.infrastructure import model_shapes
from dynamodb.repositories import HierarchyRepository
from models._kinds import HIERARCHY, PROJECT, Kind

SIZES = (10, 100, 1_000, 10_000)

Figures = tuple[float, float, float]

_LEVELS = HIERARCHY[1:]
_PAGE = 2**20
_BATCH = 25


def measure(meter: Meter) -> str:
    """Measure every operation on every size and return the table.

    Raises:
        ValueError: if a formula of the page does not give what was measured.
    """
    rows = []
    for size in SIZES:
        for operation, charge, expected in _measure(size, meter):
            measured = (charge.requests, charge.read_units, charge.write_units)
            if measured != expected:
                raise ValueError(f"{operation} of {size} rows: measured {measured}, the formula gives {expected}")
            rows.append((operation, f"{size:,}", *map(marked.number, measured)))
    rows.sort(key=lambda row: row[0])  # by operation, each from the smallest tree to the largest
    return marked.table(("operation", "rows:", "requests:", "read units:", "write units:"), rows)


def _measure(size: int, meter: Meter) -> Iterator[tuple[str, Charge, Figures]]:
    repository = HierarchyRepository()
    meter.take()
    created = repository.create(trees.tree_of(size))
    yield "create", meter.take(), creating(size)
    loaded = repository.load(created.id)
    reading = loading(loaded)
    yield "load", meter.take(), reading
    test_case, parent = _move_of(loaded)
    repository.move(test_case, parent)
    yield "move", meter.take(), _MOVING
    copy = repository.copy_project(created.id)
    yield "copy", meter.take(), _add(reading, creating(size))
    repository.delete_project(copy.id)
    yield "delete", meter.take(), deleting(size, reading)
    repository.delete_project(created.id)
    meter.take()


#: A test case is looked for on four levels; the new parent and what is above it are read, and the old parent; then the
#: row as it is. One transaction puts and deletes a row with two indexes, and checks five rows.
_MOVING = (4 + 4 + 1 + 1 + 1, 4 + 4 + 1 + 1, 2 * (2 + 2) + 5 * 2)


def _indexes() -> dict[str, int]:
    return {key: len(shape.indexes) for key, shape in model_shapes().items()}


def _writes(size: int) -> tuple[int, int]:
    """Return the batches and the write units of the rows under a project."""
    counts = dict(zip((kind.key for kind in _LEVELS), trees.level_counts(size), strict=True))
    indexes = _indexes()
    batches = sum(math.ceil(count / _BATCH) for count in counts.values())
    return batches, sum(count * (1 + indexes[key]) for key, count in counts.items())


def creating(size: int) -> Figures:
    """What writing a tree of new ids costs."""
    batches, units = _writes(size)
    project = 1 + _indexes()["projects"]
    if size <= _requests.MAX_TRANSACTION_ACTIONS:
        return 1, 0, project + units + size
    return 2 + batches, 0, project + units + project


def loading(tree: Any) -> Figures:
    """What reading a tree costs."""
    requests, units = 1, float(math.ceil(_size(PROJECT, tree) / 4096))
    rows = [tree]
    for above, kind in zip(HIERARCHY, _LEVELS, strict=False):
        rows = [child for row in rows for child in getattr(row, str(above.children_field))]
        for page in _pages([_size(kind, row) for row in rows]):
            requests += 1
            units += max(1, math.ceil(page / 4096)) / 2
    return requests, units, 0


def _pages(sizes: list[int]) -> list[int]:
    """Return the bytes of each page of a query over rows of these sizes."""
    pages = [0]
    for size in sizes:
        if pages[-1] >= _PAGE:
            pages.append(0)
        pages[-1] += size
    return pages


def _size(kind: Kind, row: Any) -> int:
    """Return the bytes of a row as DynamoDB counts them: here every number has one digit, and takes two."""
    item = _requests.stored(kind, row)
    if kind is PROJECT:
        item |= {"tree_format": {"N": "1"}, "tree_token": {"S": "0" * 32}}
    return sum(len(name) + (2 if "N" in value else len(value["S"].encode())) for name, value in item.items())


def deleting(size: int, reading: Figures) -> Figures:
    """What deleting a tree costs: finding it, marking it, two looks under it, its rows, itself."""
    batches, units = _writes(size)
    project = 1 + _indexes()["projects"]
    requests, read, _ = reading
    return requests + 1 + batches + len(_LEVELS) + 1, read + len(_LEVELS) * 0.5, project + units + project


def _add(one: Figures, other: Figures) -> Figures:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _move_of(tree: Any) -> tuple[str, str]:
    """Choose a test case, and another requirement of the same parent for it."""
    highs = [high for flow in tree.flows for high in flow.high_level_requirement_list]
    first, *_, last = next(
        high.low_level_requirement_list for high in highs if len(high.low_level_requirement_list) > 1
    )
    return first.test_case_list[0].uiid, last.uiid
