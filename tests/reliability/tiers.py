"""How much is tried, of which operations, where: the rules by which a run ends in a known time (RELIABILITY_TIER).

Two engines and two layouts are four places. Both layouts written at once, in either order, are two more, on DynamoDB
Local. `full` tries every operation in all of them, `medium` fewer cases of each, and `short` each operation in one
place, in turn. What is left out is left out by these numbers, the same in every run.
"""

import os
import random
from collections.abc import Sequence
from typing import Any, TypeVar

import pytest

from reliability.engines import LOCAL, MOTO
from reliability.operations import Operation
from support.layouts import SINGLE, SINGLE_AND_SIX, SIX, SIX_AND_SINGLE

SHORT, MEDIUM, FULL = "short", "medium", "full"

#: How much is tried.
TIER = os.environ.get("RELIABILITY_TIER", SHORT)

#: Where rows are written: `one`, each layout alone, or `both`, every write into both; all of it in the short tier.
WRITING = os.environ.get("RELIABILITY_WRITING")

_LAYOUT = os.environ.get("DYNAMODB_TEST_LAYOUT")

#: An engine and a layout; only this layout, where the environment names one.
PLACES = [
    (engine, layout)
    for engine, layout in ((LOCAL, SIX), (MOTO, SINGLE), (LOCAL, SINGLE), (MOTO, SIX))
    if WRITING != "both" and layout == (_LAYOUT or layout)
]
#: While every write goes to both layouts.
BOTH = [(LOCAL, both) for both in (SIX_AND_SINGLE, SINGLE_AND_SIX) if WRITING != "one" and not _LAYOUT]

#: Of one kind of request in one call, so many are hit by faults: the first, the last, some between.
REQUESTS = {SHORT: 3, MEDIUM: 3, FULL: 4}
#: Cases of one operation under faults in the short tier; elsewhere one case of so many.
CASES = 4
#: moto is several times as slow as DynamoDB Local, and proves less.
SHARES = {(MEDIUM, LOCAL): 6, (MEDIUM, MOTO): 48, (FULL, LOCAL): 4, (FULL, MOTO): 32}
#: So many requests of an operation are those at which a process is killed; `None`: all. Which of two neighbours is the
#: one before which it is killed, and which the one after, alternates.
KILLS: dict[tuple[str, str], int | None] = {
    (SHORT, LOCAL): 3,
    (SHORT, MOTO): 3,
    (MEDIUM, LOCAL): 8,
    (MEDIUM, MOTO): 3,
    (FULL, LOCAL): None,
    (FULL, MOTO): 8,
}
#: One operation of so many meets late indexes.
LATE = {SHORT: 6, MEDIUM: 3, FULL: 1}

T = TypeVar("T")


def in_places(
    operations: Sequence[Operation], *, every: int = 1, places: Sequence[tuple[str, str]] = (*PLACES, *BOTH)
) -> Any:
    """Parametrize a test with operations, each in all places where it can be, or in one of them.

    Args:
        operations: all there are.
        every: take one of so many.
        places: engines and layouts.
    """
    chosen = []
    for number, operation in enumerate(operations[::every]):
        here = [place for place in places if operation.can_be_in(place[1])]
        if TIER == SHORT and here:
            here = [here[number % len(here)]]
        chosen += [
            pytest.param(engine, layout, operation, id=f"{engine}-{layout}-{operation}") for engine, layout in here
        ]
    return pytest.mark.parametrize(("engine", "layout", "operation"), chosen, indirect=["engine", "layout"])


def in_all(places: Sequence[tuple[str, str]] = PLACES) -> Any:
    """Parametrize a test with all places; in the short tier with those on DynamoDB Local."""
    chosen = [pytest.param(*place, id="-".join(place)) for place in places if TIER != SHORT or place[0] == LOCAL]
    return pytest.mark.parametrize(("engine", "layout"), chosen, indirect=True)


def sample(cases: Sequence[T], engine: str, seed: str) -> list[T]:
    """Choose cases as the tier has it, in a way that depends on the seed alone."""
    size = CASES if TIER == SHORT else -(-len(cases) // SHARES[TIER, engine])
    return list(cases) if size >= len(cases) else random.Random(seed).sample(cases, size)  # noqa: S311


def spread(numbers: Sequence[int], count: int | None) -> set[int]:
    """Choose the first, the last, and so many between that there are `count`; `None`: all."""
    last = len(numbers) - 1
    if count is None:
        return set(numbers)
    return {numbers[round(place * last / (count - 1))] for place in range(count)}
