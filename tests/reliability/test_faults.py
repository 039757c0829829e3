"""Every operation under every fault at every request: success or a typed error, and whole rows either way."""

from collections import Counter
from collections.abc import Sequence

import pytest

from reliability import figures, tiers
from reliability.bench import Bench
from reliability.matrix import Case, Judge, cases
from reliability.node_operations import NODE_OPERATIONS
from reliability.operations import Operation
from reliability.other_operations import OTHER_OPERATIONS
from reliability.tree_operations import TREE_OPERATIONS

pytestmark = pytest.mark.slow

OPERATIONS = [*NODE_OPERATIONS, *TREE_OPERATIONS, *OTHER_OPERATIONS]


@tiers.in_places(OPERATIONS)
def test_an_operation_survives_faults(bench: Bench, engine: str, layout: str, operation: Operation) -> None:
    """Whatever happens to a request: no wrong answer, no hang, no orphan, no double, and it can be repeated."""
    reference = bench.reference(operation)
    possible = list(cases(operation, reference))
    chosen = tiers.sample(_spread(possible), engine, f"{operation} {engine} {layout}")
    judge = Judge(bench, reference)
    verdicts = [judge.judge(case) for case in chosen]
    found = [violation for verdict in verdicts for violation in verdict.violations]
    figures.record(
        "faults",
        engines=engine,
        layouts=layout,
        operations=operation.name,
        kinds=sorted({case.fault.name for case in chosen}),
        tried=len(chosen),
        possible=len(possible),
        ended=Counter(verdict.ended for verdict in verdicts),
        repaired=sum(verdict.repaired for verdict in verdicts),
        slowest=max(verdict.seconds for verdict in verdicts),
        found=found,
    )
    assert not found, "\n".join(found)


def _spread(found: Sequence[Case]) -> list[Case]:
    """Leave requests out where there are many of one kind."""
    numbers: dict[str, list[int]] = {}
    for case in found:
        numbers.setdefault(case.request, []).append(case.number)
    count = tiers.REQUESTS[tiers.TIER]
    kept = {request: tiers.spread(sorted(set(of_kind)), count) for request, of_kind in numbers.items()}
    return [case for case in found if case.number in kept[case.request]]
