"""Sustained mixed load on AWS's engine: rates and latencies are printed, errors and growing memory are violations."""

import gc
import random
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

import psutil
import pytest

from dynamodb import configure, create_all_tables
from dynamodb.repositories import HierarchyRepository, TestCaseRepository
from dynamodb.testing.engines import EngineNotInstalledError, dynamodb_local
from models.requirement import ProjectTreeCreate
from reliability import figures, tiers, world
from reliability.bench import PATIENT
from support.layouts import SINGLE, SIX
from support.required import cannot_run

pytestmark = pytest.mark.slow

#: In both layouts; the longest run in the default one.
OPERATIONS = {
    ("short", SIX): 1_000,
    ("short", SINGLE): 1_000,
    ("medium", SIX): 10_000,
    ("medium", SINGLE): 10_000,
    ("full", SIX): 100_000,
    ("full", SINGLE): 20_000,
}
THREADS = 4
#: Rows that a thread leaves there before it deletes the oldest, so that the tables do not grow.
KEPT = 10
#: Until then caches fill.
WARM = 0.2
#: What may come to objects and memory after that: a leak of one object an operation is more, in every tier.
MORE_OBJECTS = 500
MORE_BYTES = 24 * 2**20

Seconds = dict[str, list[float]]


@pytest.fixture
def endpoint() -> Iterator[str]:
    try:
        with dynamodb_local() as address:
            yield address
    except EngineNotInstalledError as error:
        cannot_run(str(error))


class Worker:
    """One thread's calls, in a project of its own."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)  # noqa: S311 - repeatable on purpose
        self._owner = f"owner {number}"
        tree = ProjectTreeCreate.model_validate(
            world.tree(f"load {number}", width=(2, 3, 3, 2), ids=False, user_id=self._owner)
        )
        self._trees = HierarchyRepository(user_id=self._owner)
        self._cases = TestCaseRepository(user_id=self._owner)
        self._project = self._trees.create(tree).id
        requirements = tree.flows[0].high_level_requirement_list[0].low_level_requirement_list
        self._parents = [row.uiid for row in requirements]
        self._new: deque[str] = deque()
        self.seconds: Seconds = defaultdict(list)

    def run(self, calls: int) -> None:
        """Make so many calls."""
        ways: dict[str, tuple[int, Callable[[], object]]] = {
            "read tree": (20, self._load),
            "page": (25, self._page),
            "create": (20, self._create),
            "update": (35, self._update),
        }
        names = self._random.choices(list(ways), [weight for weight, _ in ways.values()], k=calls)
        for name in names:
            start = time.perf_counter()
            ways[name][1]()
            self.seconds[name].append(time.perf_counter() - start)
            if len(self._new) > KEPT:
                start = time.perf_counter()
                assert self._cases.delete(self._new.popleft()).finished
                self.seconds["delete"].append(time.perf_counter() - start)

    def _load(self) -> None:
        assert self._trees.load(self._project).user_id == self._owner

    def _page(self) -> None:
        page = self._cases.list_by_parent(self._random.choice(self._parents), limit=2)
        assert len(page.items) == 2

    def _create(self) -> None:
        row = self._cases.create({"name": "new", "parent_uiid": self._random.choice(self._parents)})
        self._new.append(row.uiid)

    def _update(self) -> None:
        if not self._new:
            self._create()
        text = f"text {self._random.random()}"
        assert self._cases.update(self._random.choice(self._new), {"description": text}).description == text


def test_sustained_load(endpoint: str, layout: str) -> None:
    """No error, and after a while no more objects and no more memory, however long it goes on."""
    configure(endpoint=endpoint, table_prefix="load-", layout=layout, **PATIENT)  # type: ignore[arg-type]
    assert create_all_tables()["status"] == "success"
    workers = [Worker(number) for number in range(THREADS)]
    warm = int(OPERATIONS[tiers.TIER, layout] * WARM / THREADS)
    _run(workers, warm)
    for worker in workers:
        worker.seconds.clear()
    objects, resident = _size()
    start = time.perf_counter()
    _run(workers, OPERATIONS[tiers.TIER, layout] // THREADS - warm)
    took = time.perf_counter() - start
    seconds: Seconds = {
        name: [one for worker in workers for one in worker.seconds.pop(name)] for name in list(workers[0].seconds)
    }
    measured = {name: len(some) for name, some in seconds.items()}
    latencies = {name: _percentiles(some) for name, some in seconds.items()}
    del seconds
    more_objects, more_bytes = (after - before for after, before in zip(_size(), (objects, resident), strict=True))
    grown = [f"{more_objects} more objects"] * (more_objects > MORE_OBJECTS)
    grown += [f"{more_bytes} more bytes"] * (more_bytes > MORE_BYTES)
    figures.record(
        "load",
        engines="dynamodb-local",
        layouts=layout,
        calls=sum(measured.values()) + warm * THREADS,
        rate={layout: round(sum(measured.values()) / took)},
        p50={f"{name} ({layout})": one[0] for name, one in latencies.items()},
        p99={f"{name} ({layout})": one[1] for name, one in latencies.items()},
        kib_more={layout: max(more_bytes, 0) // 1024},
        found=grown,
    )
    assert not grown


def _run(workers: list[Worker], calls: int) -> None:
    with ThreadPoolExecutor(len(workers)) as threads:
        list(threads.map(lambda worker: worker.run(calls), workers))


def _size() -> tuple[int, int]:
    gc.collect()
    return len(gc.get_objects()), psutil.Process().memory_info().rss


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """The 50th and the 99th, in milliseconds."""
    parts = quantiles(seconds, n=100)
    return round(parts[49] * 1000, 1), round(parts[98] * 1000, 1)
