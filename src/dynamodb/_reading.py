"""Reading trees: a project in one go, or what is under one row level by level.

A project is the project's row and one index query for each level, all at the same time. Rows of earlier writers lack
`project_id`, and tables deployed earlier lack its index: there, the children of each row are asked for by their parent.
"""

import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from dynamodb import _layout, _requests, _rows
from dynamodb._decoding import Decoder, decoder, mixed_decoder
from dynamodb._layout import Place
from dynamodb._sending import at_once
from dynamodb._translation import IndexNotFoundError
from models._kinds import HIERARCHY, PROJECT, Kind, child_kind

R = TypeVar("R", bound=Any)

#: How the rows of a level are read: the decoder, which says what of them is kept.
Reader = Callable[[Kind], Decoder[Any]]

LEVELS = HIERARCHY[1:]


def whole_rows(kind: Kind) -> Decoder[Any]:
    """Read rows as the nodes of a tree."""
    return decoder(kind.tree)


def read_project(project_id: str, user_id: str | None) -> Any | None:
    """Read a project with all that is under it, in one wave of requests where its rows are known to be complete.

    Returns:
        A `ProjectTree`; `None` where there is no such project that is shown and the owner's.
    """
    whole = _layout.current().whole_project(project_id)
    if whole is not None:
        return _read_whole(whole, user_id)
    reads = _level_reads(project_id, whole_rows, hidden=False)
    # The caller's own thread reads what is first. The lowest level is the largest, and the heap of each other thread
    # keeps what the parsing of a page takes: several megabytes.
    *levels, project = at_once([*reversed(reads), partial(_rows.find_shown, PROJECT, project_id)])
    levels.reverse()
    if project is None or user_id not in {None, project.user_id}:
        return None
    return _tree_of(project, _complete(project, levels, whole_rows, hidden=False))


def _tree_of(project: Any, levels: Sequence[list[Any]]) -> Any:
    # Not validated again, so that a cold start need not wait for Pydantic to build the validator of a whole tree.
    root = PROJECT.tree.model_construct(**{name: vars(project)[name] for name in _requests.stored_fields(PROJECT)})
    assemble(PROJECT, [root], levels)
    return root


def _read_whole(place: Place, user_id: str | None) -> Any | None:
    """Read a project that lies in one place, its own row first. No more is read of one that is not shown."""
    rows: dict[Kind, list[Any]] = {kind: [] for kind in HIERARCHY}
    for _ in _pages_by_kind(place, rows, whole_rows, hidden=False):
        projects = rows[PROJECT]
        if not projects or user_id not in {None, projects[0].user_id}:
            return None
    [project], *levels = rows.values()
    assemble(PROJECT, [project], levels)
    return project


def _pages_by_kind(place: Place, rows: dict[Kind, list[Any]], reader: Reader, *, hidden: bool) -> Iterator[None]:
    """Read rows of several kinds from one place and add them to those of their kind, page by page."""
    schemas: dict[Kind, Any] = {kind: reader(kind).schema for kind in rows}
    into = mixed_decoder(place.type_field, {kind.key: schema for kind, schema in schemas.items()})
    of_type = {schema: rows[kind] for kind, schema in schemas.items()}
    for page, _ in _rows.read_pages(place, into, only=None if hidden else _requests.is_shown(PROJECT)):
        for row in page:
            of_type[type(row)].append(row)
        yield


def read_levels(project: Any, reader: Reader, *, hidden: bool) -> dict[Kind, list[Any]]:
    """Read all rows under a project by level, doubles included.

    Args:
        project: the project's row, with its bookkeeping.
        reader: what of the rows is kept.
        hidden: rows under which a tree is just coming or going, too.
    """
    whole = _layout.current().whole_project(project.id)
    if whole is not None:
        rows: dict[Kind, list[Any]] = {kind: [] for kind in HIERARCHY}
        for _ in _pages_by_kind(whole, rows, reader, hidden=hidden):
            pass
        return {kind: rows[kind] for kind in LEVELS}
    levels = at_once(_level_reads(project.id, reader, hidden=hidden))
    return dict(zip(LEVELS, _complete(project, levels, reader, hidden=hidden), strict=True))


def _level_reads(project_id: str, reader: Reader, *, hidden: bool) -> list[Callable[[], Any]]:
    # The decoders are built before the threads begin.
    into = {kind: reader(kind) for kind in LEVELS}
    return [partial(_by_project, kind, project_id, into[kind], hidden=hidden) for kind in LEVELS]


def _by_project(kind: Kind, project_id: str, into: Decoder[Any], *, hidden: bool) -> list[Any] | None:
    """Read a level of a project by its index; `None` where the table has none."""
    only = None if hidden else _requests.is_shown(kind)
    try:
        return _rows.read(_layout.current().by_project(kind, project_id), into, only=only)
    except IndexNotFoundError:
        return None


def _complete(project: Any, levels: list[list[Any] | None], reader: Reader, *, hidden: bool) -> list[list[Any]]:
    """Add the rows that an index query by project cannot find: those without `project_id`."""
    flows, *below = levels
    if flows is None:
        raise IndexNotFoundError(f"{_layout.current().table(LEVELS[0])} has no project_id-index; create it")
    complete = project.tree_format is not None and None not in below
    full = [flows]
    for above, kind, found in zip(LEVELS, LEVELS[1:], below, strict=False):
        # A row without a version is an earlier writer's; so may be its children, also in a complete project.
        asked = [row for row in full[-1] if not (complete and row.version)]
        more = children(kind, map(above.id_of, asked), reader(kind), project_id=project.id, hidden=hidden)
        if found is None and more is None:
            raise IndexNotFoundError(
                f"{_layout.current().table(kind)} has neither project_id-index nor parent_uiid-index"
            )
        full.append(_without_repeats(kind, found or [], more or []))
    return full


def _without_repeats(kind: Kind, found: list[R], more: list[R]) -> list[R]:
    """Join rows that were read in two ways; a row is told by its whole key."""
    if not more:
        return found
    key = attrgetter(*_layout.name_fields(kind))
    return list({key(row): row for row in [*more, *found]}.values())


def children(
    kind: Kind, parent_ids: Iterable[str], into: Decoder[Any], *, project_id: str | None = None, hidden: bool = False
) -> list[Any] | None:
    """Read the children of many rows, several at the same time; `None` where the table has no index for it.

    Args:
        kind: the children's kind.
        parent_ids: the ids of the rows above.
        into: what of the children is kept.
        project_id: the project of them all, where it is known.
        hidden: rows under which a tree is just coming or going, too.
    """
    only = None if hidden else _requests.is_shown(kind)
    layout = _layout.current()
    places = [layout.by_parent(kind, parent_id, project_id) for parent_id in parent_ids]
    try:
        found = at_once(partial(_rows.read, place, into, only=only) for place in places)
    except IndexNotFoundError:
        return None
    return [row for rows in found for row in rows]


def unique(kind: Kind, rows: list[R]) -> list[R]:
    """Leave out doubles: of rows of one id the oldest stays, as every reader has it."""
    id_of = attrgetter(kind.id_field)
    if len(set(map(id_of, rows))) == len(rows):
        return rows
    by_id: dict[str, list[R]] = {}
    for row in rows:
        by_id.setdefault(id_of(row), []).append(row)
    return [same[0] if len(same) == 1 else _rows.oldest(kind, same) for same in by_id.values()]  # type: ignore[misc]


def in_order(kind: Kind, rows: list[R]) -> list[R]:
    """Order rows as they were created. An index with a sort key gives them so, and only has to be believed."""
    times = list(map(attrgetter("created_at"), rows))
    if all(map(operator.lt, times, itertools.islice(times, 1, None))):
        return rows
    return sorted(rows, key=attrgetter("created_at", kind.id_field))


def assemble(kind: Kind, roots: Sequence[Any], levels: Sequence[list[Any]]) -> None:
    """Hang the rows of each level under their parents, siblings in the order they were created.

    Rows whose parent is not among those above (it is hidden, or gone) are left out, with what is under them.
    """
    parents = {kind.id_of(row): row for row in roots}
    for level in levels:
        below = child_kind(kind)
        if below is None:
            return
        rows = in_order(below, unique(below, level))
        children_of = attrgetter(str(kind.children_field))
        # As many loops as possible run without bytecode: a tree has tens of thousands of rows.
        for row, parent in zip(rows, map(parents.get, map(attrgetter(str(below.parent_field)), rows)), strict=True):
            if parent is not None:
                children_of(parent).append(row)
        if below.children_field:
            # Rows that were left out are in it, too: what hangs under them hangs on nothing.
            parents = dict(zip(map(attrgetter(below.id_field), rows), rows, strict=True))
        kind = below


def read_subtree(kind: Kind, root: Any) -> Any:
    """Read what is under a row, level by level: nothing else is read.

    Args:
        kind: the row's kind.
        root: the row, as it was just read, as the node of a tree.

    Returns:
        The row with all that is under it.
    """
    levels: list[list[Any]] = []
    parents, above = [root], kind
    while (below := child_kind(above)) and parents:
        parents = read_below(below, parents, root_kind=kind, root=root, reader=whole_rows, hidden=False)
        levels.append(parents)
        above = below
    assemble(kind, [root], levels)
    return root


def read_below(
    kind: Kind, parents: Sequence[Any], *, root_kind: Kind, root: Any, reader: Reader, hidden: bool
) -> list[Any]:
    """Read the rows of a level that have one of these parents.

    Args:
        kind: the level.
        parents: the rows above it.
        root_kind: the kind of `root`.
        root: a row above them all. Where the table has no index for parents, all of its project's rows are read.
        reader: what of the rows is kept.
        hidden: rows under which a tree is just coming or going, too.
    """
    above = HIERARCHY[HIERARCHY.index(kind) - 1]
    parent_ids = [above.id_of(row) for row in parents]
    project_id = root.id if root_kind is PROJECT else root.project_id
    found = children(kind, parent_ids, reader(kind), project_id=project_id, hidden=hidden)
    if found is not None:
        return found
    rows = _by_project(kind, _rows.project_of(root_kind, root) or "", reader(kind), hidden=hidden)
    if rows is None:
        raise IndexNotFoundError(f"{_layout.current().table(kind)} has neither project_id-index nor parent_uiid-index")
    wanted = set(parent_ids)
    return [row for row in rows if kind.parent_of(row) in wanted]
