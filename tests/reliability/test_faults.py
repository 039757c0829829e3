"""Every operation under every fault at every request: success or a typed error, and whole rows either way."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from reliability import figures
from reliability.bench import Bench
from reliability.engines import LOCAL, MOTO
from reliability.matrix import Case, Judge, cases
from reliability.node_operations import NODE_OPERATIONS
from reliability.operations import Operation
from reliability.other_operations import OTHER_OPERATIONS
from reliability.tree_operations import TREE_OPERATIONS

pytestmark = pytest.mark.slow

OPERATIONS = [*NODE_OPERATIONS, *TREE_OPERATIONS, *OTHER_OPERATIONS]
#: Of the short tier, for each operation and engine.
SAMPLE = 2
#: Of the others, one case of so many. moto is four times as slow as DynamoDB Local, and proves less.
SHARES = {("medium", LOCAL): 10, ("medium", MOTO): 30, ("full", LOCAL): 1, ("full", MOTO): 5}
#: Of many requests of one kind, which run at the same time, these are tried: the first, the last, some between.
PLACES = 12


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_operation_survives_faults(bench: Bench, engine: str, operation: Operation, tier: str) -> None:
    """Whatever happens to a request: no wrong answer, no hang, no orphan, no double, and it can be repeated."""
    reference = bench.reference(operation)
    chosen = _spread(list(cases(operation, reference)))
    possible = len(chosen)
    size = SAMPLE if tier == "short" else -(-possible // SHARES[tier, engine])
    if size < possible:
        chosen = random.Random(f"{operation} {engine}").sample(chosen, size)  # noqa: S311
    judge = Judge(bench, reference)
    verdicts = [judge.judge(case) for case in chosen]
    violations = [violation for verdict in verdicts for violation in verdict.violations]
    figures.record(
        "faults",
        engines=engine,
        operations=operation.name,
        kinds=sorted({case.fault.name for case in chosen}),
        tried=len(chosen),
        possible=possible,
        ended=Counter(verdict.ended for verdict in verdicts),
        repaired=sum(verdict.repaired for verdict in verdicts),
        slowest=max(verdict.seconds for verdict in verdicts),
        violations=len(violations),
    )
    assert not violations, "\n".join(violations)


def _spread(found: Sequence[Case]) -> list[Case]:
    """Leave requests out where there are many of one kind."""
    numbers: dict[str, list[int]] = {}
    for case in found:
        numbers.setdefault(case.request, []).append(case.number)
    kept = {request: _some(sorted(set(all_numbers))) for request, all_numbers in numbers.items()}
    return [case for case in found if case.number in kept[case.request]]


def _some(numbers: Sequence[int]) -> set[int]:
    last = len(numbers) - 1
    return {numbers[round(place * last / (PLACES - 1))] for place in range(PLACES)}
