"""Requests of the data layer counted and interrupted, between its client and the network.

    with watched() as seen:
        repository.delete(...)
    for place in range(len(seen.requests)):
        with watched(lose(place, applied=True)) as seen, pytest.raises(ConnectionFailedError):
            repository.delete(...)

Where several requests are under way at once, which of them is the n-th differs from run to run.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ConnectionClosedError

from dynamodb import _connection

#: What to do with the request of this number and operation: `None` lets it pass.
Decide = Callable[[int, str], str | None]

READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan"})

LOST, UNANSWERED = "lost", "unanswered"


@dataclass
class Watch:
    """What was seen: the operations in the order they were sent, lost ones included."""

    decide: Decide
    client: Any
    requests: list[str] = field(default_factory=list)
    before: Callable[[int, str], None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Any, event_name: str, **_: Any) -> None:
        operation = event_name.rsplit(".", 1)[-1]
        with self.lock:
            number = len(self.requests)
            self.requests.append(operation)
            what = self.decide(number, operation)
        if self.before:
            self.before(number, operation)
        if what == UNANSWERED:
            self.client._endpoint.http_session.send(request)
        if what:
            raise ConnectionClosedError(endpoint_url=request.url)


def lose(place: int, *, applied: bool) -> Decide:
    """One request is lost: before it is applied, or its answer."""
    return lambda number, _: (UNANSWERED if applied else LOST) if number == place else None


def lose_first(operation: str, *, applied: bool) -> Decide:
    """The first request of an operation is lost: before it is applied, or its answer."""
    left = [UNANSWERED if applied else LOST]
    return lambda _, sent: left.pop() if sent == operation and left else None


def crash(place: int, *, applied: bool) -> Decide:
    """The process ends at a request, before it is applied or just after: nothing later is sent either."""

    def decide(number: int, _: str) -> str | None:
        if number == place and applied:
            return UNANSWERED
        return LOST if number >= place else None

    return decide


def crash_at_write(place: int, *, applied: bool) -> Decide:
    """The same, counting only requests that write."""
    writes = itertools.count()
    ended: list[bool] = []

    def decide(_: int, operation: str) -> str | None:
        if not ended and operation not in READS and next(writes) == place:
            ended.append(True)
            return UNANSWERED if applied else LOST
        return LOST if ended else None

    return decide


def let_pass(number: int, operation: str) -> None:
    """Nothing happens to any request."""


@contextmanager
def watched(decide: Decide = let_pass, *, before: Callable[[int, str], None] | None = None) -> Iterator[Watch]:
    """Watch all requests of the data layer's client.

    Args:
        decide: what happens to each.
        before: called before each request is sent, with its number and operation.
    """
    client = _connection.client()
    watch = Watch(decide, client, before=before)
    client.meta.events.register("before-send.dynamodb.*", watch)
    try:
        yield watch
    finally:
        client.meta.events.unregister("before-send.dynamodb.*", watch)
