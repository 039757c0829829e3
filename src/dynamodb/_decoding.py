"""From an answer's bytes into schemas, with nothing in between.

One validator a schema reads every kind of answer: pydantic-core parses the JSON and validates it in one pass, so that
raw pages, dictionaries and objects are never held at the same time. Two things are done here that Pydantic does slower:

- The validator is put together from the schema's fields. Pydantic takes ten times as long for that, and a cold start
  waits for it. Where a field is of a type that is not known here, Pydantic does it.
- pydantic-core validates into a dictionary of the fields, which becomes the `__dict__` of an object. An object that
  pydantic-core makes costs as much as all the rest of its decoding, half of it for a set of the fields that were given;
  of a stored row all are, so that one set serves for all. `model_construct` puts objects together in the same way.
"""

import functools
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from types import NoneType
from typing import Any, Generic, TypeVar, get_args

from pydantic import AliasPath, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticUndefined, SchemaValidator
from pydantic_core import core_schema as core

from dynamodb import _wire
from dynamodb.errors import UnexpectedResponseError
from models._values import as_utc

S = TypeVar("S", bound=BaseModel)

#: The id that all rows of a tree have is held once: a twentieth of its memory.
_SHARED = "project_id"
#: Returns the same object for equal texts. Bounded; the interpreter's own table is not, in Python 3.12.
_one_of_all = functools.lru_cache(maxsize=256)(str)

_TYPES: dict[Any, CoreSchema] = {
    str: core.str_schema(),
    int: core.int_schema(),
    # Rows of this layer take the first branch. Its moments share one UTC; pydantic-core makes a time zone for each, and
    # two moments of different zones take four times as long to compare.
    datetime: core.union_schema(
        [
            core.no_info_after_validator_function(datetime.fromisoformat, core.str_schema(pattern=r"[+]00:00$")),
            core.no_info_after_validator_function(as_utc, core.datetime_schema()),
        ],
        mode="left_to_right",
        custom_error_type="timestamp",
        custom_error_message="is no timestamp in ISO 8601",
    ),
}


class Decoder(Generic[S]):
    """Reads the answers of item operations into one schema."""

    #: How many steps there are in the location of an error between an item and its field.
    _steps_in_item = 0

    def __init__(self, schema: type[S]) -> None:
        self.schema = schema
        fields = _fields_schema(schema)
        self._answer = _validator(fields or TypeAdapter(schema).core_schema)
        self._make = _maker(schema) if fields else None

    def from_bytes(self, body: bytes) -> dict[str, Any]:
        """Decode the body of an answer.

        Raises:
            ValueError: if it is no JSON, or an item is not what the schema says.
        """
        answer = self._with_objects(self._answer.validate_json(body, by_alias=True, by_name=False))
        answer[_wire.DECODED] = True
        return answer

    def from_parsed(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Decode an answer that botocore's own parser has read: the slower way.

        Raises:
            UnexpectedResponseError: if an item is not what the schema says.
        """
        try:
            return self._with_objects(self._answer.validate_python(answer, by_alias=True, by_name=False))
        except ValidationError as error:
            raise self._refusal(answer, error) from error

    def _with_objects(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Replace the fields of each row in an answer by the row's object, in place."""
        make = self._make
        if make is None:
            return answer
        if "Items" in answer:
            answer["Items"] = make(answer["Items"])
        for table, rows in answer.get("Responses", {}).items():
            answer["Responses"][table] = make(rows)
        for one in ("Item", "Attributes"):
            if one in answer:
                [answer[one]] = make([answer[one]])
        return answer

    def item(self, wire: dict[str, Any]) -> S:
        """Decode one item in DynamoDB's JSON form.

        Raises:
            UnexpectedResponseError: if it is not what the schema says.
        """
        return self.from_parsed({"Item": wire})["Item"]  # type: ignore[no-any-return]

    def explain(self, body: bytes) -> UnexpectedResponseError:
        """Say why `from_bytes` refused a body: damage, or which item is not what the schema says."""
        try:
            self.from_parsed(_wire.plain(body))
        except UnexpectedResponseError as error:
            return error
        except ValueError:  # as `plain` reports damage
            pass
        return damaged()

    def _refusal(self, answer: dict[str, Any], error: ValidationError) -> UnexpectedResponseError:
        problem = error.errors(include_input=False, include_url=False)[0]
        where = problem["loc"]
        steps = _STEPS_TO_ITEM.get(str(where[0]), 0) if where else 0
        item: Any = answer
        for step in where[:steps]:
            item = item[step]
        field = next(iter(where[steps + self._steps_in_item :] or where), "answer")
        return UnexpectedResponseError(
            f"a stored {self.schema.__name__} cannot be read: {field}: {problem['msg']}; `doctor` reports such rows",
            key=_id_in(item),
        )


class MixedDecoder(Decoder[Any]):
    """Reads answers whose items are of several schemas, as an attribute of each says."""

    _steps_in_item = 1

    def __init__(self, type_field: str, schemas: Mapping[str, type[BaseModel]]) -> None:
        """Build the validator.

        Args:
            type_field: the attribute that says which schema an item has.
            schemas: by its value.
        """
        self.schema = BaseModel
        path: list[str | int] = [type_field, "S"]
        kept = {_TYPE: core.typed_dict_field(core.str_schema(), validation_alias=path)}
        choices: dict[Any, CoreSchema] = {
            name: core.typed_dict_schema({**_known_fields(schema), **kept}) for name, schema in schemas.items()
        }
        self._answer = _validator(core.tagged_union_schema(choices, [path]))
        self._makers = {name: _maker(schema) for name, schema in schemas.items()}
        self._make = self._make_by_type

    def _make_by_type(self, rows: list[dict[str, Any]]) -> list[Any]:
        runs = itertools.groupby(rows, key=lambda fields: fields.pop(_TYPE))
        return [made for name, run in runs for made in self._makers[name](list(run))]


#: Where a mixed decoder keeps the type of an item until its object is made; no field is called so.
_TYPE = " type"


#: How many steps an error's location has before the item.
_STEPS_TO_ITEM = {"Item": 1, "Attributes": 1, "Items": 2, "Responses": 3}


def _id_in(item: Any) -> str | None:
    """Return a row's id, whatever else it is. An address is personal data and not given."""
    values = [item[name] for name in ("uiid", "id") if name in item] if isinstance(item, dict) else []
    return next((value["S"] for value in values if isinstance(value, dict) and isinstance(value.get("S"), str)), None)


def damaged() -> UnexpectedResponseError:
    """Return the error for an answer whose checksum or JSON is wrong. What was asked for may have been done."""
    return UnexpectedResponseError("the answer was damaged on its way (CRC32 or JSON); the same call again is safe")


def _validator(item: CoreSchema) -> SchemaValidator:
    """Return what validates answers.

    What is stored is what people wrote: a traceback must not show it. Of a row's texts nearly all are its own: looking
    each up in pydantic-core's cache takes more than it saves.
    """
    return SchemaValidator(_answer_schema(item), core.CoreConfig(hide_input_in_errors=True, cache_strings="keys"))


def _answer_schema(item: CoreSchema) -> CoreSchema:
    """Return the schema of any answer with items; DynamoDB leaves out what does not apply."""
    items = core.list_schema(item)
    fields = {
        "Item": item,
        "Items": items,
        "Attributes": item,
        "Responses": core.dict_schema(core.str_schema(), items),
        "LastEvaluatedKey": core.any_schema(),
        "UnprocessedKeys": core.any_schema(),
        "ConsumedCapacity": core.any_schema(),
        "Count": core.int_schema(),
    }
    return core.typed_dict_schema({name: core.typed_dict_field(part, required=False) for name, part in fields.items()})


def _fields_schema(schema: type[BaseModel]) -> CoreSchema | None:
    """Return what validates a row into the dictionary of its fields; `None` where a type is not known here."""
    known = _known_fields(schema)
    return core.typed_dict_schema(known) if len(known) == len(schema.model_fields) else None


def _known_fields(schema: type[BaseModel]) -> dict[str, core.TypedDictField]:
    fields = {name: _field(schema, name, field) for name, field in schema.model_fields.items()}
    return {name: field for name, field in fields.items() if field is not None}


# The slots of a Pydantic object, set the way `BaseModel.model_construct` does it, without its checks of each field.
_set_dict, _set_fields_set, _set_extra, _set_private = (
    BaseModel.__dict__[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def _maker(schema: type[S]) -> Callable[[list[dict[str, Any]]], list[S]]:
    """Return what makes an object of each row's fields, in loops that run without bytecode."""
    always = ((_set_fields_set, set(schema.model_fields)), (_set_extra, None), (_set_private, None))

    def make(rows: list[dict[str, Any]]) -> list[S]:
        made = [*map(object.__new__, itertools.repeat(schema, len(rows)))]
        _do_all(map(_set_dict, made, rows))
        for set_slot, value in always:
            _do_all(map(set_slot, made, itertools.repeat(value)))
        return made

    return make


#: Runs a lazy sequence of calls to its end.
_do_all = deque[None](maxlen=0).extend


def _field(schema: type[BaseModel], name: str, field: FieldInfo) -> core.TypedDictField | None:
    """Return a field's schema and where the wire has it; `None` if its type is not known here."""
    generator: Any = schema.model_config["alias_generator"]
    path: AliasPath = generator.validation_alias(name)
    found = core.any_schema() if field.default_factory is list else _TYPES.get(_plain_type(field.annotation))
    if found is None:
        return None
    if name == _SHARED:
        found = core.no_info_after_validator_function(_one_of_all, found)
    if field.default_factory is not None:
        takes_row = bool(field.default_factory_takes_validated_data)
        found = core.with_default_schema(
            found, default_factory=field.default_factory, default_factory_takes_data=takes_row
        )
    elif field.default is not PydanticUndefined:
        found = core.with_default_schema(found, default=field.default)
    return core.typed_dict_field(found, validation_alias=[path.convert_to_aliases()])


def _plain_type(annotation: Any) -> Any:
    """Return the type of a value that is there: NULL on the wire is no value, and leaves the default."""
    parts = {part for part in get_args(annotation) if part is not NoneType}
    plain = {get_args(part)[0] if hasattr(part, "__metadata__") else part for part in parts}
    return plain.pop() if len(plain) == 1 else annotation


_decoders: dict[Any, Decoder[Any]] = {}
_lock = threading.Lock()


def _new_lock() -> None:
    global _lock  # noqa: PLW0603 - a forked child must not wait for a lock that its parent's thread held
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_new_lock)


def decoder(schema: type[S]) -> Decoder[S]:
    """Return the decoder of a schema, built on first use."""
    found = _decoders.get(schema)
    if found is None:
        with _lock:
            found = _decoders.get(schema) or _decoders.setdefault(schema, Decoder(schema))
    return found


def mixed_decoder(type_field: str, schemas: Mapping[str, type[BaseModel]]) -> Decoder[Any]:
    """Return the decoder of several schemas, built on first use.

    Args:
        type_field: the attribute that says which schema an item has.
        schemas: by its value.
    """
    key = (type_field, *schemas.items())
    found = _decoders.get(key)
    if found is None:
        with _lock:
            found = _decoders.get(key) or _decoders.setdefault(key, MixedDecoder(type_field, schemas))
    return found
