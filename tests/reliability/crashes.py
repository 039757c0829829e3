"""Operations in a process of their own, which is killed at one of its requests."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

from dynamodb import configure
from dynamodb.repositories import HierarchyRepository, UserFlowRepository
from models.requirement import ProjectTreeCreate, UserFlowTreeCreate
from reliability import world
from reliability.matrix import PATIENT, Bench
from reliability.operations import Operation
from reliability.tree_operations import lines_of
from support.faults import Fault, run_after, run_before

#: Real processes with the data layer already imported; each has its own memory and its own connections.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["pytest", "reliability.crashes"])

_SECONDS = 60

#: 1 + 3 + 12 + 72 + 216 rows.
LARGE = (3, 4, 6, 3)


@dataclass(frozen=True)
class Crashing:
    """An operation that is killed.

    Attributes:
        name: what the reports call it.
        run: the call, from what `given` made.
        given: what it is given; it is made once, so that a second call has the same ids.
        seed: the rows it starts from.
        removes: it deletes.
    """

    name: str
    run: Callable[[Any], Any]
    given: Callable[[], Any] = lambda: None
    seed: Callable[[], world.Rows] = world.small
    removes: bool = False

    def __str__(self) -> str:
        return self.name


def _large_rows() -> world.Rows:
    return [*world.small(), *world.stored(world.tree("m", width=LARGE))]


def _nodes() -> list[UserFlowTreeCreate]:
    return [UserFlowTreeCreate.model_validate(node) for node in world.nodes("n", (3, 3, 4, 2), ids=False)]


CRASHING = [
    Crashing(
        "create 304",
        lambda tree: HierarchyRepository().create(tree),
        lambda: ProjectTreeCreate.model_validate(world.tree("m", width=LARGE, ids=False)),
    ),
    Crashing("append 120", lambda nodes: HierarchyRepository(user_id="ada").append("p", nodes), _nodes),
    Crashing("copy 304", lambda _: HierarchyRepository().copy_project("m", new_id="c"), seed=_large_rows),
    Crashing(
        "import 304",
        lambda lines: HierarchyRepository(user_id="ada").import_lines(lines, new_id="imported"),
        lambda: lines_of(world.tree("m", width=LARGE)),
    ),
    Crashing("delete 304", lambda _: HierarchyRepository().delete_project("m"), seed=_large_rows, removes=True),
    Crashing("delete a flow", lambda _: UserFlowRepository().delete("m.0"), seed=_large_rows, removes=True),
]


def operation_of(crashing: Crashing, given: Any) -> Operation:
    """The same call as the fault matrix knows it."""
    return Operation(crashing.name, lambda: crashing.run(given), crashing.seed, atomic=False, removes=crashing.removes)


def run_killed(bench: Bench, crashing: Crashing, given: Any, place: int, *, applied: bool) -> bool:
    """Run it in a process that is killed at this request, before the engine sees it or after it has done it.

    Returns:
        Whether it was killed: it may have needed fewer requests this time.
    """
    process = processes.Process(target=_work, args=(crashing.name, given, bench.proxy.endpoint, bench.store.prefix))

    def kill() -> None:
        os.kill(process.pid or 0, signal.SIGKILL)
        assert connection.wait([process.sentinel], _SECONDS), "the process did not die"

    fault: Fault = run_after(kill) if applied else run_before(kill)
    bench.proxy.reset()
    bench.proxy.inject(fault, at=place)
    process.start()
    process.join(_SECONDS)
    assert process.exitcode in {0, -signal.SIGKILL}, f"{crashing}: the process ended with {process.exitcode}"
    bench.proxy.wait_until_idle()
    bench.proxy.reset()
    return process.exitcode != 0


def _work(name: str, given: Any, endpoint: str, prefix: str) -> None:
    """In the process: run it."""
    configure(endpoint=endpoint, table_prefix=prefix, **PATIENT)  # type: ignore[arg-type]
    next(crashing for crashing in CRASHING if crashing.name == name).run(given)
