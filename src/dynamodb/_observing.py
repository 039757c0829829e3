"""Telling a callback about each request, for logs, metrics and traces. Where there is no callback, nothing is added."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from dynamodb import _connection
from dynamodb._capacity import tables_of

log = logging.getLogger("dynamodb")


@dataclass(frozen=True, slots=True)
class Request:
    """One request that has ended. It holds nothing of an item, so all of it may be logged.

    Attributes:
        operation: its name in the DynamoDB API, for example `Query`.
        tables: the names of the tables it was for.
        started_ns: when it was begun, in nanoseconds since 1970 UTC, as `time.time_ns()` gives them.
        seconds: how long it took: building, sending, waiting, repeating, decoding.
        retries: how often botocore repeated it.
        request_id: DynamoDB's own id of it, which AWS support asks for; empty where there was no answer.
        error: `None` where it succeeded; DynamoDB's code, or botocore's exception's name where there was no answer.
    """

    operation: str
    tables: tuple[str, ...]
    started_ns: int
    seconds: float
    retries: int
    request_id: str
    error: str | None


Callback = Callable[[Request], None]

_callbacks: tuple[Callback, ...] = ()
_lock = threading.Lock()


def on_request(callback: Callback) -> Callable[[], None]:
    """Call a function after each request of this process's client, whether it succeeded or not.

    It runs in the thread and the context (`contextvars`) of the request, before the caller has the answer: keep it
    short, and expect several at the same time. What it raises is logged and changes nothing for the request.

    Args:
        callback: takes the request, a `Request`.

    Returns:
        A function that ends this.

    Example:
        >>> from dynamodb import on_request, test_connection
        >>> seen = []
        >>> stop = on_request(lambda request: seen.append(request.operation))
        >>> answer = test_connection()
        >>> stop()
        >>> seen
        ['DescribeTable']
    """
    global _callbacks  # noqa: PLW0603 - the process has one client

    # A function of its own for each call, so that a callback given twice is told twice and ended once.
    def one(request: Request) -> None:
        callback(request)

    with _lock:
        if not _callbacks:
            _connection.equip(_register)
        _callbacks = (*_callbacks, one)
    return partial(_stop, one)


def _stop(one: Callback) -> None:
    global _callbacks  # noqa: PLW0603
    with _lock:
        rest = tuple(kept for kept in _callbacks if kept is not one)
        if _callbacks and not rest:
            _connection.unequip(_register, _unregister)
        _callbacks = rest


def _register(client: Any) -> None:
    _each_event(client.meta.events.register)


def _unregister(client: Any) -> None:
    _each_event(client.meta.events.unregister)


def _each_event(do: Callable[..., None]) -> None:
    do("provide-client-params.dynamodb.*", _begin)
    do("after-call.dynamodb.*", _end)
    do("after-call-error.dynamodb.*", _end_without_answer)


def _begin(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["observed"] = (time.time_ns(), time.perf_counter(), tuple(tables_of(params)))


def _end(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    answer = parsed.get("ResponseMetadata", {})
    error = parsed.get("Error", {}).get("Code") if "Error" in parsed else None
    _tell(model.name, context, answer.get("RetryAttempts", 0), answer.get("RequestId", ""), error)


def _end_without_answer(event_name: str, exception: Exception, context: dict[str, Any], **_: Any) -> None:
    attempts: int = context.get("retries", {}).get("attempt", 1)
    _tell(event_name.rsplit(".", 1)[-1], context, attempts - 1, "", type(exception).__name__)


def _tell(operation: str, context: dict[str, Any], retries: int, request_id: str, error: str | None) -> None:
    if "observed" not in context:
        return  # begun before the first callback was there
    started_ns, started, tables = context["observed"]
    request = Request(operation, tables, started_ns, time.perf_counter() - started, retries, request_id, error)
    for callback in _callbacks:
        try:
            callback(request)
        except Exception:  # the request has happened: a broken logger must not make it look failed
            log.exception("a callback given to on_request failed")


__all__ = ["Request", "on_request"]
