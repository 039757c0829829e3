"""What an operation answered: made comparable between two runs, and compared with the rows themselves."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from dynamodb.errors import DataLayerError
from reliability.checks import labels
from reliability.store import Row

_HANGS = 60.0
_OF_THE_MOMENT = {"created_at", "updated_at", "timestamp"}
_TABLE_OF = {
    "Project": "projects",
    "UserFlow": "user_flows",
    "HighLevelRequirement": "high_level_requirements",
    "LowLevelRequirement": "low_level_requirements",
    "TestCase": "test_cases",
    "Waitlist": "waitlist",
}


@dataclass(frozen=True)
class Outcome:
    """How one call ended.

    Attributes:
        value: what it returned.
        error: one of this layer's errors, raised or said in a dictionary.
        surprise: what else was raised.
        seconds: how long it took.
    """

    value: Any = None
    error: str | None = None
    raised: DataLayerError | None = None
    surprise: BaseException | None = None
    seconds: float = 0.0


#: What a fault may be reported as. Others say something of the rows or of the input, and here that would be untrue.
REPORTS_OF_FAULTS = {"access_denied", "connection_failed", "partial_write", "throttled", "unexpected_response"}


def in_time(call: Callable[[], Any]) -> Outcome:
    """Make a call and say how it ended; one that does not end in a minute is left alone and ends in a TimeoutError."""
    ended: list[Outcome] = []
    thread = threading.Thread(target=lambda: ended.append(_try(call)), daemon=True)
    thread.start()
    thread.join(_HANGS)
    return ended[0] if ended else Outcome(surprise=TimeoutError("the call did not end"), seconds=_HANGS)


def _try(call: Callable[[], Any]) -> Outcome:
    start = time.monotonic()
    try:
        value = call()
    except DataLayerError as error:
        return Outcome(error=error.code, raised=error, seconds=time.monotonic() - start)
    except Exception as error:  # noqa: BLE001 - that there is another one is the finding
        return Outcome(surprise=error, seconds=time.monotonic() - start)
    seconds = time.monotonic() - start
    return Outcome(value, error=_said(value), seconds=seconds)


def _said(value: Any) -> str | None:
    """The error that an answer says: an entity's or the facade's, or the first fault of many rows' answers."""
    if isinstance(value, dict) and value.get("status") in {"error", "not_found"}:
        return str(value["code"])
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        value = value["data"].get("results")
    codes = (_code(part) for part in value) if isinstance(value, list) else ()
    return next((code for code in codes if code in REPORTS_OF_FAULTS), None)


def _code(part: Any) -> str | None:
    return part.code if isinstance(part, DataLayerError) else part.get("code") if isinstance(part, dict) else None


def comparable(outcome: Outcome, rows: Sequence[Row]) -> Any:
    """How a call ended, without what differs between two runs of the same thing."""
    return f"error: {outcome.error}" if outcome.error else _plain(outcome.value, labels(rows))


def _plain(value: Any, label: Mapping[str, str]) -> Any:
    """An answer without times, and with the labels of ids for ids."""
    if isinstance(value, str):
        return label.get(value, value)
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, list | tuple):
        return [_plain(part, label) for part in value]
    fields = _fields(value)
    if fields is None:
        return value
    kept = {name: part for name, part in fields.items() if name not in _OF_THE_MOMENT}
    # A cursor holds a key with its time; that it leads on is seen by following it.
    return {
        label.get(name, name): bool(part) if name == "cursor" else _plain(part, label) for name, part in kept.items()
    }


def _fields(value: Any) -> Mapping[str, Any] | None:
    """What a composite answer consists of."""
    if isinstance(value, bytes):
        return json.loads(value)  # type: ignore[no-any-return]
    if isinstance(value, BaseModel):
        return {**dict(value), "schema": type(value).__name__}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value if isinstance(value, Mapping) else None


def wrong_rows(value: Any, rows: Sequence[Row]) -> list[str]:
    """Rows of an answer that are not what the engine holds, to the last microsecond."""
    stored: dict[tuple[str, str], Row] = {(row.table, row.id): row for row in rows}
    return [problem for model in _models_in(value) for problem in _differences(model, stored)]


def _models_in(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        value = dict(value)
    elif is_dataclass(value) and not isinstance(value, type):
        value = vars(value)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _models_in(part)


def _differences(model: BaseModel, stored: Mapping[tuple[str, str], Row]) -> Iterator[str]:
    table = next(
        table for name, table in _TABLE_OF.items() if any(base.__name__ == name for base in type(model).__mro__)
    )
    fields = dict(model)
    row_id = fields.get("email") or fields.get("id") or fields["uiid"]
    row = stored.get((table, row_id))
    if row is None:
        yield f"{table} {row_id}: answered, but not stored"
        return
    for name, value in fields.items():
        if isinstance(value, list | dict) or (name in {"version", "updated_at"} and row.get(name) is None):
            continue
        text = value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        if (None if text is None else str(text)) != row.get(name):
            yield f"{table} {row_id}: answered {name}={text!r}, stored {row.get(name)!r}"
