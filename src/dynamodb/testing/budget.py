"""A limit on what a block of code may cost, for tests: what the fixture `capacity_budget` gives."""

from collections.abc import Iterator
from contextlib import contextmanager

from dynamodb._capacity import Capacity, capacity

__all__ = ["BudgetExceededError", "capacity_budget"]


class BudgetExceededError(AssertionError):
    """A block cost more than its budget. The message says of what and where it went."""


@contextmanager
def capacity_budget(
    *, read: float | None = None, write: float | None = None, requests: int | None = None
) -> Iterator[Capacity]:
    """Fail where the block costs more than it may.

    Everything counts that goes through this layer's client, or PynamoDB's models, inside the block.

    Args:
        read: read capacity units, at most.
        write: write capacity units, at most, those of the indexes included.
        requests: calls of the DynamoDB API, at most; one that botocore repeats counts once.

    Yields:
        The figures so far, as `dynamodb.capacity()` gives them.

    Raises:
        ValueError: if no limit is given.
        BudgetExceededError: if the block costs more. An error of the block itself comes before it.
    """
    limits = {"requests": requests, "read units": read, "write units": write}
    if all(limit is None for limit in limits.values()):
        raise ValueError("capacity_budget: give at least one of read, write and requests")
    with capacity() as used:
        yield used
    spent = {"requests": used.requests, "read units": used.read_units, "write units": used.write_units}
    over = [
        f"{spent[what]:g} {what}, the budget is {limit:g}"
        for what, limit in limits.items()
        if limit is not None and spent[what] > limit
    ]
    if over:
        raise BudgetExceededError(f"{'; '.join(over)}\n\n{used.table()}")
