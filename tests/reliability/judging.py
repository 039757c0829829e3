"""Whether a call under a fault, and the same call after it, did what is promised."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dynamodb.errors import PartialWriteError
from reliability.answers import REPORTS_OF_FAULTS, Outcome, comparable, wrong_rows
from reliability.checks import Shape, contents, problems, shape, unmarked
from reliability.operations import Operation
from reliability.store import Row

#: Twice what its limits allow one request with its repetitions, and the operation's own; beyond it the call hangs.
LONGEST = 15.0


@dataclass
class Reference:
    """What an operation does when nothing disturbs it, once and then a second time.

    Attributes:
        rows_before: the rows it starts from.
        before: their shape.
        contents_before: and without their order.
        contents_after: what is there after the first time.
        ends: the answers of both times, and the rows after each.
        requests: what it sent the first time.
    """

    rows_before: Sequence[Row]
    before: Shape
    contents_before: Shape
    contents_after: Shape = field(default_factory=list)
    ends: list[tuple[Any, Shape]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def judge_first(operation: Operation, reference: Reference, outcome: Outcome, rows: Sequence[Row]) -> list[str]:
    """What is wrong after the call under a fault: it may succeed as ever, or end in a typed error.

    After an error the rows are those of before or of after; where an operation is not atomic, each row by itself is,
    or is marked, and what the error says was written was.
    """
    found = _hangs(outcome)
    if outcome.surprise:
        found.append(f"raised {outcome.surprise!r}, which is none of this layer's errors")
    if not (outcome.error or outcome.surprise):
        return found + _judge_success(operation, reference, outcome, rows)
    if outcome.error and outcome.error not in REPORTS_OF_FAULTS:
        found.append(f"a wrong answer: {outcome.error} ({outcome.raised or outcome.value})")
    found += problems(rows, finished=False) + ([] if operation.removes else wrong_rows(outcome.value, rows))
    if operation.atomic and shape(rows) not in (reference.before, reference.ends[0][1]):
        found.append(f"{outcome.error}, and the rows are neither those of before nor those of after")
    known = {*reference.contents_before, *reference.contents_after}
    found += [
        f"{outcome.error}, and a row is there that neither was nor should be: {content}"
        for content in contents(rows)
        if content not in known and unmarked(content) not in known
    ]
    return found + _false_claims(operation, outcome, rows)


def _judge_success(operation: Operation, reference: Reference, outcome: Outcome, rows: Sequence[Row]) -> list[str]:
    found: list[str] = []
    answer, after = reference.ends[0]
    if shape(rows) != after:
        found.append(
            f"success, but the rows differ from those of an undisturbed run: {_difference(shape(rows), after)}"
        )
    if comparable(outcome, rows) != answer:
        found.append(f"a wrong answer: {comparable(outcome, rows)!r} instead of {answer!r}")
    return found if operation.removes else found + wrong_rows(outcome.value, rows)


def judge_again(operation: Operation, reference: Reference, outcome: Outcome, rows: Sequence[Row]) -> list[str]:
    """What is wrong after the same call once more, undisturbed: it ends as one of two undisturbed calls."""
    found = _hangs(outcome) + problems(rows, finished=True)
    if outcome.surprise:
        return [*found, f"raised {outcome.surprise!r}, which is none of this layer's errors"]
    if not operation.resumes:
        return found
    ended = _rough(operation, comparable(outcome, rows), shape(rows))
    allowed = [_rough(operation, *end) for end in reference.ends]
    if ended not in allowed:
        told = f"answered {ended[0]!r}; rows: {_difference(ended[1], allowed[0][1])}"
        found.append(f"ended as neither an undisturbed first call nor a second one: {told}")
    if not outcome.error and not operation.removes:
        found += wrong_rows(outcome.value, rows)
    return found


def _rough(operation: Operation, answer: Any, rows: Shape) -> tuple[Any, Shape]:
    """An end without what an earlier, partly done call may change: counts of deleted rows, some rows' versions."""
    if operation.atomic:
        return answer, rows
    return _without(answer, {"counts", "version"}), [
        tuple(part for part in row if not (isinstance(part, tuple) and part[0] == "version")) for row in rows
    ]


def _without(answer: Any, names: set[str]) -> Any:
    if isinstance(answer, dict):
        return {name: _without(part, names) for name, part in answer.items() if name not in names}
    return [_without(part, names) for part in answer] if isinstance(answer, list) else answer


def _hangs(outcome: Outcome) -> list[str]:
    return [f"took {outcome.seconds:.1f} s"] if outcome.seconds > LONGEST else []


def _false_claims(operation: Operation, outcome: Outcome, rows: Sequence[Row]) -> list[str]:
    """Rows that a `PartialWriteError` says were written, or deleted, and that were not."""
    if not isinstance(outcome.raised, PartialWriteError):
        return []
    there = {(row.table, row.id) for row in rows}
    return [
        f"the error says {name} was done, it was not"
        for name in outcome.raised.written
        if (name in there) is operation.removes
    ]


def _difference(found: Shape, wanted: Shape) -> str:
    more = [row for row in found if row not in wanted]
    less = [row for row in wanted if row not in found]
    return f"too much {more[:3]}, too little {less[:3]}"
