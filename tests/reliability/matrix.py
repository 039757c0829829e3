"""One operation under one fault: what it may do, and whether it did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dynamodb import _connection, configure
from reliability.answers import Outcome, comparable, in_time
from reliability.checks import contents, problems, shape
from reliability.judging import Reference, judge_again, judge_first
from reliability.operations import Operation
from reliability.store import Store
from reliability.watched_proxy import WatchedProxy
from reliability.world import Rows
from support.faults import Fault, faults_for

#: What a call gets under faults: short, so that every limit is reached in a test's time.
TIMES = {"connect_timeout": 0.3, "read_timeout": 0.5, "time_limit": 2.0, "max_attempts": 3}
#: What it gets without: a busy machine is no fault.
PATIENT = {"connect_timeout": 10.0, "read_timeout": 30.0, "time_limit": 60.0, "max_attempts": 1}
#: Seconds of a slow answer: longer than the client waits.
SLOW = 0.7

#: A fault that stays: the service is down from there on.
STAYS, ONCE = "stays", "once"
#: These are about one operation's own mechanism and stay for that operation only.
_OF_ONE_OPERATION = ("unprocessed", "transaction")


@dataclass(frozen=True)
class Case:
    """A fault at one request of an operation.

    Attributes:
        operation: what is called.
        place: which of its requests is hit, from 0.
        request: the operation of the DynamoDB API that this is.
        number: which of its kind.
        fault: what happens to it.
        lasting: `ONCE`, or `STAYS`.
    """

    operation: Operation
    place: int
    request: str
    number: int
    fault: Fault
    lasting: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.fault}, {self.lasting}, at {self.request} {self.number} (request {self.place})"


@dataclass(frozen=True)
class Verdict:
    """What a case showed.

    Attributes:
        ended: `success`, or the code of the error.
        seconds: how long the call took.
        violations: what should not have been.
    """

    ended: str
    seconds: float
    violations: list[str]


class Bench:
    """An engine behind the proxy, with the data layer pointed at it."""

    def __init__(self, store: Store, proxy: WatchedProxy) -> None:
        self.store = store
        self.proxy = proxy

    def reference(self, operation: Operation) -> Reference:
        """Run an operation twice with nothing in its way."""
        self.put_only(operation.seed())
        rows = self.store.scan()
        found = Reference(shape(rows), contents(rows))
        self.proxy.reset()
        for number in range(2):
            outcome = self._run(operation, PATIENT)
            assert outcome.surprise is None, f"{operation}: {outcome.surprise!r}"
            rows = self.store.scan()
            if number == 0:
                assert outcome.error is None, f"{operation}: {outcome.error} without any fault"
                assert problems(rows, finished=True) == []
                found.requests = [request.operation for request in self.proxy.requests]
                found.contents_after = contents(rows)
            found.ends.append((comparable(outcome, rows), shape(rows)))
        return found

    def judge(self, case: Case, reference: Reference) -> Verdict:
        """Run a case, look at what it left, run the operation again, and look again."""
        self.put_only(case.operation.seed())
        outcome = self._run_under_fault(case)
        rows = self.store.scan()
        found = judge_first(case.operation, reference, outcome, rows)
        if outcome.error or outcome.surprise:
            again = self._run(case.operation, PATIENT)
            rows = self.store.scan()
            found += [f"called again: {problem}" for problem in judge_again(case.operation, reference, again, rows)]
        ended = outcome.error or ("surprise" if outcome.surprise else "success")
        return Verdict(ended, outcome.seconds, [f"{case}: {problem}" for problem in found])

    def put_only(self, wanted: Rows) -> None:
        """Put these rows there, and no others."""
        if _sorted(row.item for row in self.store.scan()) != _sorted(item for _, item in wanted):
            self.store.clear()
            self.store.put(wanted)

    def _run_under_fault(self, case: Case) -> Outcome:
        self.proxy.reset()
        if case.lasting == ONCE:
            self.proxy.inject(case.fault, at=case.number, operation=case.request)
        elif case.fault.name.startswith(_OF_ONE_OPERATION):
            self.proxy.inject(case.fault, at=case.number, operation=case.request, times=None)
        else:
            self.proxy.inject(case.fault, at=case.place, times=None)
        try:
            return self._run(case.operation, TIMES)
        finally:
            # What is still under way in the proxy is applied before anybody looks.
            self.proxy.wait_until_idle()
            self.proxy.reset()

    def connect(self, times: Mapping[str, Any] = PATIENT) -> None:
        """Point the data layer at the proxy with a new client, as in a process that has just begun."""
        configure(endpoint=self.proxy.endpoint, table_prefix=self.store.prefix, **times)
        # botocore's allowance of retries belongs to the client.
        _connection.forget_client()

    def _run(self, operation: Operation, times: Mapping[str, Any]) -> Outcome:
        self.connect(times)
        return in_time(operation.run)


def _sorted(items: Any) -> list[str]:
    return sorted(repr(sorted(item.items())) for item in items)


def cases(operation: Operation, reference: Reference) -> Iterator[Case]:
    """Every fault that can meet the operation, at every request of it, once and for good."""
    for place, request in enumerate(reference.requests):
        number = reference.requests[:place].count(request)
        for fault in faults_for(request, seconds=SLOW):
            for lasting in (ONCE, STAYS):
                yield Case(operation, place, request, number, fault, lasting)
