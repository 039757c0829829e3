"""Between plain JSON-ready data and DynamoDB's JSON, for access to items without a schema."""

import base64
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from dynamodb._printable import shown
from dynamodb.errors import InvalidInputError, UnexpectedResponseError

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_MAX_DIGITS = 38
#: Powers of ten of a number's first digit.
_MIN_POWER, _MAX_POWER = -130, 125
_MAX_NAME_BYTES = 65_535
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_MAX_DEPTH = 32


def to_wire(value: Any, where: str = "value", depth: int = 0) -> dict[str, Any]:  # noqa: PLR0911 - one for each type
    """Write a value as a DynamoDB attribute value.

    Args:
        value: text, bytes, a whole or decimal number, a boolean, `None`, or a list, mapping or set of those.
        where: its name, for the error.
        depth: lists and mappings around it.

    Raises:
        InvalidInputError: if DynamoDB has no such type, a number has more than 38 digits or is beyond 1E-130 and
            9.9E+125, a text has a lone surrogate, or lists and mappings lie in each other more than 32 deep.
    """
    if depth > _MAX_DEPTH:
        raise InvalidInputError(f"{where[:40]}…: is nested more than {_MAX_DEPTH} levels deep")
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": _text(value, where)}
        case bytes() | bytearray():
            return {"B": bytes(value)}
        case int() | float() | Decimal():
            return {"N": _number(value, where)}
        case Mapping():
            parts = ((attribute_name(name, where), part) for name, part in value.items())
            return {"M": {name: to_wire(part, f"{where}.{name}", depth + 1) for name, part in parts}}
        case list() | tuple():
            return {"L": [to_wire(part, f"{where}[{number}]", depth + 1) for number, part in enumerate(value)]}
        case set() | frozenset():
            return _set(value, where)
        case _:
            raise InvalidInputError(f"{where}: a {type(value).__name__} cannot be stored")


def attribute_name(name: Any, where: str) -> str:
    """Return a name, if an attribute can have it.

    Raises:
        InvalidInputError: if it is no text of 1 to 65,535 bytes.
    """
    if not isinstance(name, str) or not 1 <= len(_text(name, where).encode()) <= _MAX_NAME_BYTES:
        raise InvalidInputError(f"{where}: {shown(name)} is no name: text of 1 to {_MAX_NAME_BYTES} bytes")
    return name


def _text(text: str, where: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(f"{where}: character {error.start} is a lone surrogate: it cannot be stored") from error
    return text


def _number(value: float | Decimal, where: str) -> str:
    # Decimal() takes whole numbers of any length; str() of a very long one is refused by Python, and slow.
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise InvalidInputError(f"{where}: {exact} is no number that can be stored")
    if not exact:
        return "0"
    # Not `normalize()`: it rounds to the 28 digits of the context.
    _, digits, _ = exact.as_tuple()
    if len("".join(map(str, digits)).strip("0")) > _MAX_DIGITS:
        raise InvalidInputError(f"{where}: more than {_MAX_DIGITS} digits cannot be stored")
    if not _MIN_POWER <= exact.adjusted() <= _MAX_POWER:
        raise InvalidInputError(f"{where}: a number beyond 1E{_MIN_POWER} and 9.9E+{_MAX_POWER} cannot be stored")
    return repr(value) if isinstance(value, float) else str(value)


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
    pairs = ((name, value) for name, value in pairs_of("item", fields) if value is not None)
    return {name: to_wire(value, name) for name, value in pairs}


def pairs_of(what: str, fields: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Go through attributes and their values.

    Args:
        what: the argument, for the error.
        fields: what a caller gave.

    Raises:
        InvalidInputError: if it is no mapping, or a name is none.
    """
    try:
        pairs = fields.items()
    except AttributeError as error:
        raise InvalidInputError(
            f"{what}: must be a mapping of names to values, not a {type(fields).__name__}"
        ) from error
    return [(attribute_name(name, what), value) for name, value in pairs]


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
    """Read an item as JSON-ready data.

    Raises:
        UnexpectedResponseError: if it is not in DynamoDB's JSON.
    """
    try:
        return {name: from_wire(value) for name, value in item.items()}
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        raise UnexpectedResponseError("an item in the answer is not in DynamoDB's JSON") from error
