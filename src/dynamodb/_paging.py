"""Pages and their cursors.

A cursor is the key of the last item of a page, as URL-safe text, bound to the query that made it: a check over the
table, index, value, direction, owner and key goes with it. It hides nothing: whoever has it can read the key in it.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from dynamodb import _layout
from dynamodb._layout import Place
from dynamodb._printable import shown
from dynamodb.errors import InvalidCursorError, InvalidInputError

T = TypeVar("T")

_CHECK_BYTES = 12

#: What DynamoDB takes; moto takes more.
_MAX_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: the rows, in the order they were created (or newest first).
        cursor: where the next page begins, to be given to the same call; `None` at the end. With a `limit`, the last
            page can be empty: DynamoDB finds the end only by looking.
    """

    items: list[T]
    cursor: str | None = None


def check_limit(limit: int | None) -> None:
    """Refuse a page size that is none.

    Raises:
        InvalidInputError: if it is not a whole number from 1 to 2,147,483,647.
    """
    if limit is not None and (type(limit) is not int or not 1 <= limit <= _MAX_LIMIT):
        raise InvalidInputError(f"limit: {shown(limit)} is not a whole number of at least 1 (and at most {_MAX_LIMIT})")


@dataclass(frozen=True)
class Asked:
    """What a cursor is bound to: the place, the direction, and for whom."""

    place: Place
    newest_first: bool
    owner: str | None


def encode_cursor(asked: Asked, key: dict[str, Any]) -> str:
    """Make the cursor for a `LastEvaluatedKey`."""
    body = orjson.dumps(key, option=orjson.OPT_SORT_KEYS)
    return base64.urlsafe_b64encode(_check(asked, body) + body).rstrip(b"=").decode("ascii")


def decode_cursor(asked: Asked, cursor: str) -> dict[str, Any]:
    """Return the key in a cursor.

    Raises:
        InvalidCursorError: if it is damaged, made up, or was made by another query.
    """
    place = asked.place
    refusal = InvalidCursorError("the cursor is damaged, or another query's; start without one", table=place.table)
    try:
        text = cursor.encode("ascii")
        data = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        check, body = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
        key: dict[str, Any] = orjson.loads(body)
        is_this_querys = check == _check(asked, body)
    except (AttributeError, TypeError, ValueError) as error:
        raise refusal from error
    has_one_spelling = base64.urlsafe_b64encode(data).rstrip(b"=") == text
    # The check is no secret: whoever knows how it is made can give it to any key.
    if not (is_this_querys and has_one_spelling and _layout.current().is_page_key(place, key)):
        raise refusal
    return key


def _check(asked: Asked, body: bytes) -> bytes:
    place = asked.place
    query = [place.kind.key, place.table, place.index, place.hash_key, place.value, asked.newest_first, asked.owner]
    return hashlib.blake2b(orjson.dumps(query) + b"\0" + body, digest_size=_CHECK_BYTES, person=b"page cursor").digest()
