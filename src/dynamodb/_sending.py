"""Sending a request: once, again while it may succeed, or many at the same time."""

import contextvars
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import NoCredentialsError

from dynamodb import _capacity, _connection, _wire
from dynamodb._config import connection_settings
from dynamodb._decoding import Decoder, damaged
from dynamodb._translation import translated
from dynamodb.errors import AccessDeniedError, ConnectionFailedError, InvalidInputError, ThrottledError

T = TypeVar("T")
E = TypeVar("E", bound=Exception)

#: Of the process; fewer than the client keeps connections.
MAX_THREADS = 16

_METHODS: dict[str, str] = {
    "BatchGetItem": "batch_get_item",
    "BatchWriteItem": "batch_write_item",
    "CreateTable": "create_table",
    "DeleteItem": "delete_item",
    "DeleteTable": "delete_table",
    "DescribeContinuousBackups": "describe_continuous_backups",
    "DescribeTable": "describe_table",
    "GetItem": "get_item",
    "ListTables": "list_tables",
    "PutItem": "put_item",
    "Query": "query",
    "Scan": "scan",
    "TransactGetItems": "transact_get_items",
    "TransactWriteItems": "transact_write_items",
    "UpdateItem": "update_item",
}

#: They change nothing: sent again, they answer the same.
_READS = frozenset({"BatchGetItem", "DescribeTable", "GetItem", "ListTables", "Query", "Scan", "TransactGetItems"})

#: What may pass by itself.
PASSING = (ConnectionFailedError, ThrottledError)

#: What an answer always has: without it something else than DynamoDB has answered.
_ALWAYS: dict[str, tuple[str, type]] = {
    "DescribeTable": ("Table", dict),
    "ListTables": ("TableNames", list),
    "Query": ("Items", list),
    "Scan": ("Items", list),
}


# Seconds for which a read is sent again; `None`: as often as botocore does.
_patience: contextvars.ContextVar[float | None] = contextvars.ContextVar("patience", default=None)


@contextmanager
def patient(seconds: float) -> Iterator[None]:
    """Send reads again that are throttled or not answered, each for so many seconds: for what takes hours.

    Writes are not: whoever sends one knows what it means that it may have happened.
    """
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def persistently(call: Callable[[], T], seconds: float) -> T:
    """Call something that may be called again until it is neither throttled nor unanswered, with full jitter.

    Args:
        call: what is called.
        seconds: after which the error is raised.
    """
    backoff = Backoff(seconds)
    while True:
        try:
            return call()
        except PASSING:
            if not backoff.wait():
                raise


def most_doubtful(errors: Sequence[E]) -> E:
    """Return the error that tells least of what was written: of what is throttled it is known that it was not."""
    return next((error for error in errors if not isinstance(error, ThrottledError)), errors[0])


def send(operation: str, params: dict[str, Any], decoder: Decoder[Any] | None = None) -> dict[str, Any]:
    """Send one request and return its answer.

    Args:
        operation: its name in the DynamoDB API, for example `Query`.
        params: its parameters as the API takes them, values in DynamoDB's JSON.
        decoder: reads the items into a schema; without one they stay as they are.

    Returns:
        The answer as the API gives it, items decoded.

    Raises:
        DataLayerError: as `dynamodb.errors` says, `ConditionFailedError` and `TransactionCanceledError` included.
    """
    seconds = _patience.get()
    if seconds is None or operation not in _READS:
        return _send(operation, params, decoder)
    return persistently(partial(_send, operation, params, decoder), seconds)


def _send(operation: str, params: dict[str, Any], decoder: Decoder[Any] | None) -> dict[str, Any]:
    table = ", ".join(_capacity.tables_of(params)) or None
    try:
        with translated(table=table), _wire.decoding(decoder.from_bytes if decoder else None):
            answer: dict[str, Any] = getattr(_connection.client(), _METHODS[operation])(**params)
    except AccessDeniedError as error:
        if isinstance(error.__cause__, NoCredentialsError):
            _connection.forget_client()  # botocore keeps having none, also when there are some later
        raise
    except (TypeError, ValueError) as error:
        # orjson refuses a lone surrogate, botocore a malformed endpoint.
        if isinstance(error, InvalidInputError):
            raise
        raise InvalidInputError(f"{table or 'DynamoDB'}: {error}", table=table) from error
    if (body := answer.get(_wire.UNDECODABLE)) is not None:
        raise decoder.explain(body) if decoder else damaged()
    if decoder and not answer.get(_wire.DECODED):
        _connection.warn_slow("the client takes no response parser")
        answer = decoder.from_parsed(answer)
    if not _is_whole(operation, params, answer):
        raise damaged()
    return answer


def _is_whole(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> bool:
    if params.get("ReturnValues") == "ALL_NEW":
        return bool(answer.get("Attributes"))
    if operation not in _ALWAYS or params.get("Select") == "COUNT":
        return True
    name, kind = _ALWAYS[operation]
    return isinstance(answer.get(name), kind)


class Backoff:
    """Full jitter under a time limit (AWS Architecture Blog, "Exponential Backoff and Jitter")."""

    BASE, CAP = 0.05, 2.0

    def __init__(self, time_limit: float | None = None) -> None:
        """Start the clock.

        Args:
            time_limit: seconds from now; default: the configured `time_limit`.
        """
        limit = connection_settings().time_limit if time_limit is None else time_limit
        self._end = time.monotonic() + limit
        self._tries = 0

    def wait(self) -> bool:
        """Sleep a random while. Returns `False`, at once, where that would pass the time limit."""
        pause = random.uniform(0, min(self.CAP, self.BASE * 2**self._tries))  # noqa: S311 - jitter is no secret
        if time.monotonic() + pause >= self._end:
            self._end = 0.0  # a shorter pause could still fit in, but the answer stays
            return False
        self._tries += 1
        given_up = _given_up.get()
        if given_up is None:
            time.sleep(pause)
            return True
        return not given_up.wait(pause)


def send_until_done(
    operation: str, params: dict[str, Any], left_over: str, decoder: Decoder[Any] | None = None
) -> list[Any]:
    """Send a batch, and what of it comes back unprocessed again and again, under the configured time limit.

    Args:
        operation: `BatchGetItem` or `BatchWriteItem`.
        params: its parameters.
        left_over: where the answer says what was not processed: `UnprocessedKeys` or `UnprocessedItems`.
        decoder: reads the items into a schema.

    Returns:
        All answers.

    Raises:
        LeftOverError: if something is still unprocessed in the end; it carries what, and the answers so far.
    """
    backoff = Backoff(_patience.get() if operation in _READS else None)
    answers: list[Any] = []
    while True:
        try:
            answer = send(operation, params, decoder)
        except ThrottledError as error:
            if not backoff.wait():
                raise LeftOverError(params["RequestItems"], answers) from error
            continue
        answers.append(answer)
        rest = answer.get(left_over)
        if not rest:
            return answers
        params = {**params, "RequestItems": rest}
        if not backoff.wait():
            raise LeftOverError(rest, answers)


class LeftOverError(ThrottledError):
    """The time limit passed with something unprocessed.

    Attributes:
        rest: the `RequestItems` that are left.
        answers: what was answered before.
    """

    def __init__(self, rest: dict[str, Any], answers: list[Any]) -> None:
        super().__init__("DynamoDB left a part of a batch unprocessed until the time limit; try again later")
        self.rest = rest
        self.answers = answers


class _Pool:
    executor: ThreadPoolExecutor | None = None


def _forget_threads() -> None:
    _Pool.executor = None


os.register_at_fork(after_in_child=_forget_threads)

# Set in the pool's threads: a call there that wants others run at once would wait for the thread it sits on. The event
# says that nobody waits for it any more.
_given_up: contextvars.ContextVar[threading.Event | None] = contextvars.ContextVar("given_up", default=None)


def at_once(calls: Iterable[Callable[[], T]]) -> list[T]:
    """Run calls at the same time, at most 17 in the process, and return their results in their order.

    The caller's own thread runs the first one. Each other call runs in a copy of the caller's context, so that
    `capacity()` counts it; inside such a call `at_once` runs one after the other.

    Raises:
        Exception: the first error in the order of the calls, after all calls that had begun have ended.
    """
    waiting = list(calls)
    if len(waiting) < 2 or _given_up.get() is not None:  # noqa: PLR2004 - nothing to share out
        return [call() for call in waiting]
    if _Pool.executor is None:
        _Pool.executor = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="dynamodb")
    given_up = threading.Event()
    run = [partial(contextvars.copy_context().run, _run_in_pool, given_up, call) for call in waiting[1:]]
    futures = [_Pool.executor.submit(call) for call in run]
    try:
        first = waiting[0]()
        wait(futures)
    except BaseException:  # Ctrl-C while waiting, too: what has not begun must not be done after all
        given_up.set()
        for future in futures:
            future.cancel()
        wait(futures)
        raise
    return [first, *(future.result() for future in futures)]


def _run_in_pool(given_up: threading.Event, call: Callable[[], T]) -> T:
    _given_up.set(given_up)
    return call()
