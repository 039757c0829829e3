"""A fault proxy that knows whether something is still under way in it."""

import threading
from collections.abc import Mapping

from support.fault_proxy import FaultProxy
from support.wire import Answer, Dropped


class WatchedProxy(FaultProxy):
    """A fault proxy whose last request can be waited for: the client may have given up on it long before."""

    def __init__(self, engine: str) -> None:
        self._under_way = 0
        self._changed = threading.Condition()
        super().__init__(engine)

    def wait_until_idle(self) -> None:
        """Wait until the engine has done, or will never do, all that has arrived."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._under_way == 0, timeout=60), "a request is stuck in the proxy"

    def _answer(self, headers: Mapping[str, str], body: bytes) -> Answer | Dropped:
        with self._changed:
            self._under_way += 1
        try:
            return super()._answer(headers, body)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()
