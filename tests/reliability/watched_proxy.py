"""A fault proxy that knows whether something is still under way in it."""

import select
import threading
import time
from collections.abc import Iterable, Mapping

from reliability.engines import call
from support.fault_proxy import FaultProxy
from support.index_lag import Send
from support.wire import JSON, Answer, Dropped

#: How often in a row nothing may be under way.
_IDLE_TIMES = 2


class WatchedProxy(FaultProxy):
    """A fault proxy whose last request can be waited for: the client may have given up on it long before."""

    def __init__(self, engine: Send) -> None:
        self._under_way = 0
        self._changed = threading.Condition()
        super().__init__(engine)

    def wait_until_idle(self) -> None:
        """Wait until the engine has done, or will never do, all that was sent, also what no thread has read yet."""
        end = time.monotonic() + 60
        seen = 0
        # Between the reading of a request and the counting of it is a moment: what is idle must stay so.
        while seen < _IDLE_TIMES:
            assert time.monotonic() < end, "a request is stuck in the proxy"
            seen = seen + 1 if self._is_idle() else 0
            time.sleep(0.002)

    def _is_idle(self) -> bool:
        with self._server._lock:
            sockets = [self._server.socket, *self._server._open]
        try:
            unread, _, _ = select.select(sockets, [], [], 0)
        except (OSError, ValueError):  # one was closed just now
            return False
        return not unread and self._under_way == 0

    def call(self, operation: str, body: JSON) -> JSON:
        """Have the engine do something as if a client asked, unseen and with no fault."""
        return call(self._lag or self._send, operation, body)

    def follow(self, tables: Iterable[str]) -> None:
        """Let the indexes of these tables, with what they show now, begin to lag."""
        for table in tables:
            key = self.call("DescribeTable", {"TableName": table})["Table"]["KeySchema"]
            self.call(
                "DeleteItem", {"TableName": table, "Key": {part["AttributeName"]: {"S": "nobody"} for part in key}}
            )

    def _answer(self, headers: Mapping[str, str], body: bytes) -> Answer | Dropped:
        with self._changed:
            self._under_way += 1
        try:
            return super()._answer(headers, body)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()
