"""Checking what callers give, before anything is sent."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from dynamodb._printable import shown
from dynamodb.errors import InvalidInputError
from models._fields import ID_LIMIT

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

#: Seconds: some thirty years, as long as forever to a caller, and no overflow to a clock.
MAX_SECONDS = 1_000_000_000


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


def check_list(field: str, value: Any) -> list[Any]:
    """Return several things that a caller gave, as a list.

    Raises:
        InvalidInputError: if it is a single one, a text or a mapping, whose parts would be taken for them.
    """
    return list(each(field, value))


def each(field: str, values: Iterable[T]) -> Iterator[T]:
    """Go through what a caller gave, one at a time.

    Raises:
        InvalidInputError: if it is a single one, a text or a mapping, whose parts would be taken for them.
    """
    if isinstance(values, str | bytes | Mapping | BaseModel) or not isinstance(values, Iterable):
        raise InvalidInputError(f"{field}: must be a list, not a {type(values).__name__}")
    return iter(values)


def check_deadline(value: Any) -> float | None:
    """Return seconds that a caller gave; those of a time that is over are negative.

    Raises:
        InvalidInputError: if it is no number, or a finite one beyond 1,000,000,000.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # Not a number is in no range, and a whole number can be too long for a clock.
    if value is not None and not (is_number and (abs(value) <= MAX_SECONDS or value == math.inf)):
        raise InvalidInputError("deadline: must be a number of seconds")
    seconds: float | None = value
    return seconds


def check_version(value: Any) -> int | None:
    """Return the version that a caller expects.

    Raises:
        InvalidInputError: if it is no whole number of at least 0.
    """
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise InvalidInputError("expected_version: must be a whole number of at least 0")
    return value


def check_key(field: str, value: Any) -> str:
    """Return a key that a caller gave, if it can be one.

    Raises:
        InvalidInputError: if it is no text of 1 to 255 characters.
    """
    if not isinstance(value, str) or not 1 <= len(value) <= ID_LIMIT:
        raise InvalidInputError(f"{field}: must be text of 1 to {ID_LIMIT} characters")
    return value


def check_seconds(field: str, value: Any) -> None:
    """Refuse a time that is none.

    Raises:
        InvalidInputError: if it is no number from 0 to 1,000,000,000.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and 0 <= value <= MAX_SECONDS):
        raise InvalidInputError(f"{field}: {shown(value)} is not a number of seconds from 0 to {MAX_SECONDS}")
