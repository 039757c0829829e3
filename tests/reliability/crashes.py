"""Operations in a process of their own, which is killed at one of its requests."""

import multiprocessing
import os
import signal
from multiprocessing import connection
from typing import Any

from dynamodb import configure
from reliability.bench import PATIENT, Bench
from reliability.mending import MENDING
from reliability.migrating import MIGRATING
from reliability.operations import Operation
from reliability.tree_operations import LONG_OPERATIONS
from support.faults import Fault, run_after, run_before

#: Real processes with the data layer already imported; each has its own memory and its own connections.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["pytest", "reliability.crashes"])

_SECONDS = 60

CRASHING = [*LONG_OPERATIONS, *MENDING, *MIGRATING]


def run_killed(bench: Bench, operation: Operation, given: Any, place: int, *, applied: bool) -> bool:
    """Run it in a process that is killed at this request, before the engine sees it or after it has done it.

    Args:
        bench: where.
        operation: one of `CRASHING`.
        given: what it is given.
        place: of the request.
        applied: after the engine has done it.

    Returns:
        Whether it was killed: it may have needed fewer requests this time.
    """
    process = processes.Process(target=_work, args=(operation.name, given, bench.where))

    def kill() -> None:
        os.kill(process.pid or 0, signal.SIGKILL)
        assert connection.wait([process.sentinel], _SECONDS), "the process did not die"

    fault: Fault = run_after(kill) if applied else run_before(kill)
    bench.proxy.reset()
    bench.proxy.inject(fault, at=place)
    process.start()
    process.join(_SECONDS)
    assert process.exitcode in {0, -signal.SIGKILL}, f"{operation}: the process ended with {process.exitcode}"
    bench.hang_up()
    bench.proxy.reset()
    return process.exitcode != 0


def _work(name: str, given: Any, where: dict[str, Any]) -> None:
    """In the process: run it."""
    configure(**where, **PATIENT)
    operation = next(one for one in CRASHING if one.name == name)
    operation.bind_to(given)()
