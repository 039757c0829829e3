"""A project as lines of JSON, for projects too big to be held in memory.

The first line is the project, each further one a row with `kind` (the key of its table in `TABLE_NAMES`), parents
before their children, siblings in the order they were created.
"""

import contextlib
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from dynamodb import _batches, _cascade, _growing, _layout, _reading, _requests, _rows, _writing
from dynamodb._growing import Branch
from dynamodb._validation import M, check_key, checked, each
from dynamodb.errors import AlreadyExistsError, DataLayerError, InvalidInputError
from models._copying import derived_id
from models._hierarchy import ProjectTreeCreate
from models._kinds import HIERARCHY, PROJECT, Kind, parent_kind
from models._values import MICROSECOND

#: Rows that are held at a time while a project is read in.
_WINDOW = 2000


def export_lines(project_id: str, user_id: str | None) -> Iterator[bytes]:
    """Read a project row by row.

    Args:
        project_id: the project.
        user_id: whose it must be; `None`: anyone's.

    Yields:
        Lines of JSON, each with its line feed. Only ids are held: those of rows that can have children.

    Raises:
        NotFoundError: if there is no such project.
    """
    project = _rows.find_shown(PROJECT, project_id)
    if project is None or user_id not in {None, project.user_id}:
        raise _writing.gone(PROJECT, project_id)
    yield _line(PROJECT, project)
    parents = {project.id}
    for kind, rows in _levels(project):
        here: set[str] = set()
        for row in rows:
            # The parent of a row just being created or deleted is not shown, nor is then what is under it.
            if kind.parent_of(row) in parents:
                here.add(kind.id_of(row))
                yield _line(kind, row)
        parents = here


def _levels(project: Any) -> Iterator[tuple[Kind, Iterable[Any]]]:
    if project.tree_format is None:  # rows of earlier writers are found by their parents only
        found = _reading.read_levels(project, _reading.whole_rows, hidden=False)
        for kind, rows in found.items():
            yield kind, _reading.in_order(kind, rows)
        return
    for kind in HIERARCHY[1:]:
        yield kind, _rows.iterate(_layout.current().by_project(kind, project.id), only=_requests.is_shown(kind))


def _line(kind: Kind, row: Any) -> bytes:
    fields = {name: vars(row)[name] for name in _requests.stored_fields(kind)}
    return orjson.dumps({"kind": kind.key, **fields}, option=orjson.OPT_APPEND_NEWLINE)


def import_lines(lines: Iterable[bytes | str], *, user_id: str | None, new_id: str | None, keep_ids: bool) -> str:
    """Write a project from the lines that `export_lines` gave.

    It is not shown until all of it is there. Where ids are kept, or `new_id` is given, the same call again finishes
    what an interrupted one began.

    Args:
        lines: lines of JSON, the project first.
        user_id: the new owner; `None`: the one in the first line.
        new_id: of the new project; the other ids follow from it and the old ones. Default: a new one.
        keep_ids: give every row the id that its line has.

    Returns:
        The new project's id.

    Raises:
        InvalidInputError: if a line is not what it should be, or a row comes before its parent; the message names it.
        AlreadyExistsError: if an id that is to be kept is taken.
        PartialWriteError: if some rows could not be written.
    """
    numbered = (
        (number, fields) for number, line in enumerate(each("lines", lines), start=1) if (fields := _read(number, line))
    )
    number, first = next(numbered, (1, {}))
    if first.pop("kind", None) != PROJECT.key:
        raise InvalidInputError(f"line {number}: is no project")
    old_id = _id(number, PROJECT.id_field, first)
    del first[PROJECT.id_field]
    project = {**first, **({"user_id": user_id} if user_id else {})}
    project_id = old_id if keep_ids else new_id
    tree = _checked(number, ProjectTreeCreate, {**project, **({"id": project_id} if project_id else {})})
    root = _growing.branch(PROJECT, tree, tree.user_id, None)
    root.token = hashlib.blake2b(f"lines\0{tree.id}".encode(), digest_size=16).hexdigest()
    given = [(PROJECT, tree.id)] if project_id else []
    _growing.begin(root, given)
    if not root.is_finished:
        try:
            _write(numbered, _Ids(old_id, tree.id, keep_ids=keep_ids), root)
        except (InvalidInputError, AlreadyExistsError):
            if not root.is_known:
                _take_back(tree.id)
            raise
        _growing.finish([root], above=list)
    return tree.id


def _take_back(project_id: str) -> None:
    """Delete what was written; where that fails, it stays hidden, and `doctor` finds it."""
    with contextlib.suppress(DataLayerError):
        _cascade.delete(PROJECT, project_id, user_id=None)


class _Ids:
    """Which new id stands for which old one, and which ids can have children."""

    def __init__(self, old_project_id: str, project_id: str, *, keep_ids: bool) -> None:
        self.project_id = project_id
        self.keep_ids = keep_ids
        self.old_project_id = old_project_id
        self.known = {(PROJECT, project_id)}

    def new(self, old_id: str) -> str:
        if old_id == self.old_project_id:
            return self.project_id
        return old_id if self.keep_ids else derived_id(self.project_id, old_id)


def _write(numbered: Iterator[tuple[int, dict[str, Any]]], ids: _Ids, root: Branch) -> None:
    kinds = {kind.key: kind for kind in HIERARCHY[1:]}
    moments = (root.root.created_at + number * MICROSECOND for number in itertools.count(1))
    for name, group in itertools.groupby(numbered, key=lambda line: str(line[1].get("kind"))):
        if name not in kinds:
            raise InvalidInputError(f"line {next(group)[0]}: {name!r} is no kind of row under a project")
        kind = kinds[name]
        rows = (_row(kind, *line, ids, next(moments)) for line in group)  # noqa: B031 - the other use of it raises
        while window := list(itertools.islice(rows, _WINDOW)):
            there = (
                {kind.id_of(row) for row in _batches.present(kind, window, complete=True)} if root.is_known else set()
            )
            new = [row for row in window if kind.id_of(row) not in there]
            if ids.keep_ids:
                _writing.refuse_known_ids((kind, kind.id_of(row)) for row in new)
            _batches.write(kind, new)


def _row(kind: Kind, number: int, fields: dict[str, Any], ids: _Ids, moment: Any) -> Any:
    above = parent_kind(kind)
    parent_id = ids.new(_id(number, str(kind.parent_field), fields))
    row_id = ids.new(_id(number, kind.id_field, fields))
    if (above, parent_id) not in ids.known:
        raise InvalidInputError(f"line {number}: its parent is on no line above")
    if (kind, row_id) in ids.known:
        raise InvalidInputError(f"line {number}: {kind.id_field} is on a line above, too")
    made = {
        str(kind.parent_field): parent_id,
        "project_id": ids.project_id,
        kind.id_field: row_id,
        "name": fields.get("name"),
        "description": fields.get("description"),
    }
    _checked(number, kind.create, made)
    ids.known.add((kind, row_id))
    row = kind.schema(**made, created_at=moment, version=1)
    _requests.stored(kind, row)  # refuses what is too large, before anything of it is written
    return row


def _id(number: int, field: str, fields: Mapping[str, Any]) -> str:
    return check_key(f"line {number}: {field}", fields.get(field))


def _checked(number: int, schema: type[M], fields: Mapping[str, Any]) -> M:
    try:
        return checked(schema, fields)
    except InvalidInputError as error:
        raise InvalidInputError(f"line {number}: {error}") from error


def _read(number: int, line: Any) -> dict[str, Any] | None:
    """Return what is on a line, `None` for an empty one."""
    if not isinstance(line, bytes | str):
        raise InvalidInputError(f"line {number}: is no text")
    if not line.strip():
        return None
    try:
        fields = orjson.loads(line)
    except ValueError as error:
        raise InvalidInputError(f"line {number}: is no JSON: {error}") from error
    if not isinstance(fields, dict) or not fields:
        raise InvalidInputError(f"line {number}: is no JSON object")
    return fields
