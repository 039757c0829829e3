"""A process that dies at one of its requests: nothing is sent after that, and nothing is tidied up."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dynamodb import _connection


class Killed(BaseException):
    """The end of the process."""


@contextmanager
def requests_seen() -> Iterator[list[str]]:
    """The operations that the data layer sends, in their order."""
    seen: list[str] = []
    with _hooked(lambda request, operation: seen.append(operation)):
        yield seen


@contextmanager
def killed_at(place: int, *, applied: bool) -> Iterator[None]:
    """Die at the request of this number, before the engine has it or when it has been done."""
    lock = threading.Lock()
    count = 0

    def hook(request: Any, operation: str) -> None:
        nonlocal count
        with lock:
            number, count = count, count + 1
        if number == place and applied:
            _connection.client()._endpoint.http_session.send(request)
        if number >= place:
            raise Killed

    with _hooked(hook):
        try:
            yield
        except Killed:
            return
    raise AssertionError(f"there were only {count} requests")


@contextmanager
def _hooked(hook: Callable[[Any, str], None]) -> Iterator[None]:
    def on_send(request: Any, event_name: str, **_: Any) -> None:
        hook(request, event_name.rsplit(".", 1)[-1])

    events = _connection.client().meta.events
    events.register("before-send.dynamodb.*", on_send)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb.*", on_send)
