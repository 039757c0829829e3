"""Giving a node another parent. The parent is part of the key, so the row is deleted and put in one transaction."""

from collections.abc import Callable
from functools import partial
from typing import Any

from dynamodb import _layout, _requests, _rows, _transactions, _twins
from dynamodb._decoding import decoder
from dynamodb._sending import Backoff, at_once, send
from dynamodb._transactions import Action
from dynamodb._translation import TransactionCanceledError
from dynamodb.errors import (
    CrossProjectMoveError,
    InvalidInputError,
    NotFoundError,
    ParentNotFoundError,
    ThrottledError,
)
from models._kinds import HIERARCHY, PROJECT, USER_FLOW, Kind, parent_kind
from models._values import format_timestamp

_FAILED = "ConditionalCheckFailed"


def locate(
    uiid: str, kinds: tuple[Kind, ...] = HIERARCHY, schema: Callable[[Kind], type[Any]] = _rows.row_schema
) -> tuple[Kind, Any] | None:
    """Find a row that is shown by its id alone, on whatever level.

    That is one request for each level, at the same time. Where items lead to rows, it is one for those of the id on all
    levels, and then one for each row.

    Args:
        uiid: the id.
        kinds: the levels.
        schema: how the row is read.
    """
    layout = _layout.current()
    leads: dict[Kind, dict[str, Any]] = {}
    if place := layout.leads(uiid):
        items = send("Query", _requests.query(place))["Items"]
        leads = {lead.kind: item for item in items if (lead := layout.lead(item)) and lead.key}
        kinds = tuple(kind for kind in kinds if kind in leads or kind is PROJECT)

    def find(kind: Kind) -> Any:
        return _rows.find(kind, uiid, schema(kind), only=_requests.is_shown(kind), lead=leads.get(kind))

    rows = at_once(partial(find, kind) for kind in kinds)
    return next(((kind, row) for kind, row in zip(kinds, rows, strict=True) if row is not None), None)


def move(uiid: str, new_parent_uiid: str, *, user_id: str | None) -> Any:
    """Give a node another parent in the same project.

    Args:
        uiid: of a high-level or low-level requirement, or a test case.
        new_parent_uiid: of a row one level above it.
        user_id: whose both must be; `None`: anyone's.

    Returns:
        The node as it is now, its version raised by one; its id and all that is under it stay.

    Raises:
        NotFoundError: if there is no such node.
        ParentNotFoundError: if there is no such parent, or it is being deleted.
        InvalidInputError: if the parent is on another level than one above, or the node is a user flow or a project.
        CrossProjectMoveError: if the parent belongs to another project.
        ThrottledError: if others kept changing the node until the time limit.
    """
    backoff = Backoff()
    while True:
        found = locate(uiid, HIERARCHY[1:])
        if found is None or not _rows.belongs_to(*found, user_id):
            raise NotFoundError(f"there is no node {uiid!r}", key=uiid)
        kind, row = found
        if kind is USER_FLOW:
            raise InvalidInputError("uiid: a user flow cannot be moved; copy the project instead")
        new_above = rows_above(kind, new_parent_uiid, field="new_parent_uiid", user_id=user_id)
        project_id, old_project_id = new_above[-1][1].id, _rows.project_of(kind, row)
        if project_id != old_project_id:
            raise CrossProjectMoveError(
                f"{new_parent_uiid!r} belongs to project {project_id!r}, not {old_project_id!r}; copy it instead",
                key=uiid,
            )
        if kind.parent_of(row) == new_parent_uiid:
            return decoder(kind.schema).item(_item(kind, row))
        old_above = _rows.ancestors(kind, kind.parent_of(row), user_id=user_id, known=new_above)
        moved = _try(kind, row, new_above, old_above)
        if moved is not None:
            return moved
        if not backoff.wait():
            raise ThrottledError(f"others kept changing {uiid!r}; try again later", key=uiid)


def rows_above(kind: Kind, parent_id: str, *, field: str, user_id: str | None) -> list[tuple[Kind, Any]]:
    """Read the rows above a row of a kind, and tell a parent of another level from one that is not there.

    Args:
        kind: of the row.
        parent_id: the id of its parent.
        field: what the caller calls the parent.
        user_id: whose project it must be; `None`: anyone's.

    Raises:
        ParentNotFoundError: if one of them is absent, another owner's, or being created or deleted.
        InvalidInputError: if there is a row with the parent's id, but on another level.
    """
    try:
        return _rows.ancestors(kind, parent_id, user_id=user_id)
    except ParentNotFoundError:
        wanted, other = parent_kind(kind), locate(parent_id)
        if wanted and other and other[0] is not wanted and _rows.belongs_to(*other, user_id):
            raise InvalidInputError(
                f"{field}: {parent_id!r} is a {other[0].label}; a {kind.label} belongs to a {wanted.label}"
            ) from None
        raise


def _item(kind: Kind, row: Any) -> dict[str, Any]:
    """Read a row's whole item, attributes that this layer does not know included."""
    params = {
        "TableName": _layout.current().table(kind),
        "Key": _layout.current().key(kind, row),
        "ConsistentRead": True,
    }
    item: dict[str, Any] = send("GetItem", params).get("Item", {})
    return item


def _try(kind: Kind, row: Any, new_above: list[tuple[Kind, Any]], old_above: list[tuple[Kind, Any]]) -> Any | None:
    """Send the transaction. Returns `None` where a row was changed or moved since it was read."""
    item = _item(kind, row)
    if not item:
        return None
    version = int(item.get("version", {}).get("N", "0"))
    changed = {
        **item,
        str(kind.parent_field): {"S": new_above[0][0].id_of(new_above[0][1])},
        "project_id": {"S": new_above[-1][1].id},
        "updated_at": {"S": format_timestamp()},
        "version": {"N": str(version + 1)},
    }
    moved = _layout.current().item(kind, changed)
    _requests.check_size(kind, moved)
    unchanged = _requests.is_there(kind) & _requests.has_version(kind, version)
    # The rows above the old place, too: what is being deleted there must not lose a part that escapes half-way.
    above = {_layout.name(level, one): (level, one) for level, one in [*new_above, *old_above]}
    layout = _layout.current()
    actions: list[Action] = [
        {"Put": _requests.put(kind, moved)},
        {"Delete": _requests.delete(kind, row, unchanged)},
        *({"Put": {"TableName": layout.table(kind), "Item": one}} for one in layout.companions(kind, moved)),
        *({"Put": one} for one in _twins.puts(kind, moved)),
        *({"Delete": one} for one in _twins.deletes(kind, row, alone=True)),
        *({"ConditionCheck": _requests.check(level, one)} for level, one in above.values()),
    ]
    try:
        _transactions.transact(actions)
    except TransactionCanceledError as error:
        reasons = error.reasons
        if any(reason.get("Code") not in {"None", _FAILED} for reason in reasons):
            raise
        # The new row is there as it was sent: an unanswered try had succeeded.
        return decoder(kind.schema).item(moved) if reasons and reasons[0].get("Item") == moved else None
    return decoder(kind.schema).item(moved)
