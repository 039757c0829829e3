"""Ways to turn a page's bytes into objects, without any transport: what was tried for the read path.

Run it in this layer's environment: `PYTHONPATH=src:. .venv-bench/ours/bin/python -m bench.decoding`.
"""

import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from pydantic import AliasPath, BaseModel, ConfigDict, Field, TypeAdapter, dataclasses
from pydantic_core import SchemaValidator, core_schema
from typing_extensions import TypedDict

from bench import dataset
from dynamodb._decoding import decoder
from models.requirement import HighLevelRequirement

_ROUNDS = 25


def _wire(name: str) -> Any:
    return Field(validation_alias=AliasPath(name, "N" if name == "version" else "S"))


class _Columns:
    uiid: str = _wire("uiid")
    parent_uiid: str = _wire("parent_uiid")
    project_id: str | None = _wire("project_id")
    name: str = _wire("name")
    description: str | None = _wire("description")
    created_at: datetime = _wire("created_at")
    updated_at: datetime = _wire("updated_at")
    version: int = _wire("version")


_NAMESPACE = {"__annotations__": _Columns.__annotations__, "__module__": __name__}
_FIELDS = {name: getattr(_Columns, name) for name in _Columns.__annotations__}
Model = type("Model", (BaseModel,), {**_NAMESPACE, **_FIELDS})
Uncached = type("Uncached", (BaseModel,), {**_NAMESPACE, **_FIELDS, "model_config": ConfigDict(cache_strings="keys")})
Flat = type("Flat", (BaseModel,), _NAMESPACE)
Dataclass = dataclasses.dataclass(type("Dataclass", (), {**_NAMESPACE, **_FIELDS}))
Slots = dataclasses.dataclass(slots=True)(type("Slots", (), {**_NAMESPACE, **_FIELDS}))


class _Text(TypedDict):
    S: str


class _Moment(TypedDict):
    S: datetime


class _Number(TypedDict):
    N: int


class Nested(TypedDict):
    uiid: _Text
    parent_uiid: _Text
    project_id: _Text
    name: _Text
    description: _Text
    created_at: _Moment
    updated_at: _Moment
    version: _Number


def _filled_like_a_dataclass() -> SchemaValidator:
    """Make pydantic-core fill a BaseModel as it fills a dataclass: without the set of the fields that were given."""
    text, moment = core_schema.str_schema(), core_schema.datetime_schema()
    types: dict[str, Any] = dict.fromkeys(_FIELDS, text) | {"created_at": moment, "updated_at": moment}
    types["version"] = core_schema.int_schema()
    fields = [
        core_schema.dataclass_field(name, kind, validation_alias=[_FIELDS[name].validation_alias.path])
        for name, kind in types.items()
    ]
    arguments = core_schema.dataclass_args_schema("Flat", fields)
    rows = core_schema.list_schema(core_schema.dataclass_schema(Flat, arguments, list(types)))
    # Otherwise the model's own validator would be taken.
    return SchemaValidator(rows, _use_prebuilt=False)


def ways() -> dict[str, Callable[[], Any]]:
    """Return each way as a function that decodes one page."""
    rows = [dataset.to_wire(row) for row in dataset.make_rows(dataset.PAGE_ID, dataset.PAGE_ROWS)]
    page, items = dataset.dump({"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}), dataset.dump(rows)
    model, flat = TypeAdapter(list[Model]), TypeAdapter(list[Flat])  # type: ignore[valid-type]

    def from_json(kind: Any) -> Callable[[], Any]:
        validate = TypeAdapter(list[kind]).validate_json
        return lambda: validate(items)

    def flattened() -> Any:
        return flat.validate_python(
            [{name: next(iter(value.values())) for name, value in row.items()} for row in orjson.loads(items)]
        )

    filled = _filled_like_a_dataclass()
    return {
        "orjson, dictionaries": lambda: orjson.loads(page),
        "this layer's decoder": lambda: decoder(HighLevelRequirement).from_bytes(page),
        "models with AliasPath": from_json(Model),
        "the same, only keys cached": from_json(Uncached),
        "the same, from orjson's dictionaries": lambda: model.validate_python(orjson.loads(items)),
        "orjson, flattened, models": flattened,
        "nested TypedDicts, no objects": from_json(Nested),
        "Pydantic dataclasses": from_json(Dataclass),
        "Pydantic dataclasses with slots": from_json(Slots),
        "models filled like dataclasses": lambda: filled.validate_json(items),
    }


def main() -> None:
    """Print each way's CPU as a ratio to orjson's parsing, and the bytes that a row holds."""
    measured = ways()
    cpu: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(_ROUNDS):
        for name, decode in measured.items():
            gc.collect()
            start = time.process_time()
            decode()
            cpu[name].append(time.process_time() - start)
    base = cpu["orjson, dictionaries"]
    sys.stdout.write(f"{'way':38} {'median':>7} {'best':>7} {'bytes a row':>12}\n")
    for name, decode in measured.items():
        ratio = statistics.median(one / other for one, other in zip(cpu[name], base, strict=True))
        tracemalloc.start()
        kept = decode()
        held = tracemalloc.get_traced_memory()[0] // dataset.PAGE_ROWS
        tracemalloc.stop()
        del kept
        sys.stdout.write(f"{name:38} {ratio:7.2f} {min(cpu[name]) / min(base):7.2f} {held:12}\n")


if __name__ == "__main__":
    main()
