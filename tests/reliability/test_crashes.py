"""A real process killed at every request of each operation that has several: the same call again finishes it."""

import pytest

from reliability import figures, tiers
from reliability.bench import Bench
from reliability.checks import contents, problems, unmarked
from reliability.crashes import CRASHING, run_killed
from reliability.judging import Reference, judge_again
from reliability.operations import Operation

pytestmark = pytest.mark.slow


@tiers.in_places(CRASHING)
def test_a_killed_process_leaves_what_the_next_one_finishes(
    bench: Bench, engine: str, layout: str, operation: Operation
) -> None:
    """After kill -9 nothing is orphaned, doubled or half there unmarked; run again it ends as if never interrupted."""
    reference = bench.reference(operation)
    violations: list[str] = []
    points = 0
    places = tiers.spread(range(len(reference.requests)), tiers.KILLS[tiers.TIER, engine])
    for number, place in enumerate(sorted(places)):
        applied = bool(number % 2)
        point = f"{operation}: killed {'after' if applied else 'before'} {reference.requests[place]} ({place})"
        found = _crash(bench, operation, reference, place, applied=applied)
        if found is not None:
            points += 1
            violations += [f"{point}: {problem}" for problem in found]
    figures.record(
        "crashes", engines=engine, layouts=layout, operations=operation.name, points=points, found=violations
    )
    assert points, "nothing was killed"
    assert not violations, "\n".join(violations)


def _crash(bench: Bench, operation: Operation, reference: Reference, place: int, *, applied: bool) -> list[str] | None:
    """Kill it there, look, run it again, look again; `None` where it had ended before."""
    given = operation.given() if operation.given else None
    bench.put_only(operation.seed())
    if not run_killed(bench, operation, given, place, applied=applied):
        return None
    found = [] if operation.mends else _interrupted(bench, reference)
    again = bench.run(operation.bind_to(given))
    return found + [f"run again: {one}" for one in judge_again(operation, reference, again, bench.look())]


def _interrupted(bench: Bench, reference: Reference) -> list[str]:
    rows = bench.look()
    known = {*reference.contents_before, *reference.contents_after}
    return problems(rows, finished=False) + [
        f"a row is there that neither was nor should be: {content}"
        for content in contents(rows)
        if content not in known and unmarked(content) not in known
    ]
