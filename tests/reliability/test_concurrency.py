"""Several processes with several threads each in the same few projects."""

import random
import threading
from collections import Counter

import pytest

from reliability import figures, tiers
from reliability.bench import Bench
from reliability.crashes import processes
from reliability.engines import LOCAL, MOTO
from reliability.history import violations
from reliability.workload import Event, Task, rows, work
from support.faults import SINGLE_WRITES, Fault, transaction_conflict
from support.wire import Answer, Dropped, Exchange

pytestmark = pytest.mark.slow

PROCESSES = 3
#: Threads of each process, and calls of each thread. moto does one request at a time.
SIZES = {
    ("short", LOCAL): (4, 15),
    ("medium", LOCAL): (4, 60),
    ("medium", MOTO): (4, 15),
    ("full", LOCAL): (8, 200),
    ("full", MOTO): (8, 15),
}
#: How many writes of a hundred meet another transaction; no local engine does that by itself.
CONFLICTS = 5


@tiers.in_all([*tiers.PLACES, *tiers.BOTH])
def test_many_writers(bench: Bench, engine: str, layout: str) -> None:
    """No lost update, no version twice or left out, no orphan, nothing in another owner's project."""
    bench.put_only(rows())
    bench.proxy.inject(_now_and_then(one_at_a_time=engine == MOTO), times=None)
    threads, calls = SIZES[tiers.TIER, engine]
    tasks = [Task(bench.where, f"process {number}", threads, calls) for number in range(PROCESSES)]
    with processes.Pool(PROCESSES) as pool:
        history = [Event(**event) for told in pool.map(work, tasks, chunksize=1) for event in told]
    found = violations(history, bench.store.scan())
    figures.record(
        "concurrency",
        engines=engine,
        layouts=layout,
        writers=PROCESSES * threads,
        calls=len(history),
        told=Counter(event.error or "success" for event in history),
        found=found,
    )
    assert not found, "\n".join(found)


def _now_and_then(*, one_at_a_time: bool) -> Fault:
    """Some writes meet another transaction; moto does not isolate two requests, so there they come one by one."""
    dice = random.Random(8)  # noqa: S311
    lock = threading.Lock()

    def strike(exchange: Exchange) -> Answer | Dropped:
        operation = exchange.request.operation
        if operation in {*SINGLE_WRITES, "TransactWriteItems"} and dice.random() * 100 < CONFLICTS:
            return transaction_conflict().strike(exchange)
        if not one_at_a_time:
            return exchange.forward()
        with lock:
            return exchange.forward()

    return Fault("now and then", strike)
