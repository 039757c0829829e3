"""What is there under an id: all rows that have it, and the item that leads to one of them, where a layout has such."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from dynamodb import _layout
from dynamodb._requests import Item, Params
from dynamodb._sending import at_once
from dynamodb._transactions import Action
from dynamodb.doctor import _stored
from dynamodb.doctor._stored import Row
from models._kinds import Kind

#: Where rows were seen that nothing may lead to: the values of their primary keys, by kind (its key) and id.
Known = Mapping[tuple[str, str], Collection[tuple[str, ...]]]


class Found(NamedTuple):
    """What there is under an id.

    Attributes:
        rows: usually one.
        lead: the item that leads to a row; `None` where there is none, or the layout needs none.
    """

    rows: list[Row]
    lead: Item | None


def look(kind: Kind, row_id: str, known: Iterable[tuple[str, ...]] = ()) -> Found:
    """Read what there is under an id, strongly consistent.

    Args:
        kind: of the rows.
        row_id: the id.
        known: where more of its rows were seen.
    """
    layout = _layout.current()
    place = layout.by_id(kind, row_id)
    lead = _stored.get_item(place.table, place.pointer) if place.pointer else None
    if lead is not None and (led := layout.lead(lead)) and led.key:
        rows = [_stored.get(kind, led.key)]
    else:
        rows = [] if place.pointer else list(_stored.with_id(kind, row_id))
    there = {row.at for row in rows if row}
    rows += [_stored.get(kind, _stored.key_at(kind, at)) for at in known if at not in there]
    return Found([row for row in rows if row and _is(row, row_id)], lead)


def _is(row: Row, row_id: str) -> bool:
    """Say whether a row that was read by its key is one of an id: a lead can lead astray."""
    layout = _layout.current()
    return row.kind in layout.kind_of(layout.table(row.kind), row.key) and row.row_id == row_id


def look_all(kind: Kind, row_ids: Iterable[str], known: Known) -> dict[str, Found]:
    """Read what there is under several ids, at the same time."""
    wanted = list(row_ids)
    calls: list[Callable[[], Found]] = [
        partial(look, kind, row_id, known.get((kind.key, row_id), ())) for row_id in wanted
    ]
    return dict(zip(wanted, at_once(calls), strict=True))


def is_needed(kind: Kind) -> bool:
    """Say whether rows of a kind need an item that leads to them."""
    return _layout.current().by_id(kind, "any").pointer is not None


def leads_to(lead: Item | None, row: Row) -> bool:
    """Say whether an item leads to a row."""
    led = _layout.current().lead(lead) if lead is not None else None
    return led is not None and led.key == row.key


def leading(kind: Kind, item: Item, instead_of: Item | None) -> list[Action]:
    """Build the Puts of what leads to a row.

    Args:
        kind: of the row.
        item: the row as it is stored.
        instead_of: what is there now, and must be there still.
    """
    layout = _layout.current()
    if instead_of is None:
        condition: Params = {
            "ConditionExpression": "attribute_not_exists(#k)",
            "ExpressionAttributeNames": {"#k": layout.key_names(kind)[0]},
        }
    else:
        condition = _stored.same(instead_of, instead_of)
    companions = layout.companions(kind, item)
    return [{"Put": {"TableName": layout.table(kind), "Item": one, **condition}} for one in companions]


def unleading(kind: Kind, lead: Item) -> Params:
    """Build the Delete of what leads to a row, or to nothing, as it was read."""
    layout = _layout.current()
    names = layout.key_names(kind)
    return {
        "TableName": layout.table(kind),
        "Key": {name: lead[name] for name in names},
        **_stored.same(lead, lead),
    }


def still_there(row: Row) -> Action:
    """Build the check that a row is where it was read, and as visible as it was."""
    layout = _layout.current()
    condition = _stored.same(row.item, [layout.key_names(row.kind)[0], "tree_state"])
    return {"ConditionCheck": {"TableName": layout.table(row.kind), "Key": row.key, **condition}}
