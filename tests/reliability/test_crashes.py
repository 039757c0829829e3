"""A real process killed at every request of each operation that has several: the same call again finishes it."""

import pytest

from reliability import figures
from reliability.answers import in_time
from reliability.checks import contents, problems, unmarked
from reliability.crashes import CRASHING, Crashing, operation_of, run_killed
from reliability.judging import Reference, judge_again
from reliability.matrix import Bench

pytestmark = pytest.mark.slow

#: Of the short run; the long one takes every request.
STEP = 5


@pytest.mark.parametrize("crashing", CRASHING, ids=str)
def test_a_killed_process_leaves_what_the_next_one_finishes(
    bench: Bench, engine: str, crashing: Crashing, tier: str
) -> None:
    """After kill -9 nothing is orphaned, doubled or half there unmarked; run again it ends as if never interrupted."""
    given = crashing.given()
    reference = bench.reference(operation_of(crashing, given))
    violations: list[str] = []
    points = 0
    for place in range(0, len(reference.requests), STEP if tier == "short" else 1):
        for applied in (bool(place // STEP % 2),) if tier == "short" else (False, True):
            point = f"{crashing}: killed {'after' if applied else 'before'} {reference.requests[place]} ({place})"
            found = _crash(bench, crashing, given, reference, place, applied=applied)
            if found is not None:
                points += 1
                violations += [f"{point}: {problem}" for problem in found]
    figures.record("crashes", engines=engine, operations=crashing.name, points=points, violations=len(violations))
    assert points, "nothing was killed"
    assert not violations, "\n".join(violations)


def _crash(
    bench: Bench, crashing: Crashing, given: object, reference: Reference, place: int, *, applied: bool
) -> list[str] | None:
    """Kill it there, look, run it again, look again; `None` where it had ended before."""
    operation = operation_of(crashing, given)
    bench.put_only(operation.seed())
    if not run_killed(bench, crashing, given, place, applied=applied):
        return None
    rows = bench.store.scan()
    found = problems(rows, finished=False)
    known = {*reference.contents_before, *reference.contents_after}
    found += [
        f"a row is there that neither was nor should be: {content}"
        for content in contents(rows)
        if content not in known and unmarked(content) not in known
    ]
    bench.connect()
    again = in_time(operation.run)
    return found + [f"run again: {one}" for one in judge_again(operation, reference, again, bench.store.scan())]
