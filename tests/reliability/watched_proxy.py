"""A fault proxy that can be waited for until nothing is under way in it."""

import time
from collections.abc import Iterable

from reliability.engines import call
from support.fault_proxy import FaultProxy
from support.wire import JSON

#: Longer than the longest answer.
_SECONDS = 60


class WatchedProxy(FaultProxy):
    """A fault proxy whose last request can be waited for."""

    def wait_until_left(self) -> None:
        """Wait until all clients have closed their connections, and the engine has done all that they sent.

        What a client has given up on may still lie unread in a socket: only the end of its connection says that no
        more will come of it.
        """
        end = time.monotonic() + _SECONDS
        while not self._server.is_deserted():
            assert time.monotonic() < end, "a client is still connected to the proxy, or a request is stuck in it"
            time.sleep(0.001)

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
