"""One client for all threads of a process, and one of its own for each forked process."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dynamodb import _connection
from dynamodb.repositories import TestCaseRepository
from reliability import figures, tiers, world
from reliability.bench import Bench
from reliability.checks import problems
from support.forks import run_in_fork

pytestmark = pytest.mark.slow

THREADS = 32
CALLS = {"short": 4, "medium": 10, "full": 50}
FORKS = 3


@tiers.in_all()
def test_many_threads_share_one_client(bench: Bench, engine: str, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They begin at the same moment, make one client, and everybody gets the answers to their own requests."""
    made: list[object] = []
    make = _connection._make_client
    monkeypatch.setattr(_connection, "_make_client", lambda settings: made.append(settings) or make(settings))
    bench.put_only(world.small())
    bench.connect()
    _connection.forget_client()
    made.clear()
    start = threading.Barrier(THREADS)

    def work(number: int) -> list[str]:
        start.wait()
        cases = TestCaseRepository()
        parent = ("l1", "l2", "l3")[number % 3]
        row = cases.create({"uiid": f"thread {number}", "name": "0", "parent_uiid": parent})
        wrong = []
        for count in range(1, CALLS[tiers.TIER] + 1):
            row = cases.update(row.uiid, {"name": str(count), "description": f"of {number}"}, expected_version=count)
            read = cases.get(row.uiid)
            if read != row or (read.uiid, read.description) != (f"thread {number}", f"of {number}"):
                wrong.append(f"thread {number} got {read!r} for {row!r}")
        return wrong

    with ThreadPoolExecutor(THREADS) as threads:
        found = [problem for wrong in threads.map(work, range(THREADS)) for problem in wrong]
    found += problems(bench.look(), finished=True)
    found += [] if len(made) == 1 else [f"{len(made)} clients were made"]
    calls = THREADS * (1 + 2 * CALLS[tiers.TIER])
    figures.record("one client", engines=engine, layouts=layout, threads=THREADS, calls=calls, found=found)
    assert not found, "\n".join(found)


@tiers.in_all()
def test_a_forked_process_has_connections_of_its_own(bench: Bench, engine: str, layout: str) -> None:
    """It and its parent, which go on reading at the same time, never see each other's answers."""
    bench.put_only(world.small())
    bench.connect()
    before = _connection.client()
    wrong: list[str] = []
    done = threading.Event()

    def read(times: int) -> bool:
        cases = TestCaseRepository()
        return all(cases.get(uiid).uiid == uiid for uiid in ("t1", "t2", "t3", "t4") * times)

    def read_on() -> None:
        while not done.is_set():
            if not read(1):
                wrong.append("the parent got another answer")

    reading = threading.Thread(target=read_on)
    reading.start()
    try:
        wrong += [
            f"fork {number} shares its parent's client, or got another answer"
            for number in range(FORKS)
            if not run_in_fork(lambda: _connection.client() is not before and read(5))
        ]
    finally:
        done.set()
        reading.join()
    if _connection.client() is not before:
        wrong.append("the parent lost its client")
    figures.record("forks", engines=engine, layouts=layout, forks=FORKS, found=wrong)
    assert not wrong, "\n".join(wrong)
