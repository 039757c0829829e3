"""Faults on order: the next requests are throttled, time out, conflict or break; what `dynamodb_faults` gives.

They are brought in where botocore sends a request, below its retries: a request is a try, and what is repeated is a
new one. They work with moto and with any endpoint. Nobody waits: while faults are on order the pauses between tries
pass on a clock of their own.
"""

import contextlib
import io
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import botocore.endpoint
import orjson
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from urllib3 import HTTPResponse

from dynamodb import _connection, _sending
from dynamodb._capacity import tables_of
from dynamodb._config import TABLE_NAMES

__all__ = ["Fault", "Faults", "UnusedFaultError", "injected_faults"]

_TRANSACTIONS = frozenset({"TransactGetItems", "TransactWriteItems"})
# Only these can meet a transaction that is under way on the same item.
_CAN_CONFLICT = frozenset({"DeleteItem", "PutItem", "UpdateItem"}) | _TRANSACTIONS


class UnusedFaultError(AssertionError):
    """A fault was ordered and did not happen: the test has not shown what it was written for."""


@dataclass
class Fault:
    """A fault on order.

    Attributes:
        what: what happens, in a word.
        times: how often, at most; `None`: until the test ends.
        operation: only in requests of this one, for example `Query`; `None`: in any.
        table: only in requests for this one, by its key in `TABLE_NAMES` or its name; `None`: for any.
        applied: whether the request is carried out and only its answer lost.
        happened: how often it has happened.
    """

    what: str
    times: int | None
    operation: str | None
    table: str | None
    applied: bool = False
    happened: int = field(default=0, init=False)

    def __str__(self) -> str:
        where = " ".join(part for part in (self.operation, self.table) if part) or "any request"
        return f"{self.what} in {where}: {self.happened} of {'any number' if self.times is None else self.times}"

    def _takes(self, operation: str, tables: list[str]) -> bool:
        return (
            (self.times is None or self.happened < self.times)
            and self.operation in {None, operation}
            and (self.table is None or TABLE_NAMES.get(self.table, self.table) in tables)
            and (self.what != "conflict" or operation in _CAN_CONFLICT)
        )


class Faults:
    """Takes orders. A request meets the first one that is for it and not yet used up.

    Every method takes `times` (how many requests; `None`: all until the test ends), `operation` (only requests of this
    one, for example `Query`) and `table` (only requests for this one: its key in `TABLE_NAMES`, or its name), and
    returns the `Fault`, whose `happened` counts. botocore tries a request four times in all: one that is to fail needs
    as many.
    """

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._lock = threading.Lock()

    def throttle(self, times: int | None = 1, *, operation: str | None = None, table: str | None = None) -> Fault:
        """Have requests refused with a ThrottlingException; nothing of them is carried out."""
        return self._order(Fault("throttle", times, operation, table))

    def conflict(self, times: int | None = 1, *, operation: str | None = None, table: str | None = None) -> Fault:
        """Have writes and transactions refused for another transaction on the same item.

        A transaction is cancelled with the reason TransactionConflict, a single write gets a
        TransactionConflictException. Reads that are no transaction pass.
        """
        return self._order(Fault("conflict", times, operation, table))

    def server_error(self, times: int | None = 1, *, operation: str | None = None, table: str | None = None) -> Fault:
        """Have requests answered with an InternalServerError, status 500; nothing of them is carried out."""
        return self._order(Fault("server error", times, operation, table))

    def time_out(
        self,
        times: int | None = 1,
        *,
        operation: str | None = None,
        table: str | None = None,
        applied: bool = False,
    ) -> Fault:
        """Have the answer not come in time; with `applied` the request is carried out all the same."""
        return self._order(Fault("time-out", times, operation, table, applied))

    def break_connection(
        self,
        times: int | None = 1,
        *,
        operation: str | None = None,
        table: str | None = None,
        applied: bool = False,
    ) -> Fault:
        """Have the connection break; with `applied` after the request was carried out, before its answer."""
        return self._order(Fault("broken connection", times, operation, table, applied))

    def check(self) -> None:
        """Fail where a fault did not happen as often as it was ordered.

        Raises:
            UnusedFaultError: if so; it names them.
        """
        unused = [str(order) for order in self._orders if order.happened < (order.times or 0)]
        if unused:
            raise UnusedFaultError(f"faults that did not happen: {'; '.join(unused)}")

    def _order(self, fault: Fault) -> Fault:
        if fault.times is not None and fault.times < 1:
            raise ValueError(f"times: {fault.times} is not at least 1")
        if fault.what == "conflict" and fault.operation not in {None, *_CAN_CONFLICT}:
            raise ValueError(
                f"operation: a {fault.operation} meets no conflict, only {', '.join(sorted(_CAN_CONFLICT))}"
            )
        self._orders.append(fault)
        return fault

    def _register(self, client: Any) -> None:
        client.meta.events.register_first("before-send.dynamodb.*", self._meet)

    def _unregister(self, client: Any) -> None:
        client.meta.events.unregister("before-send.dynamodb.*", self._meet)

    def _meet(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        operation = event_name.rsplit(".", 1)[-1]
        body = orjson.loads(request.body)
        with self._lock:
            fault = next((one for one in self._orders if one._takes(operation, tables_of(body))), None)
            if fault is None:
                return None
            fault.happened += 1
        if fault.applied:
            _carry_out(request, event_name)
        if fault.what == "time-out":
            raise ReadTimeoutError(endpoint_url=request.url)
        if fault.what == "broken connection":
            raise ConnectionClosedError(endpoint_url=request.url)
        return _refusal(request, fault, operation, body)


def _carry_out(request: Any, event_name: str) -> None:
    moto = sys.modules.get("moto.core.models")
    if moto is None or moto.botocore_stubber(event_name, request) is None:
        _connection.client()._endpoint.http_session.send(request)


def _refusal(request: Any, fault: Fault, operation: str, body: dict[str, Any]) -> AWSResponse:
    status = 400
    answer: dict[str, Any] = {}
    if fault.what == "server error":
        status, code, message = 500, "InternalServerError", "The request processing has failed"
    elif fault.what == "throttle":
        code, message = "ThrottlingException", "Throughput exceeds the current capacity of your table or index."
    elif operation in _TRANSACTIONS:
        code = "TransactionCanceledException"
        reasons = ["TransactionConflict", *["None"] * (len(body["TransactItems"]) - 1)]
        message = (
            f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(reasons)}]"
        )
        answer["CancellationReasons"] = [{"Code": reason} for reason in reasons]
        answer["CancellationReasons"][0]["Message"] = "Transaction is ongoing for the item"
    else:
        code, message = "TransactionConflictException", "Transaction is ongoing for the item"
    answer |= {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message, "Message": message}
    url = request.url
    # botocore asks every handler, also after one has answered: moto must not take this request for its own.
    request.url = "https://refused.invalid/"
    headers = {"x-amzn-RequestId": "injected", "Content-Type": "application/x-amz-json-1.0"}
    raw = HTTPResponse(body=io.BytesIO(orjson.dumps(answer)), preload_content=False)
    return AWSResponse(url, status, headers, raw)


class _Clock:
    """Stands for the module `time`: sleeping takes no time, but each thread sees the time pass."""

    def __init__(self) -> None:
        self._slept = threading.local()

    def sleep(self, seconds: float) -> None:
        self._slept.seconds = getattr(self._slept, "seconds", 0.0) + seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def monotonic(self) -> float:
        return time.monotonic() + float(getattr(self._slept, "seconds", 0.0))


@contextlib.contextmanager
def injected_faults() -> Iterator[Faults]:
    """Take orders for faults in the requests of this layer's client, until the block ends.

    Yields:
        What takes them. Its `check()` says whether all have happened.
    """
    faults = Faults()
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as ends:
        clock = _Clock()
        patch.setattr(botocore.endpoint, "time", clock)
        patch.setattr(_sending, "time", clock)
        _connection.equip(faults._register)
        ends.callback(_connection.unequip, faults._register, faults._unregister)
        yield faults
