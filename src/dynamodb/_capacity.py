"""What requests cost: counted from what DynamoDB reports, for everything inside a `with capacity()` block.

DynamoDB reports a request's consumed capacity when it is asked to (`ReturnConsumedCapacity`); botocore's events carry
both the asking and the answer, for this layer's requests and for PynamoDB's on the same client.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})


class Line(NamedTuple):
    """One line of the breakdown: an operation on a table, or on one of its indexes (`""`: the table itself)."""

    operation: str
    table_name: str
    index_name: str


@dataclass
class Capacity:
    """What was used so far.

    Attributes:
        requests: calls of the DynamoDB API, failed ones included; a request that botocore repeated counts once.
        retries: how often botocore repeated one.
        read_units: read capacity units (4 KB each, half for an eventually consistent read).
        write_units: write capacity units (1 KB each), those of the indexes included. DynamoDB charges a failed
            condition too, but does not report it.
        requests_by: calls by operation and table; a call on several tables counts for each.
        units_by: capacity units by operation, table and index.
    """

    requests: int = 0
    retries: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    requests_by: Counter[Line] = field(default_factory=Counter)
    units_by: dict[Line, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, operation: str, answer: dict[str, Any], tables: list[str]) -> None:
        """Count one call and what its answer reports."""
        reported = answer.get("ConsumedCapacity") or []
        with self._lock:
            self.requests += 1
            self.retries += answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)
            for table in tables:
                self.requests_by[Line(operation, table, "")] += 1
            for consumed in reported if isinstance(reported, list) else [reported]:
                self._add_units(operation, consumed)

    def _add_units(self, operation: str, consumed: dict[str, Any]) -> None:
        units = float(consumed.get("CapacityUnits", 0.0))
        if operation in _READS:
            self.read_units += units
        else:
            self.write_units += units
        table = consumed.get("TableName", "")
        parts = {"": consumed.get("Table"), **consumed.get("GlobalSecondaryIndexes", {})}
        if not any(parts.values()):
            parts = {"": {"CapacityUnits": units}}
        for index, part in parts.items():
            if part and (share := float(part.get("CapacityUnits", 0.0))):
                line = Line(operation, table, index)
                self.units_by[line] = self.units_by.get(line, 0.0) + share

    def table(self) -> str:
        """Return the breakdown as text: a line for each operation, table and index, and the sum."""
        lines = sorted(set(self.requests_by) | set(self.units_by))
        rows = [("operation", "table", "index", "requests", "units")]
        rows += [(*line, str(self.requests_by.get(line) or ""), f"{self.units_by.get(line, 0.0):g}") for line in lines]
        sums = f"{self.read_units:g} read, {self.write_units:g} write"
        rows.append(("sum", "", "", str(self.requests), sums))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        )


_running: ContextVar[tuple[Capacity, ...]] = ContextVar("capacity", default=())


@contextmanager
def capacity() -> Iterator[Capacity]:
    """Count what every request inside the block costs, those of this layer's own threads included.

    Blocks nest: a request counts in each block it happens in. A thread started by the caller counts only if it runs
    in a copy of the caller's context (`contextvars.copy_context().run`).

    Yields:
        The figures so far: `requests`, `read_units`, `write_units`, `units_by`; `table()` returns them as text.

    Example:
        >>> from dynamodb import capacity, test_connection
        >>> with capacity() as used:
        ...     answer = test_connection()
        >>> used.requests
        1
    """
    used = Capacity()
    token = _running.set((*_running.get(), used))
    try:
        yield used
    finally:
        _running.reset(token)


def observe(client: Any) -> None:
    """Make a botocore client ask for and report what its requests consume."""
    events = client.meta.events
    events.register("provide-client-params.dynamodb.*", _ask)
    events.register("after-call.dynamodb.*", _report)
    events.register("after-call-error.dynamodb.*", _report_failure)


def _ask(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> dict[str, Any] | None:
    if not _running.get():
        return None
    context["tables"] = tables_of(params) or [""]
    if "ReturnConsumedCapacity" not in model.input_shape.members:
        return None
    return {**params, "ReturnConsumedCapacity": "INDEXES"}


def tables_of(params: dict[str, Any]) -> list[str]:
    """Return the names of the tables that a request is for, each once."""
    if "RequestItems" in params:
        return sorted(params["RequestItems"])
    if "TransactItems" in params:
        return sorted({action["TableName"] for item in params["TransactItems"] for action in item.values()})
    return [params["TableName"]] if "TableName" in params else []


def _report(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    for used in _running.get():
        used.add(model.name, parsed, context.get("tables", [""]))


def _report_failure(event_name: str, context: dict[str, Any], **_: Any) -> None:
    for used in _running.get():
        used.add(event_name.rsplit(".", 1)[-1], {}, context.get("tables", [""]))


__all__ = ["Capacity", "Line", "capacity"]
