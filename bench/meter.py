"""Counts requests and capacity units of a botocore client, as DynamoDB charges them.

DynamoDB Local 3.3.1 reports most of it; two things it reports differently from DynamoDB, and they are put right here:

- A query or get that finds nothing is reported as free; DynamoDB charges the minimum (API reference, Query).
- Of a transaction one action a table is reported, and indexes are doubled, too. DynamoDB charges each action, condition
  checks included, and doubles what the table takes, not what its indexes take. AWS's pages say only that a transaction
  takes two writes of every item; that the indexes are left out of it was measured on DynamoDB in August 2026
  (https://github.com/nubo-db/dynoxide/pull/188).

Every row of the data set is below 1 KB: one unit a write.
"""

import threading
from dataclasses import dataclass
from typing import Any

from bench.local import TABLES

_READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})


@dataclass
class Cost:
    """Requests and capacity units of one operation.

    Attributes:
        counted: whether every request was made; else one scan of each table was, and multiplied.
    """

    requests: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    counted: bool = True


class Meter:
    """Counts what the clients that it is attached to are asked for; threads may share it."""

    def __init__(self) -> None:
        self.cost = Cost()
        self._lock = threading.Lock()
        self._attached: set[int] = set()

    def attach(self, client: Any) -> None:
        """Count a client's requests; once, however often it is attached."""
        if id(client) in self._attached:
            return
        self._attached.add(id(client))
        client.meta.events.register("provide-client-params.dynamodb.*", self._ask)
        client.meta.events.register("after-call.dynamodb.*", self._count)

    def take(self) -> Cost:
        """Return what was counted since the last time, and begin anew."""
        with self._lock:
            taken, self.cost = self.cost, Cost()
        return taken

    @staticmethod
    def _ask(params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any]:
        context["params"] = params
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _count(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        used = units(model.name, context["params"], parsed.get("ConsumedCapacity") or [])
        with self._lock:
            self.cost.requests += 1
            if model.name in _READS:
                self.cost.read_units += used
            else:
                self.cost.write_units += used


def units(operation: str, params: dict[str, Any], reported: Any) -> float:
    """Return what a request costs.

    Args:
        operation: its name.
        params: its parameters.
        reported: the `ConsumedCapacity` of its answer.
    """
    if operation == "TransactWriteItems":
        return float(sum(map(_action_units, params["TransactItems"])))
    used = sum(float(each["CapacityUnits"]) for each in (reported if isinstance(reported, list) else [reported]))
    if operation in {"GetItem", "Query", "Scan"}:
        return used or (1.0 if params.get("ConsistentRead") else 0.5)
    return used


def _action_units(action: dict[str, Any]) -> int:
    """Return the units of an action of a transaction: two of its table, and one of each index (they project all)."""
    ((kind, params),) = action.items()
    return 2 if kind == "ConditionCheck" else 2 + len(TABLES[params["TableName"]][1])
