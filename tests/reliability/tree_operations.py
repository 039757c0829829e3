"""Whole trees: read, written, added to, moved, copied, deleted, written to lines and read from them."""

import json
from typing import Any

from dynamodb.repositories import HierarchyRepository, UserFlowRepository
from models.requirement import HighLevelRequirementTreeCreate, ProjectTreeCreate, UserFlowTreeCreate
from reliability import world
from reliability.operations import Operation

_MEDIUM = world.tree("m", width=world.MEDIUM)
#: 1 + 3 + 12 + 72 + 216 rows.
LARGE = (3, 4, 6, 3)
_SMALL = world.tree("s", width=(2, 1, 2, 1))


def with_medium() -> world.Rows:
    """The small world and a project of 153 rows."""
    return [*world.small(), *world.stored(_MEDIUM)]


def medium() -> ProjectTreeCreate:
    """A tree of 153 rows whose ids are made with it; that of a flow is given."""
    tree = world.tree("m", width=world.MEDIUM, ids=False)
    tree["flows"][0]["uiid"] = "m.0"
    return ProjectTreeCreate.model_validate(tree)


def _unnamed(width: tuple[int, ...]) -> list[dict[str, Any]]:
    return world.nodes("n", width, ids=False)


def lines_of(tree: dict[str, Any]) -> list[bytes]:
    """A tree with ids as the lines that an export has: level by level."""
    levels: dict[str, list[dict[str, Any]]] = {}
    for table, row in world.stored(tree):
        fields = {name: next(iter(value.values())) for name, value in row.items() if name != "tree_format"}
        levels.setdefault(table, []).append({"kind": table, **fields, "version": 1})
    return [json.dumps(row).encode() for rows in levels.values() for row in rows]


_READS = [
    Operation("tree: load", lambda: HierarchyRepository().load("p")),
    Operation("tree: load for an owner", lambda: HierarchyRepository(user_id="ada").load("p")),
    Operation("tree: load an earlier writer's", lambda: HierarchyRepository(user_id="ada").load("old")),
    Operation("tree: load subtree", lambda: HierarchyRepository(user_id="ada").load_subtree("f1")),
    Operation("tree: load a test case", lambda: HierarchyRepository().load_subtree("t1")),
    Operation("tree: export", lambda: list(HierarchyRepository(user_id="ada").export_lines("p"))),
    Operation("tree: export an earlier writer's", lambda: list(HierarchyRepository().export_lines("old"))),
]

_CREATES = [
    Operation("tree: create 9", lambda: HierarchyRepository().create(_SMALL)),
    Operation(
        "tree: create 13 without ids",
        lambda: HierarchyRepository().create(world.tree("s", width=(2, 1, 2, 1), ids=False)),
    ),
    Operation(
        "tree: create 153", lambda tree: HierarchyRepository(user_id="ada").create(tree), atomic=False, given=medium
    ),
    Operation(
        "tree: import, new id",
        lambda: HierarchyRepository(user_id="ada").import_lines(lines_of(_SMALL), new_id="imported"),
        atomic=False,
    ),
    Operation(
        "tree: import 153, new id",
        lambda: HierarchyRepository(user_id="ada").import_lines(lines_of(_MEDIUM), new_id="imported"),
        atomic=False,
    ),
    Operation(
        "tree: import, ids kept",
        lambda: HierarchyRepository().import_lines(lines_of(_SMALL), keep_ids=True),
        atomic=False,
    ),
    Operation("tree: copy", lambda: HierarchyRepository(user_id="ada").copy_project("p", name="copy", new_id="c")),
    Operation("tree: copy without id", lambda: HierarchyRepository().copy_project("p", user_id="bob")),
    Operation("tree: copy 153", lambda: HierarchyRepository().copy_project("m", new_id="c"), with_medium, atomic=False),
]

_CHANGES = [
    Operation("tree: append 6", lambda: HierarchyRepository(user_id="ada").append("f2", world.nodes("n", (2, 1, 1)))),
    Operation(
        "tree: append a flow", lambda: HierarchyRepository().append("p", world.nodes("n", (1, 1, 1, 1), ids=False))
    ),
    Operation(
        "tree: append 120",
        lambda nodes: HierarchyRepository().append("f2", nodes),
        atomic=False,
        given=lambda: [HighLevelRequirementTreeCreate.model_validate(one) for one in _unnamed((4, 5, 5))],
    ),
    Operation("tree: move an hlr", lambda: HierarchyRepository(user_id="ada").move("h1", "f2")),
    Operation("tree: move an llr", lambda: HierarchyRepository().move("l1", "h3")),
    Operation("tree: move a test case", lambda: HierarchyRepository(user_id="ada").move("t1", "l3")),
    Operation("tree: move nowhere", lambda: HierarchyRepository().move("t1", "l1")),
]

_DELETES = [
    Operation(
        "tree: delete", lambda: HierarchyRepository(user_id="ada").delete_project("p"), atomic=False, removes=True
    ),
    Operation(
        "tree: delete 153", lambda: HierarchyRepository().delete_project("m"), with_medium, atomic=False, removes=True
    ),
    Operation("tree: delete dry", lambda: HierarchyRepository().delete_project("p", dry_run=True)),
]


def _large_rows() -> world.Rows:
    return [*world.small(), *world.stored(world.tree("m", width=LARGE))]


#: The long ones; a process is killed in each of them.
LONG_OPERATIONS = [
    Operation(
        "create 304",
        lambda tree: HierarchyRepository().create(tree),
        atomic=False,
        given=lambda: ProjectTreeCreate.model_validate(world.tree("m", width=LARGE, ids=False)),
    ),
    Operation(
        "append 120",
        lambda nodes: HierarchyRepository(user_id="ada").append("p", nodes),
        atomic=False,
        given=lambda: [UserFlowTreeCreate.model_validate(node) for node in _unnamed((3, 3, 4, 2))],
    ),
    Operation("copy 304", lambda: HierarchyRepository().copy_project("m", new_id="c"), _large_rows, atomic=False),
    Operation(
        "import 304",
        lambda: HierarchyRepository(user_id="ada").import_lines(
            lines_of(world.tree("m", width=LARGE)), new_id="imported"
        ),
        atomic=False,
    ),
    Operation("delete 304", lambda: HierarchyRepository().delete_project("m"), _large_rows, atomic=False, removes=True),
    Operation("delete a flow", lambda: UserFlowRepository().delete("m.0"), _large_rows, atomic=False, removes=True),
]

TREE_OPERATIONS = [*_READS, *_CREATES, *_CHANGES, *_DELETES]
