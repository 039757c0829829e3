"""Batches of which the service does only a part."""

from typing import Any

from support.wire import JSON

LEFTOVERS = {"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}


def size(operation: str, body: JSON) -> int:
    """How many reads or writes the batch asks for."""
    return sum(len(_list(operation, asked)) for asked in body["RequestItems"].values())


def split(operation: str, body: JSON, keep: int) -> tuple[JSON, JSON]:
    """Divide a batch after its first `keep` reads or writes.

    Returns:
        The request with these alone, and the rest in the form in which the service hands it back: for reads with the
        projection and the consistency that were asked for.
    """
    kept: JSON = {}
    rest: JSON = {}
    for table, asked in body["RequestItems"].items():
        wanted = _list(operation, asked)
        if wanted[:keep]:
            kept[table] = _with(operation, asked, wanted[:keep])
        if wanted[keep:]:
            rest[table] = _with(operation, asked, wanted[keep:])
        keep = max(0, keep - len(wanted))
    return {**body, "RequestItems": kept}, rest


def add_leftovers(operation: str, answer: JSON, rest: JSON) -> JSON:
    """The engine's answer to the part it was given, with the rest reported beside what it left over itself."""
    name = LEFTOVERS[operation]
    leftovers = dict(answer.get(name) or {})
    for table, asked in rest.items():
        own = _list(operation, leftovers[table]) if table in leftovers else []
        leftovers[table] = _with(operation, asked, own + _list(operation, asked))
    return {**answer, name: leftovers}


def _list(operation: str, asked: Any) -> list[Any]:
    found: list[Any] = asked["Keys"] if operation == "BatchGetItem" else asked
    return found


def _with(operation: str, asked: Any, items: list[Any]) -> Any:
    return {**asked, "Keys": items} if operation == "BatchGetItem" else items
