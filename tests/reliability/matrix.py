"""One operation under one fault: what it may do, and whether it did."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from reliability.bench import Bench
from reliability.checks import Shape, shape
from reliability.judging import Reference, judge_again, judge_first
from reliability.operations import Operation
from support.faults import Fault, faults_for

#: Seconds of a slow answer: longer than the client waits.
SLOW = 0.3

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
        seconds: how long the call took, pauses included.
        violations: what should not have been.
        repaired: whether the doctor was let at what it left.
    """

    ended: str
    seconds: float
    violations: list[str]
    repaired: bool = False


@dataclass
class Judge:
    """Tries cases of one operation.

    Attributes:
        bench: where.
        reference: what the operation does undisturbed.
        repaired: interrupted states that the doctor has had already.
    """

    bench: Bench
    reference: Reference
    repaired: list[Shape] = field(default_factory=list)

    def judge(self, case: Case) -> Verdict:
        """Run a case, look at what it left, let the doctor mend it, run the operation again, and look again."""
        operation = case.operation
        self.bench.put_only(operation.seed())
        call = operation.bind()
        outcome = self.bench.run_under(case.fault, call, **_where(case))
        rows = self.bench.look()
        found = judge_first(operation, self.reference, outcome, rows)
        repaired = False
        if (outcome.error or outcome.surprise) and (operation.given or rows != self.reference.rows_before):
            # While both layouts are written the doctor repairs neither.
            if repaired := self._is_new_and_interrupted(shape(rows)) and not self.bench.store.dual_write:
                found += self.bench.repair()
                self.bench.restore(rows)
            again = self.bench.run(call)
            found += [f"again: {one}" for one in judge_again(operation, self.reference, again, self.bench.look())]
        ended = outcome.error or ("surprise" if outcome.surprise else "success")
        return Verdict(ended, outcome.seconds, [f"{case}: {problem}" for problem in found], repaired)

    def _is_new_and_interrupted(self, left: Shape) -> bool:
        if left in (self.reference.before, self.reference.ends[0][1], *self.repaired):
            return False
        self.repaired.append(left)
        return True


def _where(case: Case) -> dict[str, object]:
    if case.lasting == ONCE:
        return {"at": case.number, "operation": case.request}
    if case.fault.name.startswith(_OF_ONE_OPERATION):
        return {"at": case.number, "operation": case.request, "times": None}
    return {"at": case.place, "times": None}


def cases(operation: Operation, reference: Reference) -> Iterator[Case]:
    """Every fault that can meet the operation, at every request of it, once and for good."""
    for place, request in enumerate(reference.requests):
        number = reference.requests[:place].count(request)
        for fault in faults_for(request, seconds=SLOW):
            for lasting in (ONCE, STAYS):
                yield Case(operation, place, request, number, fault, lasting)
