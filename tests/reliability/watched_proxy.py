"""A fault proxy that knows whether something is still under way in it."""

import threading
from collections.abc import Iterable, Mapping

from reliability.engines import call
from support.fault_proxy import FaultProxy
from support.index_lag import Send
from support.wire import JSON, Answer, Dropped


class WatchedProxy(FaultProxy):
    """A fault proxy whose last request can be waited for: the client may have given up on it long before."""

    def __init__(self, engine: Send) -> None:
        self._under_way = 0
        self._changed = threading.Condition()
        super().__init__(engine)

    def wait_until_idle(self) -> None:
        """Wait until the engine has done, or will never do, all that has arrived."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._under_way == 0, timeout=60), "a request is stuck in the proxy"

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
