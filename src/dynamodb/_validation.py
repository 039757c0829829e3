"""Checking what callers give, before anything is sent."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from dynamodb.errors import InvalidInputError
from models._fields import ID_LIMIT

M = TypeVar("M", bound=BaseModel)


def checked(schema: type[M], data: Any) -> M:
    """Return data as a schema: as it is, or from a mapping.

    Raises:
        InvalidInputError: if a field is outside its limits; the message names each field and its limit.
    """
    if isinstance(data, schema):
        return data
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        raise InvalidInputError(describe(error)) from error


def describe(error: ValidationError) -> str:
    """Write a validation error in one line, without the values: they can be personal."""
    return "; ".join(
        f"{'.'.join(map(str, problem['loc'])) or 'data'}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors(include_input=False, include_url=False)
    )


def check_key(field: str, value: Any) -> str:
    """Return a key that a caller gave, if it can be one.

    Raises:
        InvalidInputError: if it is no text of 1 to 255 characters.
    """
    if not isinstance(value, str) or not 1 <= len(value) <= ID_LIMIT:
        raise InvalidInputError(f"{field}: must be text of 1 to {ID_LIMIT} characters")
    return value
