"""An engine behind the fault proxy with the data layer pointed at it, and what one operation does there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from dynamodb import _connection, configure, doctor
from reliability.answers import Outcome, comparable, in_time
from reliability.checks import contents, problems, shape
from reliability.judging import Reference
from reliability.operations import Operation
from reliability.store import Row, Store
from reliability.watched_proxy import WatchedProxy
from reliability.world import Rows
from support.faults import Fault

#: What a call gets under faults: short, so that every limit is reached in a test's time.
TIMES = {"connect_timeout": 0.5, "read_timeout": 0.2, "time_limit": 2.0, "max_attempts": 3}
#: What it gets without: a busy machine is no fault.
PATIENT = {"connect_timeout": 10.0, "read_timeout": 30.0, "time_limit": 60.0, "max_attempts": 1}


class Bench:
    """An engine with tables of its own.

    Args:
        store: The tables.
        proxy: Stands before the same engine.
        folder: For what a repair takes out of them.
    """

    def __init__(self, store: Store, proxy: WatchedProxy, folder: Path) -> None:
        self.store = store
        self.proxy = proxy
        self._quarantine = folder / "quarantine.ndjson"
        self._clients: dict[float, Any] = {}
        self._there: Sequence[Row] | None = None

    @property
    def where(self) -> dict[str, Any]:
        """What `configure()` is told so that the data layer works here."""
        return {
            "endpoint": self.proxy.endpoint,
            "table_prefix": self.store.prefix,
            "layout": self.store.layout,
            "dual_write": self.store.dual_write,
        }

    def put_only(self, wanted: Rows) -> None:
        """Put these rows there, and no others."""
        self.store.put_only(self.store.as_stored(wanted), there=self._there)
        self._there = None

    def restore(self, rows: Sequence[Row]) -> None:
        """Put back what was found."""
        self.store.put_only([(row.table, row.item) for row in rows], there=self._there)
        self._there = None

    def look(self) -> list[Row]:
        """All rows; until the next call nobody else may write."""
        self._there = self.store.scan()
        return list(self._there)

    def reference(self, operation: Operation) -> Reference:
        """Run an operation twice with nothing in its way."""
        self.put_only(operation.seed())
        rows = self.look()
        found = Reference(rows, shape(rows), contents(rows))
        self.proxy.reset()
        call = operation.bind()
        for number in range(2):
            outcome = self.run(call)
            assert outcome.surprise is None, f"{operation}: {outcome.surprise!r}"
            rows = self.look()
            if number == 0:
                assert outcome.error is None, f"{operation}: {outcome.error} without any fault"
                assert problems(rows, finished=True) == []
                found.requests = [request.operation for request in self.proxy.requests]
                found.contents_after = contents(rows)
            found.ends.append((comparable(outcome, rows), shape(rows)))
        return found

    def run(self, call: Callable[[], Any], times: Mapping[str, Any] = PATIENT) -> Outcome:
        """Make a call."""
        self.connect(times)
        self._there = None
        return in_time(call)

    def run_under(self, fault: Fault, call: Callable[[], Any], **where: Any) -> Outcome:
        """Make a call while this fault waits for one of its requests; `where` as for the proxy's `inject`."""
        self.proxy.reset()
        self.proxy.inject(fault, **where)
        try:
            return self.run(call, TIMES)
        finally:
            # What is still under way in the proxy is applied before anybody looks.
            self.hang_up()
            self.proxy.reset()

    def hang_up(self) -> None:
        """Close the clients' connections, and wait until the engine has done what came over them."""
        for shared in {_connection._shared, *self._clients.values()}:
            if shared.client is not None:
                _close_connections(shared.client)
        self.proxy.wait_until_left()

    def connect(self, times: Mapping[str, Any] = PATIENT) -> None:
        """Point the data layer at the proxy, with one of two clients: making one takes longer than most calls."""
        configure(**self.where, **times)
        kept = self._clients.get(times["read_timeout"])
        if kept is None:
            _connection.forget_client()
            _connection.client()
            self._clients[times["read_timeout"]] = _connection._shared
        else:
            _connection._shared = kept

    def repair(self) -> list[str]:
        """Let the doctor mend everything.

        Returns:
            What is still wrong.
        """
        self.connect()
        self._there = None
        report = doctor.repair(quarantine=self._quarantine, grace=timedelta(0))
        left = [f"the doctor left {finding}" for finding in report.left]
        return left + [f"after the doctor: {problem}" for problem in problems(self.look(), finished=True)]

    def follow_indexes(self) -> None:
        """Let the lag of the indexes begin with what they show now."""
        self.proxy.follow(self.store.names)

    def hide(self, rows: Rows) -> None:
        """Put rows that no index shows until the proxy's reset; later writes are late, too."""
        self.proxy.lag_indexes(1_000_000)
        self.follow_indexes()
        self._there = None
        for row in self.store.as_stored(rows):
            name, item = self.store.raw(*row)
            self.proxy.call("PutItem", {"TableName": name, "Item": item})


def _close_connections(client: Any) -> None:
    session = client._endpoint.http_session
    # Dropping a pool, as the session does, closes its connections only when no error mentions it any more.
    kept = session._manager.pools.keys()
    for key in kept:
        session._manager.pools[key].close()
    session.close()
