"""The goals, each a comparison of figures of one run."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bench.dataset import BATCH
from bench.results import Ratio, Results, Samples, ratio
from bench.works import WORKS

#: What "within 15 %" leaves of a ratio for the tree of 10,000 nodes.
_TREE = 0.85
#: Requests of a creation that are not batches of nodes: its checks, its marks, its root.
_CONSTANT = 10

_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "at least": operator.ge,
    "at most": operator.le,
    "more than": operator.gt,
    "less than": operator.lt,
    "told": lambda _measured, _limit: True,
}


@dataclass(frozen=True)
class Goal:
    """A goal and what became of it.

    Attributes:
        work: what is done.
        text: what is compared.
        relation: a key of the relations above; "told" has no limit.
        limit: the figure to reach.
        measured: the figure of this run, None where something was not measured.
        rounds: what the rounds say, where there are rounds; its median is `measured`.
    """

    work: str
    text: str
    relation: str
    limit: float
    measured: float | None
    rounds: Ratio | None = None

    @property
    def reached(self) -> bool | None:
        """Whether it is reached; None where it was not measured."""
        return None if self.measured is None else _HOLDS[self.relation](self.measured, self.limit)

    def as_dict(self) -> dict[str, Any]:
        """Return everything for the JSON file."""
        return asdict(self) | {"reached": self.reached}


def evaluate(results: Results) -> list[Goal]:
    """Compare a run with every goal."""
    return [
        *_read_goals(results.cpu, "page", 1),
        *_read_goals(results.cpu, "tree_10000", _TREE),
        *_one_item(results.cpu),
        *_cold_goals(results.cold),
        *_create_goals(results),
        _compare(
            results.memory, "tree_50000", ("ours", "boto3_resource"), "peak memory ÷ boto3 resource's", ("less than", 1)
        ),
    ]


def _compare(
    samples: Samples, work: str, pair: tuple[str, str], text: str, wanted: tuple[str, float], *, label: str = ""
) -> Goal:
    found = ratio(samples, work, *pair)
    label = label or WORKS[work].label
    if found is None:
        return Goal(label, text, *wanted, None)
    return Goal(label, text, *wanted, found.median, found)


def _read_goals(cpu: Samples, work: str, share: float) -> Iterator[Goal]:
    for peer, text, limit in (
        ("pydynox", "CPU of pydynox models", 4.5),
        ("boto3_resource", "CPU of boto3 resource", 6),
        ("pynamodb_pydantic", "CPU of PynamoDB → Pydantic", 8),
    ):
        yield _compare(cpu, work, (peer, "ours"), f"{text} ÷ ours", ("at least", limit * share))
    yield _compare(cpu, work, ("ours", "floor"), "our CPU ÷ the floor's", ("at most", 2.5 / share))


def _one_item(cpu: Samples) -> Iterator[Goal]:
    for peer, text in (("boto3_resource", "boto3 resource's"), ("pynamodb", "PynamoDB's")):
        yield _compare(cpu, "get", ("ours", peer), f"our CPU ÷ {text}", ("less than", 1))
    yield _compare(cpu, "get", ("ours", "pydynox"), "our CPU ÷ pydynox's", ("told", 0))


def _cold_goals(cold: Samples) -> Iterator[Goal]:
    for peer, text, wanted in (
        ("botocore_query", "bare botocore's first query", ("at most", 1.15)),
        ("boto3_query", "boto3's client", ("less than", 1.0)),
        ("pynamodb_six", "PynamoDB with six models", ("less than", 0.5)),
    ):
        pair = ("ours_tree", peer)
        yield _compare(cold, "cold start", pair, f"our CPU ÷ {text}", wanted, label="first tree of a process")


def _create_goals(results: Results) -> Iterator[Goal]:
    work = "create_10000"
    extra = None
    if asked := results.requests.get(work, {}).get("ours"):
        extra = asked - -(-WORKS[work].writes // BATCH)
    yield Goal(WORKS[work].label, "requests beyond ceil(n/25)", "at most", _CONSTANT, extra)
    pair = ("ours", "boto3_resource")
    yield _compare(results.cpu, work, pair, "our CPU ÷ boto3 batch_writer's", ("less than", 1))
    # Throughput is the inverse of time.
    text = "throughput ÷ boto3 batch_writer's, on the engine"
    yield _compare(results.engine_wall, work, pair[::-1], text, ("at least", 2))
