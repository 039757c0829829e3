"""From an answer's bytes into schemas, with nothing in between.

One validator a schema reads every kind of answer: pydantic-core parses the JSON and builds the objects in one pass, so
that raw pages, dictionaries and objects are never held at the same time.
"""

import os
import threading
from typing import Any, Generic, NotRequired, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from dynamodb import _wire
from dynamodb.errors import UnexpectedResponseError

S = TypeVar("S", bound=BaseModel)


class _Answer(TypedDict, Generic[S]):
    """What of an answer is used; DynamoDB leaves out what does not apply."""

    Item: NotRequired[S]
    Items: NotRequired[list[S]]
    Attributes: NotRequired[S]
    Responses: NotRequired[dict[str, list[S]]]
    LastEvaluatedKey: NotRequired[dict[str, Any]]
    UnprocessedKeys: NotRequired[dict[str, Any]]
    ConsumedCapacity: NotRequired[Any]
    Count: NotRequired[int]


class Decoder(Generic[S]):
    """Reads the answers of item operations into one schema."""

    def __init__(self, schema: type[S]) -> None:
        self.schema = schema
        schema.model_rebuild()
        self._answer = TypeAdapter(_Answer[schema]).validator  # type: ignore[valid-type]

    def from_bytes(self, body: bytes) -> dict[str, Any]:
        """Decode the body of an answer.

        Raises:
            ValueError: if it is no JSON, or an item is not what the schema says.
        """
        answer: dict[str, Any] = self._answer.validate_json(body, by_alias=True, by_name=False)
        answer[_wire.DECODED] = True
        return answer

    def from_parsed(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Decode an answer that botocore's own parser has read: the slower way.

        Raises:
            UnexpectedResponseError: if an item is not what the schema says.
        """
        try:
            return self._answer.validate_python(answer, by_alias=True, by_name=False)  # type: ignore[no-any-return]
        except ValidationError as error:
            raise self._refusal(answer, error) from error

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
        return UnexpectedResponseError("the answer is no JSON of DynamoDB's; try again")

    def _refusal(self, answer: dict[str, Any], error: ValidationError) -> UnexpectedResponseError:
        problem = error.errors(include_input=False, include_url=False)[0]
        where = problem["loc"]
        steps = _STEPS_TO_ITEM.get(str(where[0]), 0) if where else 0
        item: Any = answer
        for step in where[:steps]:
            item = item[step]
        field = next(iter(where[steps:] or where), "answer")
        return UnexpectedResponseError(
            f"a stored {self.schema.__name__} cannot be read: {field}: {problem['msg']}; `doctor` reports such rows",
            key=_id_in(item),
        )


#: How many steps an error's location has before the item.
_STEPS_TO_ITEM = {"Item": 1, "Attributes": 1, "Items": 2, "Responses": 3}


def _id_in(item: Any) -> str | None:
    """Return a row's id, whatever else it is. An address is personal data and not given."""
    values = [item[name] for name in ("uiid", "id") if name in item] if isinstance(item, dict) else []
    return next((value["S"] for value in values if isinstance(value, dict) and isinstance(value.get("S"), str)), None)


_decoders: dict[type[BaseModel], Decoder[Any]] = {}
# Building a validator is not safe in two threads at once: both would rebuild the same schema.
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
