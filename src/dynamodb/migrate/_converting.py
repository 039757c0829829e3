"""From a row of the old schema to a row of this layer. Pure: nothing is read or written here."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from pydantic import ValidationError

from dynamodb import _requests
from dynamodb._requests import Item
from dynamodb.errors import InvalidInputError, ItemTooLargeError
from dynamodb.migrate._source import SourceRow
from models._kinds import PROJECT, Kind
from models._values import parse_timestamp

#: A project's integer id becomes UUID version 5 (RFC 9562, section 5.5) of `projects/<id>` in this namespace.
NAMESPACE: Final = uuid5(NAMESPACE_URL, "vishmaker-dynamodb:migrate")

#: The time of a project or an entry that has none at all.
NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: Why a row cannot be migrated.
REASONS: Final[Mapping[str, str]] = {
    "orphan": "the row it belongs to is not there",
    "parent_quarantined": "a row above it cannot be migrated",
    "duplicate_id": "a row with a lower serial id has the same uiid",
    "duplicate_address": "the same address in other letters, written later, is migrated instead",
    "no_owner": "--owner or --owners must say whose project it is",
    "empty_key": "its uiid is empty",
    "empty_name": "its name is empty",
    "name_too_long": "its name has over 255 characters",
    "notes_too_long": "its notes have over 500 characters",
    "status_not_allowed": "its status is not pending, contacted or converted",
    "invalid_address": "its e-mail address is none",
    "invalid_text": "a text has control characters, which this layer does not store",
    "invalid_time": "a timestamp is infinite, or before the year 1 or after 9999",
    "item_too_large": "it is over DynamoDB's 400 KB",
    "invalid": "the layer's schema refuses it",
    "target_newer": "the target has the row, written later; that one stays",
    "target_elsewhere": "the target has its id under another row; that one stays",
}

#: Why a row cannot be in the other layout.
LAYOUT_REASONS: Final[Mapping[str, str]] = {
    "no_key": "it lacks what its key there is made of; `doctor` names such rows",
    "reserved_attribute": "it has an attribute that means something else there",
    "id_taken": "another row with its id is there; an id is there once",
    "refused": "DynamoDB refuses it there",
    **{name: REASONS[name] for name in ("item_too_large", "parent_quarantined", "target_newer", "target_elsewhere")},
}

_REASON_OF = {
    ("string_too_short", "name"): "empty_name",
    ("string_too_long", "name"): "name_too_long",
    ("string_too_long", "notes"): "notes_too_long",
    ("missing", "name"): "empty_name",
    ("string_too_short", "uiid"): "empty_key",
    ("string_too_short", "parent_uiid"): "orphan",
    ("missing", "parent_uiid"): "orphan",
    ("missing", "email"): "invalid_address",
    ("literal_error", "status"): "status_not_allowed",
    ("value_error", "email"): "invalid_address",
}


class RefusedError(Exception):
    """A row cannot be migrated.

    Args:
        reason: a key of `REASONS`, or of `LAYOUT_REASONS`.
        detail: what exactly; no values, they can be personal.
    """

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail or {**REASONS, **LAYOUT_REASONS}[reason]


@dataclass(frozen=True, slots=True)
class Converted:
    """A row as this layer stores it.

    Attributes:
        kind: its kind.
        serial: the integer id it had.
        row: an object of the kind's schema.
        item: the same in DynamoDB's JSON.
        values: all columns as they were.
    """

    kind: Kind
    serial: int
    row: Any
    item: Item
    values: Mapping[str, str | None]

    @property
    def row_id(self) -> str:
        """Its id."""
        return self.kind.id_of(self.row)


def project_id(serial: int, namespace: UUID = NAMESPACE) -> str:
    """Return the id that a project gets: always the same for the same integer."""
    return str(uuid5(namespace, f"projects/{serial}"))


def moment(row: SourceRow, column: str) -> datetime | None:
    """Return a timestamp in UTC; `None` for NULL.

    Raises:
        RefusedError: if no `datetime` can hold it.
    """
    text = row.values[column]
    if text is None:
        return None
    try:
        return parse_timestamp(text)
    except (ValueError, OverflowError):
        raise RefusedError("invalid_time", f"{column}: cannot be held") from None


def checked(kind: Kind, row: SourceRow, own: Mapping[str, Any]) -> dict[str, Any]:
    """Check a row against the limits of new rows and return its fields.

    Args:
        kind: its kind.
        row: as it was.
        own: fields that are not as they were.

    Raises:
        RefusedError: if the create schema refuses it.
    """
    fields = {name: row.values.get(name) for name in kind.create.model_fields} | dict(own)
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        made = kind.create.model_validate(given)
    except ValidationError as error:
        raise _refusal(error) from error
    return {name: getattr(made, name) for name in kind.create.model_fields}


def _refusal(error: ValidationError) -> RefusedError:
    problem = error.errors(include_input=False, include_url=False)[0]
    field = str(problem["loc"][0]) if problem["loc"] else "row"
    fallback = "invalid_text" if problem["type"] == "value_error" else "invalid"
    detail = f"{field}: {problem['msg']}"
    if (problem["type"], field) == ("value_error", "email"):
        detail = "email: no valid address"  # the message can quote it
    return RefusedError(_REASON_OF.get((problem["type"], field), fallback), detail)


def converted(
    kind: Kind, row: SourceRow, fields: Mapping[str, Any], *, created: datetime, updated: datetime | None
) -> Converted:
    """Put a row together.

    Args:
        kind: its kind.
        row: as it was.
        fields: what `checked` returned, `project_id` filled in.
        created: when it was made.
        updated: when it was changed; `None`, or before it was made: never since.

    Raises:
        RefusedError: if it is over 400 KB, or a key over its limit.
    """
    times = {"created_at": created, "updated_at": max(created, updated or created)}
    made = kind.schema.model_construct(None, **fields, **times, version=1)
    try:
        item = item_of(kind, made)
    except ItemTooLargeError as error:
        raise RefusedError("item_too_large", str(error)) from error
    except InvalidInputError as error:
        raise RefusedError("invalid", str(error)) from error
    return Converted(kind, row.serial, made, item, row.values)


def item_of(kind: Kind, row: Any) -> Item:
    """Write a row as an item. A project is marked as one whose rows all carry its id, so that it is read at once.

    Raises:
        ItemTooLargeError: if it is over 400 KB.
        InvalidInputError: if a key is over its limit.
    """
    if kind is PROJECT:
        return _requests.item_of(kind, {**{name: vars(row)[name] for name in _requests.stored_fields(kind)}, **_MARK})
    return _requests.stored(kind, row)


_MARK = {"tree_format": 1}


def digest(kind: Kind, item: Item, *, whole: bool = False) -> bytes:
    """Return the SHA-256 of an item in a canonical form, as compact JSON: its attributes by name.

    Args:
        kind: the row's kind.
        item: the row.
        whole: attributes that the model does not know, too.
    """
    known = _requests.wire_types(kind)
    kept = {name: canonical(value) for name, value in item.items() if whole or name in known}
    return hashlib.sha256(orjson.dumps(kept, default=repr, option=orjson.OPT_SORT_KEYS)).digest()


def canonical(value: Any) -> Any:
    """Return a value with its sets in order: DynamoDB gives their elements in any."""
    if not isinstance(value, dict):
        return [canonical(one) for one in value] if isinstance(value, list) else value
    return {
        name: sorted(one) if name in {"SS", "NS", "BS"} and isinstance(one, list | tuple) else canonical(one)
        for name, one in value.items()
    }
