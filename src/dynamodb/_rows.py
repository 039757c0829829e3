"""Reading rows: one by its id, a place page by page, and the rows above one."""

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, create_model
from pynamodb.expressions.condition import Condition

from dynamodb import _layout, _requests
from dynamodb._decoding import Decoder, decoder
from dynamodb._layout import Place
from dynamodb._sending import at_once, send
from dynamodb.errors import ParentNotFoundError
from models._fields import wire_alias
from models._kinds import HIERARCHY, PROJECT, WAITLIST, Kind, parent_kind
from models._values import format_timestamp, parse_timestamp

S = TypeVar("S", bound=BaseModel)


@functools.cache
def row_schema(kind: Kind) -> type[Any]:
    """Return the schema of a row with this layer's own bookkeeping, which the public schemas leave out."""
    if kind is WAITLIST:
        return kind.schema
    return create_model(
        f"{kind.schema.__name__}Row",
        __base__=kind.schema,
        __cls_kwargs__={"alias_generator": wire_alias(kind.model)},
        tree_state=(str | None, None),
        tree_token=(str | None, None),
        tree_format=(int | None, None),
    )


def read(place: Place, into: Decoder[S], *, only: Condition | None = None) -> list[S]:
    """Read all rows of a place, every page of it."""
    return [row for page, _ in read_pages(place, into, only=only) for row in page]


def read_pages(
    place: Place,
    into: Decoder[S],
    *,
    limit: int | None = None,
    start: dict[str, Any] | None = None,
    newest_first: bool = False,
    only: Condition | None = None,
) -> Iterator[tuple[list[S], dict[str, Any] | None]]:
    """Read a place page by page, each with the key after which the next one begins (`None` at the end)."""
    if place.pointer:
        found = place.at(start[place.hash_key]["S"]) if start else follow(place)
        if found is None:
            yield [], None
            return
        place = found
    if not place.in_order:
        yield from _ordered_pages(place, into, limit, start, newest_first=newest_first, only=only)
        return
    while True:
        params = _requests.query(place, limit=limit, start=start, newest_first=newest_first, only=only)
        answer = send("Query", params, into)
        start = answer.get("LastEvaluatedKey")
        yield answer["Items"], start
        if not start:
            return


def follow(place: Place) -> Place | None:
    """Read the item that says where the rows of a place are; `None` where there is none."""
    pointer = {"TableName": place.table, "Key": place.pointer, "ConsistentRead": True}
    item = send("GetItem", pointer).get("Item")
    return None if item is None else _layout.current().pointed(place, item)


def _ordered_pages(
    place: Place,
    into: Decoder[Any],
    limit: int | None,
    start: dict[str, Any] | None,
    *,
    newest_first: bool,
    only: Condition | None,
) -> Iterator[tuple[list[Any], dict[str, Any] | None]]:
    """Read all rows of a place, order them as they were created, and give the pages that were asked for."""
    id_field = place.kind.id_field
    rows = read(replace(place, in_order=True), into, only=only)
    if start:
        after = parse_timestamp(start["created_at"]["S"]), start[id_field]["S"]
        is_left = operator.lt if newest_first else operator.gt
        rows = [row for row in rows if is_left((row.created_at, getattr(row, id_field)), after)]
    rows.sort(key=operator.attrgetter("created_at", id_field), reverse=newest_first)
    size = limit or len(rows) or 1
    for begin in range(0, len(rows) or 1, size):
        page = rows[begin : begin + size]
        last = None
        if begin + size < len(rows):
            last = {
                "created_at": {"S": format_timestamp(page[-1].created_at)},
                id_field: {"S": place.kind.id_of(page[-1])},
            }
        yield page, last


def iterate(place: Place, *, only: Condition | None = None) -> Iterator[Any]:
    """Go through all rows of a place, page after page."""
    for page, _ in read_pages(place, decoder(place.kind.schema), only=only):
        yield from page


def find(
    kind: Kind, row_id: str, schema: type[S], *, only: Condition | None = None, lead: dict[str, Any] | None = None
) -> S | None:
    """Find a row by its id alone, strongly consistent.

    An id can exist under two parents where two writers gave the same one at the same moment; the older row is the one
    that every reader sees.

    Args:
        kind: the row's kind.
        row_id: its id.
        schema: what it is read into.
        only: what must hold for it.
        lead: the item that leads to it, where that was just read.
    """
    place = _layout.current().by_id(kind, row_id)
    if place.pointer:
        return _find_behind(place, decoder(schema), only, lead)
    return oldest(kind, read(place, decoder(schema), only=only))


def _find_behind(
    place: Place, into: Decoder[S], only: Condition | None, lead: dict[str, Any] | None = None
) -> S | None:
    """Find the row that an item points to. Where it is not, it may just have been moved: the item is read again."""
    before = None
    found = _layout.current().pointed(place, lead) if lead else follow(place)
    while found is not None and found != before:
        rows = read(found, into, only=only)
        if rows:
            return rows[0]
        before, found = found, follow(place)
    return None


def find_shown(kind: Kind, row_id: str) -> Any | None:
    """Find a row, with its bookkeeping, that readers see."""
    return find(kind, row_id, row_schema(kind), only=_requests.is_shown(kind))


def oldest(kind: Kind, rows: Iterable[S]) -> S | None:
    """Return the row that stands for all rows of one id: the oldest."""

    def age(row: Any) -> tuple[Any, ...]:
        return row.created_at, _layout.name(kind, row)

    return min(rows, key=age, default=None)


def ancestors(
    kind: Kind, parent_id: str, *, user_id: str | None, known: Sequence[tuple[Kind, Any]] = ()
) -> list[tuple[Kind, Any]]:
    """Read the rows above a row of a kind: its parent first, its project last.

    Args:
        kind: of the row whose parent is given.
        parent_id: the id of the parent.
        user_id: whose project it must be; `None`: anyone's.
        known: rows that were just read, and need not be read again.

    Raises:
        ParentNotFoundError: if one of them is absent, another owner's, or being created or deleted.
    """
    above = parent_kind(kind)
    if above is None:
        return []
    read = partial(_shown, {(level, level.id_of(row)): row for level, row in known})
    parent = read(above, parent_id)
    if above is PROJECT:
        chain = [(PROJECT, parent)]
    elif parent.project_id:
        project, between = at_once([partial(read, PROJECT, parent.project_id), partial(_between, above, parent, read)])
        chain = [(above, parent), *between, (PROJECT, project)]
    else:
        between = [(above, parent), *_between(above, parent, read)]
        chain = [*between, (PROJECT, read(PROJECT, between[-1][1].project_id))]
    if user_id not in {None, chain[-1][1].user_id}:
        raise _missing(above, parent_id)
    return chain


def _between(kind: Kind, row: Any, read: Callable[[Kind, str], Any]) -> list[tuple[Kind, Any]]:
    """Read the rows between a row and its project, both left out."""
    rows: list[tuple[Kind, Any]] = []
    while (above := HIERARCHY[HIERARCHY.index(kind) - 1]) is not PROJECT:
        row, kind = read(above, kind.parent_of(row)), above
        rows.append((kind, row))
    return rows


def _shown(known: Mapping[tuple[Kind, str], Any], kind: Kind, row_id: str) -> Any:
    row = known.get((kind, row_id)) or find_shown(kind, row_id)
    if row is None:
        raise _missing(kind, row_id)
    return row


def _missing(kind: Kind, row_id: str) -> ParentNotFoundError:
    return ParentNotFoundError(
        f"there is no {kind.label} {row_id!r}, or it is just being created or deleted; nothing was written",
        table=_layout.current().table(kind),
        key=row_id,
    )


def project_of(kind: Kind, row: Any) -> str | None:
    """Return the id of the project that a row belongs to; rows of earlier writers are climbed from.

    Returns:
        `None` where a row above is missing.
    """
    while kind is not PROJECT:
        if known := getattr(row, "project_id", None):
            return str(known)
        parent_id, kind = kind.parent_of(row), HIERARCHY[HIERARCHY.index(kind) - 1]
        row = find(kind, parent_id, row_schema(kind))
        if row is None:
            return None
    return str(row.id)


def belongs_to(kind: Kind, row: Any, user_id: str | None) -> bool:
    """Say whether a row is an owner's; to `None` belongs everything."""
    if user_id is None:
        return True
    if kind is PROJECT:
        return bool(row.user_id == user_id)
    project_id = project_of(kind, row)
    return project_id is not None and owns_project(user_id, project_id)


def owns_project(user_id: str, project_id: str) -> bool:
    """Say whether a project is an owner's, strongly consistent, in one request.

    The key is not asked for: where one id stands under two owners, what is under it is the older project's alone.
    """
    row: Any = find(PROJECT, project_id, _layout.current().key_schema(PROJECT))
    return row is not None and row.tree_state is None and bool(row.user_id == user_id)
