"""A proxy on loopback between a client and the engine, which does to requests what a network and a service may do.

    with FaultProxy(engine_endpoint) as proxy:
        client = make_client(endpoint_url=proxy.endpoint)
        proxy.inject(drop_after(), at=1, operation="PutItem")
        client.put_item(...)                    # passes
        client.put_item(...)                    # applied, but the client hears nothing
        assert [r.operation for r in proxy.requests] == ["PutItem", "PutItem"]

What can be injected stands in `support.faults`; a fault is given to `inject` for one place in the sequence of
requests, or several to `play`, one for each request. Places are counted from 0, from the moment of the call, and only
over the requests of the operation, where one is named. `lag_indexes` makes every read of an index late until `reset`.

To try a fault at every request of something that sends several:

    run(); total = len(proxy.requests)
    for place in range(total):
        proxy.reset()
        proxy.inject(fault, at=place)
        run()

Every request is recorded when it arrives, those of SDK retries too. The proxy answers several connections at a time,
keeps them alive, and sends a right `x-amz-crc32` with every answer (moto sends none for some) unless a fault says
otherwise. It takes a request's body apart but not its signature: an engine that checks signatures refuses what comes
through it. A fault that itself fails, or an engine out of reach, gives the client a 502, and raises at the end of the
`with` block what went wrong.
"""

import http.client
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from support.faults import Fault
from support.http_server import Server
from support.index_lag import IndexLag, Send
from support.wire import JSON, Answer, Dropped, Request

__all__ = ["FaultProxy", "over_http"]

# Longer than any client under test waits.
_ENGINE_SECONDS = 120
_TARGET = "x-amz-target"
# These belong to one connection; the proxy makes its own.
_HOP_HEADERS = {"host", "connection", "content-length", "accept-encoding", "expect"}


class FaultProxy:
    """A running proxy.

    Args:
        engine: The engine's endpoint URL, or what answers in its place.

    Attributes:
        endpoint: The proxy's own endpoint URL.
    """

    def __init__(self, engine: str | Send) -> None:
        self._send = over_http(engine) if isinstance(engine, str) else engine
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._plans: list[_Plan] = []
        self._lag: IndexLag | None = None
        self._failures: list[Exception] = []
        self._closing = threading.Event()
        self._server = Server(self._answer, self._failures.append, self._closing)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fault proxy")
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.port}"

    @property
    def requests(self) -> list[Request]:
        """What has arrived since the last reset, in order."""
        with self._lock:
            return list(self._requests)

    def inject(self, fault: Fault, *, at: int = 0, operation: str | None = None, times: int | None = 1) -> None:
        """Let the fault meet the request at this place, and the `times - 1` after it (all after it: None)."""
        self._add(_Plan(_at(fault, at, times), operation))

    def play(self, faults: Iterable[Fault | None], *, operation: str | None = None) -> None:
        """Let each request meet the next of these (None: nothing), until there are no more."""
        self._add(_Plan(iter(faults), operation))

    def lag_indexes(self, writes: int, *, settle_after: int | None = None) -> None:
        """Let the indexes of all tables hide the last `writes` writes from now on; see `support.index_lag`."""
        self._end_lag()
        self._lag = IndexLag(self._send, writes, settle_after)

    def catch_up(self) -> None:
        """Bring lagging indexes up to date; they lag again with the next write."""
        if self._lag:
            self._lag.catch_up()

    def reset(self) -> None:
        """Forget the requests and the faults, and end the lag of the indexes."""
        self._end_lag()
        with self._lock:
            self._requests.clear()
            self._plans.clear()

    def close(self) -> None:
        """Cut all connections and stop; the faults still waiting end at once. Closing twice does no harm."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._server.stop()
        self._thread.join()
        self._end_lag()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self._failures and raised is None:
            raise ExceptionGroup("the fault proxy failed", self._failures)

    def _add(self, plan: "_Plan") -> None:
        with self._lock:
            self._plans.append(plan)

    def _end_lag(self) -> None:
        lag, self._lag = self._lag, None
        if lag:
            lag.close()

    def _answer(self, headers: Mapping[str, str], body: bytes) -> Answer | Dropped:
        """Answer a request that has arrived."""
        operation = headers.get(_TARGET, "").rpartition(".")[2]
        with self._lock:
            request = Request(len(self._requests), operation, json.loads(body or b"{}"), headers)
            self._requests.append(request)
            # Every plan counts the request, also when an earlier one has a fault for it.
            faults = [fault for plan in self._plans if (fault := plan.next_for(operation))]
        exchange = _Exchange(request, self._lag or self._send, self._closing)
        if faults:
            request.fault = faults[0].name
            answer = faults[0].strike(exchange)
        else:
            answer = exchange.forward()
        request.status = None if isinstance(answer, Dropped) else answer.status
        return answer


def over_http(engine: str) -> Send:
    """What sends requests to an engine at a URL; a new connection each time, so that nothing is ever sent twice."""
    address = urlsplit(engine)

    def send(operation: str, body: JSON, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_ENGINE_SECONDS)
        version = headers.get(_TARGET, "").rpartition(".")[0]
        passed = {name: value for name, value in headers.items() if name not in _HOP_HEADERS}
        try:
            connection.request("POST", "/", json.dumps(body), {**passed, _TARGET: f"{version}.{operation}"})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())
        finally:
            connection.close()

    return send


class _Plan:
    """Faults for the coming requests, of one operation or of all."""

    def __init__(self, faults: Iterator[Fault | None], operation: str | None) -> None:
        self._faults = faults
        self._operation = operation

    def next_for(self, operation: str) -> Fault | None:
        """The fault for this request, where there is one; counts it."""
        return next(self._faults, None) if self._operation in (None, operation) else None


def _at(fault: Fault, place: int, times: int | None) -> Iterator[Fault | None]:
    return chain(repeat(None, place), repeat(fault) if times is None else repeat(fault, times))


@dataclass
class _Exchange:
    request: Request
    send: Send
    closing: threading.Event

    def forward(self, body: JSON | None = None) -> Answer:
        request = self.request
        return self.send(request.operation, request.body if body is None else body, request.headers)

    def wait(self, seconds: float) -> None:
        self.closing.wait(seconds)
