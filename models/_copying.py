"""Turning a stored tree into a new one."""

import hashlib
from typing import Any
from uuid import UUID

from models._hierarchy import ProjectTree, ProjectTreeCreate
from models._kinds import PROJECT, Kind, child_kind


def copy_of(
    tree: ProjectTree, new_id: str, *, name: str | None = None, user_id: str | None = None
) -> tuple[ProjectTreeCreate, dict[str, str]]:
    """Return a new tree of the same shape and order, and the map from old to new ids.

    Args:
        tree: what is copied.
        new_id: of the new project. The other new ids follow from it and the old ones.
        name: of the new project; default: the same.
        user_id: its owner; default: the same.

    Raises:
        ValidationError: if a field is outside the limits of new rows: those of earlier writers can be.
    """
    new_ids = {tree.id: new_id}
    data = _node(PROJECT, tree, new_ids, tree.id)
    data |= {
        "id": new_id,
        "name": tree.name if name is None else name,
        "user_id": tree.user_id if user_id is None else user_id,
    }
    return ProjectTreeCreate.model_validate(data), new_ids


def _node(kind: Kind, row: Any, new_ids: dict[str, str], project_id: str) -> dict[str, Any]:
    old_id = kind.id_of(row)
    text = "initial_prompt" if kind is PROJECT else "description"
    if old_id not in new_ids:
        new_ids[old_id] = derived_id(new_ids[project_id], old_id)
    made = {kind.id_field: new_ids[old_id], "name": row.name, text: getattr(row, text)}
    below = child_kind(kind)
    if below:
        made[str(kind.children_field)] = [
            _node(below, child, new_ids, project_id) for child in getattr(row, str(kind.children_field))
        ]
    return made


def derived_id(project_id: str, old_id: str) -> str:
    """Return the new id of a copied row: always the same for the same new project and old id.

    It has the form of a UUID version 7: the time is the new project's, the rest a hash (RFC 9562, section 5.7).

    Args:
        project_id: of the new project.
        old_id: of the row that is copied.
    """
    digest = hashlib.blake2b(f"{project_id}\0{old_id}".encode(), digest_size=16).digest()
    random, milliseconds = int.from_bytes(digest), _milliseconds(project_id)
    bits = milliseconds << 80 | 0x7 << 76 | (random >> 62 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return str(UUID(int=bits))


def _milliseconds(project_id: str) -> int:
    try:
        return UUID(project_id).int >> 80
    except ValueError:
        return 0
