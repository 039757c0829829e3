"""Calls for one owner, given ids of either, and whether their answers show anything of the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dynamodb.errors import DataLayerError, VersionConflictError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
    WaitlistRepository,
)
from models.requirement import ProjectEntity
from reliability import world
from reliability.tree_operations import lines_of

#: In every text of Bob's rows.
SECRET = "what bob keeps to himself"
ADA = "ada"

ADAS_IDS = ("p", "f1", "f2", "h1", "h2", "l1", "l2", "t1", "t2", "old", "old-h")
BOBS_IDS = ("q", "qf", "qh", "ql", "qt")
NOWHERE = "nowhere"

#: Takes two ids and a number.
Call = Callable[[str, str, int], Any]

_LEVELS: Mapping[str, Any] = {
    "project": ProjectRepository,
    "flow": UserFlowRepository,
    "hlr": HighLevelRequirementRepository,
    "llr": LowLevelRequirementRepository,
    "test case": TestCaseRepository,
}


def rows() -> world.Rows:
    """Ada's rows, and Bob's with his secret in every text."""
    return [*world.ada(), *world.earlier(), *world.waitlist(), *bobs_rows()]


def bobs_rows() -> world.Rows:
    texts = ("name", "description", "initial_prompt")
    return [
        (table, {name: {"S": f"{SECRET} {value['S']}"} if name in texts else value for name, value in item.items()})
        for table, item in world.bob()
    ]


def _of_rows(label: str, repository: Any) -> dict[str, Call]:
    made = repository(user_id=ADA)
    return {
        f"{label}: get": lambda one, two, n: made.get(one),
        f"{label}: find": lambda one, two, n: made.find(one),
        f"{label}: update": lambda one, two, n: made.update(one, {"name": f"new {n}"}),
        f"{label}: update a version": lambda one, two, n: made.update(one, {"name": "x"}, expected_version=n),
        f"{label}: delete": lambda one, two, n: made.delete(one),
        f"{label}: delete dry": lambda one, two, n: made.delete(one, dry_run=True),
    }


def _of_children(label: str, repository: Any) -> dict[str, Call]:
    made = repository(user_id=ADA)
    key = "project_id" if label == "flow" else "parent_uiid"
    calls: dict[str, Call] = {
        f"{label}: create": lambda one, two, n: made.create({key: one, "name": "new", "uiid": f"new {n}"}),
        f"{label}: create many": lambda one, two, n: made.create_many(
            [{key: one, "name": "a"}, {key: two, "name": "b"}]
        ),
        f"{label}: list by project": lambda one, two, n: made.list_by_project(one, limit=n + 1),
        f"{label}: iterate by project": lambda one, two, n: list(made.iter_by_project(one)),
    }
    if label != "flow":
        calls |= {
            f"{label}: create in a project": lambda one, two, n: made.create(
                {key: one, "project_id": two, "name": "x"}
            ),
            f"{label}: list by parent": lambda one, two, n: made.list_by_parent(one),
            f"{label}: iterate by parent": lambda one, two, n: list(made.iter_by_parent(one)),
        }
    return calls


def calls() -> dict[str, Call]:
    """Every call that takes an owner, made for Ada."""
    trees, projects, waitlist = (
        kind(user_id=ADA) for kind in (HierarchyRepository, ProjectRepository, WaitlistRepository)
    )
    lines = lines_of({"id": "i", "user_id": "bob", "name": "imported", "flows": world.nodes("i", (1, 1))})
    found: dict[str, Call] = {
        "project: create for": lambda one, two, n: projects.create({"name": "x", "user_id": ("ada", "bob")[n % 2]}),
        "project: by user": lambda one, two, n: projects.list_by_user(("ada", "bob")[n % 2]),
        "project: iterate by user": lambda one, two, n: list(projects.iter_by_user("bob")),
        "project: by name": lambda one, two, n: projects.list_by_name(f"{SECRET} project q"),
        "project: iterate by name": lambda one, two, n: list(projects.iter_by_name(f"{SECRET} project q")),
        "tree: load": lambda one, two, n: trees.load(one),
        "tree: load subtree": lambda one, two, n: trees.load_subtree(one),
        "tree: append": lambda one, two, n: trees.append(one, world.nodes(f"n{n}", (1, 1))),
        "tree: move": lambda one, two, n: trees.move(one, two),
        "tree: copy": lambda one, two, n: trees.copy_project(one, new_id=(None, f"c{n}")[n % 2]),
        "tree: copy for": lambda one, two, n: trees.copy_project(one, user_id="bob"),
        "tree: delete": lambda one, two, n: trees.delete_project(one),
        "tree: export": lambda one, two, n: list(trees.export_lines(one)),
        "tree: import": lambda one, two, n: trees.import_lines(lines, new_id=f"i{n}"),
        "tree: import for": lambda one, two, n: trees.import_lines(lines, user_id="bob"),
        "tree: create for": lambda one, two, n: trees.create({"name": "x", "user_id": "bob"}),
        "waitlist: get": lambda one, two, n: waitlist.find("a@example.org"),
        "entity: get": lambda one, two, n: ProjectEntity.get_by_id(one, ADA),
        "entity: update": lambda one, two, n: ProjectEntity.update(one, ADA, {"name": "new"}),
        "entity: delete": lambda one, two, n: ProjectEntity.delete(one, ADA),
        "entity: by user": lambda one, two, n: ProjectEntity.get_by_user_id(ADA),
    }
    for label, repository in _LEVELS.items():
        found |= _of_rows(label, repository)
        if label != "project":
            found |= _of_children(label, repository)
    return found


@dataclass(frozen=True)
class Told:
    """What a caller was told: an answer or an error, and all of it as text."""

    kind: str
    text: str


def tell(call: Call, one: str, two: str, number: int) -> Told:
    """Make a call."""
    try:
        answer = call(one, two, number)
    except VersionConflictError as error:
        return Told(type(error).__name__, f"{error} {error.current!r}")
    except DataLayerError as error:
        return Told(type(error).__name__, str(error))
    if isinstance(answer, dict) and "code" in answer:
        return Told(answer["code"], repr(answer))
    return Told("answer", repr(answer))
