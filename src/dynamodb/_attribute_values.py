"""Between plain JSON-ready data and DynamoDB's JSON, for access to items without a schema."""

import base64
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dynamodb.errors import InvalidInputError

_MAX_DIGITS = (
    38  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
)


def to_wire(value: Any, where: str = "value") -> dict[str, Any]:  # noqa: PLR0911 - one for each type
    """Write a value as a DynamoDB attribute value.

    Args:
        value: text, bytes, a whole or decimal number, a boolean, `None`, or a list, mapping or set of those.
        where: its name, for the error.

    Raises:
        InvalidInputError: if DynamoDB has no such type, or a number has more than 38 digits.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case bytes() | bytearray():
            return {"B": bytes(value)}
        case int() | float() | Decimal():
            return {"N": _number(value, where)}
        case Mapping():
            return {"M": {str(name): to_wire(part, f"{where}.{name}") for name, part in value.items()}}
        case list() | tuple():
            return {"L": [to_wire(part, f"{where}[{number}]") for number, part in enumerate(value)]}
        case set() | frozenset():
            return _set(value, where)
        case _:
            raise InvalidInputError(f"{where}: a {type(value).__name__} cannot be stored")


def _number(value: float | Decimal, where: str) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInputError(f"{where}: {value} is no number that can be stored")
    text = repr(value) if isinstance(value, float) else str(value)
    if len(Decimal(text).normalize().as_tuple().digits) > _MAX_DIGITS:
        raise InvalidInputError(f"{where}: more than {_MAX_DIGITS} digits cannot be stored")
    return text


def _set(values: Any, where: str) -> dict[str, Any]:
    parts = [to_wire(value, where) for value in values]
    letters = {letter for part in parts for letter in part}
    if len(letters) != 1 or not letters <= {"S", "N", "B"}:
        raise InvalidInputError(f"{where}: a set must have values of one type: text, numbers or bytes")
    (letter,) = letters
    return {f"{letter}S": sorted(part[letter] for part in parts)}


def to_item(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write plain data as an item; what is `None` is left out.

    Raises:
        InvalidInputError: if a value cannot be stored.
    """
    return {str(name): to_wire(value, str(name)) for name, value in fields.items() if value is not None}


def from_wire(value: Mapping[str, Any]) -> Any:  # noqa: PLR0911 - one for each type
    """Read an attribute value as JSON-ready data.

    A number that a float would change becomes text; bytes become base64 text; sets become lists.
    """
    ((letter, content),) = value.items()
    match letter:
        case "NULL":
            return None
        case "N":
            return _plain_number(content)
        case "NS":
            return [_plain_number(text) for text in content]
        case "B":
            return base64.b64encode(content).decode("ascii")
        case "BS":
            return [base64.b64encode(part).decode("ascii") for part in content]
        case "L":
            return [from_wire(part) for part in content]
        case "M":
            return from_item(content)
        case _:
            return content


def _plain_number(text: str) -> int | float | str:
    exact = Decimal(text)
    if exact == exact.to_integral_value():
        return int(exact)
    number = float(text)
    return number if Decimal(repr(number)) == exact else text


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read an item as JSON-ready data."""
    return {name: from_wire(value) for name, value in item.items()}
