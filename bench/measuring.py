"""The run itself: every piece of work by every contender, all contenders within a round, round after round.

Noise then falls on all of them alike, and a ratio is made within a round.
"""

import random
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import dataset, local
from bench.contenders import CONTENDERS
from bench.processes import ContenderError, Worker, cold_start, counts
from bench.results import Results, add
from bench.works import WORKS, WRITES

Say = Callable[[str], None]

_COLD = Path(__file__).parent / "cold"
_SMALL_TREE = dataset.READ_TREES[0]
_BIG_TREE = f"tree_{dataset.READ_TREES[-1]}"
#: On a real engine the work is bound by the engine; more rounds of it would take most of the run.
_ENGINE_ROUNDS = 3


@dataclass(frozen=True)
class Cold:
    """A program that is measured from its start to its first result."""

    label: str
    environment: str
    rows: int
    project: str = dataset.HUNDRED_ID


_TREE = dataset.tree_id(_SMALL_TREE)
COLD: dict[str, Cold] = {
    "nothing": Cold("Python alone", "floor", 0),
    "botocore_query": Cold("bare botocore, a query", "boto3", 100),
    "boto3_query": Cold("boto3 client, a query", "boto3", 100),
    "pynamodb_one": Cold("PynamoDB, one model, a query", "pynamodb", 100),
    "pynamodb_six": Cold("PynamoDB, six models, a tree", "pynamodb", _SMALL_TREE, _TREE),
    "pydynox_query": Cold("pydynox, a query", "pydynox", 100),
    "aiodynamo_query": Cold("aiodynamo, a query", "aiodynamo", 100),
    "ours_query": Cold("this layer, a query", "ours", 100),
    "ours_tree": Cold("this layer, a tree", "ours", _SMALL_TREE, _TREE),
}


def shuffled(names: Iterable[str], round_number: int) -> list[str]:
    """Return the names in an order that differs from round to round, so that nobody always follows the same one."""
    order = list(names)
    random.Random(round_number).shuffle(order)  # noqa: S311 - an order, no secret
    return order


def _can(contender: str, work: str) -> bool:
    return CONTENDERS[contender].writes or not WORKS[work].writes


def measure_cpu(endpoint: str, contenders: list[str], works: list[str], results: Results, say: Say) -> None:
    """Measure CPU seconds against the canned server, after having checked each contender's work once."""
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name)) for name in contenders}
        for name, worker in workers.items():
            results.versions[name] = worker.ask("prepare", endpoint=endpoint)["versions"]
            for work in works:
                if _can(name, work):
                    _check(endpoint, worker, work, results)
            say(f"checked {CONTENDERS[name].label}")
        for round_number in range(results.rounds):
            for work in works:
                for name in shuffled(contenders, round_number):
                    if _can(name, work):
                        add(results.cpu, work, name, workers[name].ask("measure", work=work)["cpu"])
            say(f"CPU, round {round_number + 1} of {results.rounds}")


def _check(endpoint: str, worker: Worker, work: str, results: Results) -> None:
    counts(endpoint)
    worker.ask("check", work=work)
    asked = counts(endpoint)
    written = asked.pop("items written", 0)
    if written != WORKS[work].writes:
        raise ContenderError(f"{worker.name} wrote {written} items in {WORKS[work].label}")
    results.requests.setdefault(work, {})[worker.name] = sum(asked.values())


def measure_memory(endpoint: str, contenders: list[str], results: Results, say: Say) -> None:
    """Measure peak memory of the biggest tree, in a fresh process each time."""
    for round_number in range(results.rounds):
        for name in shuffled(contenders, round_number):
            with Worker(name) as worker:
                results.versions[name] = worker.ask("prepare", endpoint=endpoint)["versions"]
                worker.ask("check", work="get")  # the client, its connection and what it imports late
                add(results.memory, _BIG_TREE, name, worker.ask("peak", work=_BIG_TREE)["bytes"])
        say(f"memory, round {round_number + 1} of {results.rounds}")


def measure_cold(endpoint: str, environments: set[str], results: Results, say: Say) -> None:
    """Measure the CPU seconds of fresh processes to their first result; an uncounted round fills the caches."""
    programs = [name for name, cold in COLD.items() if cold.environment in environments]
    for round_number in range(-1, 2 * results.rounds):  # they are short and start in a busy system: twice as many
        for name in shuffled(programs, round_number):
            cold = COLD[name]
            rows, cpu = cold_start(_COLD / f"{name}.py", cold.environment, endpoint, cold.project)
            if rows != cold.rows:
                raise ContenderError(f"{name} read {rows} rows instead of {cold.rows}")
            if round_number >= 0:
                add(results.cold, "cold start", name, cpu)
    say("cold start")


def measure_engine(endpoint: str, contenders: list[str], results: Results, say: Say) -> None:
    """Measure writes on a real engine: into empty tables each time, and counted in the engine afterwards."""
    writers = [name for name in contenders if CONTENDERS[name].writes]
    rounds = min(results.rounds, _ENGINE_ROUNDS)
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name)) for name in writers}
        for name, worker in workers.items():
            results.versions[name] = worker.ask("prepare", endpoint=endpoint)["versions"]
        # The first round is not counted: it warms the engine up.
        for round_number in range(-1, rounds):
            for work in WRITES if round_number >= 0 else ["create_1000"]:
                for name in shuffled(writers, round_number):
                    took = _write(endpoint, workers[name], work)
                    if round_number >= 0:
                        add(results.engine_wall, work, name, took["wall"])
                        add(results.engine_cpu, work, name, took["cpu"])
            say(f"{results.engine}, " + (f"round {round_number + 1} of {rounds}" if round_number >= 0 else "warmed up"))


def _write(endpoint: str, worker: Worker, work: str) -> dict[str, float]:
    local.make_tables(endpoint)
    expected = WORKS[work].writes * WORKS[work].repeat
    if work == "put":
        local.put_parents(endpoint)
    before = local.count_items(endpoint)
    took = worker.ask("measure", work=work)
    written = local.count_items(endpoint) - before
    if written != expected:
        raise ContenderError(f"{worker.name} left {written} of {expected} items in {WORKS[work].label}")
    return took
