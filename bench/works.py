"""What is measured, and how often a piece of work is repeated within one measurement so that the clock can see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench import dataset

if TYPE_CHECKING:
    from bench.contenders.base import Contender


@dataclass(frozen=True)
class Work:
    """One kind of work.

    Attributes:
        label: what the tables call it.
        repeat: how often it is done in one measurement.
        make: returns the function that does it once, from the contender; what it needs is made before the clock runs.
        writes: items that it writes, 0 for a read.
    """

    label: str
    repeat: int
    make: "Callable[[Contender], Callable[[], Any]]"
    writes: int = 0


def _creation(size: int) -> "Callable[[Contender], Callable[[], Any]]":
    def make(contender: "Contender") -> Callable[[], Any]:
        tree = dataset.tree_to_create(size)
        return lambda: contender.create(tree)

    return make


def _tree(size: int) -> "Callable[[Contender], Callable[[], Any]]":
    return lambda contender: lambda: contender.tree(dataset.tree_id(size))


READS: dict[str, Work] = {
    "get": Work("get 1 item", 200, lambda contender: contender.get_one),
    "hundred": Work("query 100", 40, lambda contender: lambda: contender.by_project(dataset.HUNDRED_ID)),
    "page": Work("1 MB page (2000)", 5, lambda contender: lambda: contender.by_project(dataset.PAGE_ID)),
    "tree_10000": Work("tree of 10,000", 1, _tree(10_000)),
    "tree_50000": Work("tree of 50,000", 1, _tree(50_000)),
}
WRITES: dict[str, Work] = {
    "put": Work("put 1 item", 200, lambda contender: contender.put_one, writes=1),
    "create_1000": Work("create 1,000", 1, _creation(1_000), writes=1_000),
    "create_10000": Work("create 10,000", 1, _creation(10_000), writes=10_000),
}
WORKS = READS | WRITES
