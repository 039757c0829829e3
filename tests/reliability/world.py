"""The rows that every case starts from, in the forms that this layer and earlier writers left them."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from reliability.store import Item, Rows
from support.tables import LEVELS

CHILDREN = ("flows", "high_level_requirement_list", "low_level_requirement_list", "test_case_list")


def moments() -> Iterator[str]:
    """Timestamps as rows hold them, one microsecond apart."""
    return (f"2025-01-01T00:00:00.{number:06d}+00:00" for number in itertools.count(1))


def item(**fields: Any) -> Item:
    """Text and whole numbers in DynamoDB's JSON."""
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in fields.items()
        if value is not None
    }


def small() -> Rows:
    """Two owners' projects of some ten rows, one that an earlier writer left, and four sign-ups."""
    return [*ada(), *bob(), *earlier(), *waitlist()]


def ada() -> Rows:
    """Ada's project `p`: flows f1 f2, requirements h1 h2 | h3, l1 l2 | l3, test cases t1 t2 | t3 | t4."""
    below = [
        ("user_flows", "f1", "p"),
        ("user_flows", "f2", "p"),
        ("high_level_requirements", "h1", "f1"),
        ("high_level_requirements", "h2", "f1"),
        ("high_level_requirements", "h3", "f2"),
        ("low_level_requirements", "l1", "h1"),
        ("low_level_requirements", "l2", "h1"),
        ("low_level_requirements", "l3", "h2"),
        ("test_cases", "t1", "l1"),
        ("test_cases", "t2", "l1"),
        ("test_cases", "t3", "l2"),
        ("test_cases", "t4", "l3"),
    ]
    return list(project("p", "ada", below))


def bob() -> Rows:
    """Bob's project `q`, which nothing that Ada does may touch."""
    below = zip(LEVELS[1:], ("qf", "qh", "ql", "qt"), ("q", "qf", "qh", "ql"), strict=True)
    return list(project("q", "bob", below))


def project(project_id: str, user_id: str, below: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, Item]]:
    """A project's rows: `below` has table, uiid and parent of each."""
    moment = moments()

    def times() -> dict[str, str]:
        now = next(moment)
        return {"created_at": now, "updated_at": now}

    named = {"id": project_id, "user_id": user_id, "name": f"project {project_id}", "initial_prompt": "make it"}
    yield "projects", item(**named, **times(), version=1, tree_format=1)
    for table, uiid, parent in below:
        keys = {"project_id": project_id} | ({} if table == "user_flows" else {"parent_uiid": parent})
        yield table, item(uiid=uiid, **keys, name=f"node {uiid}", description=f"of {parent}", **times(), version=1)


def earlier() -> Rows:
    """Ada's project `old` as earlier writers left it: no version, no updated_at, no project_id below user flows."""
    parents = ("old", "old-f", "old-h", "old-l")
    uiids = ("old-f", "old-h", "old-l", "old-t")
    moment = moments()
    rows: Rows = [("projects", item(id="old", user_id="ada", name="project old", created_at=next(moment)))]
    for table, uiid, parent in zip(LEVELS[1:], uiids, parents, strict=True):
        key = "project_id" if table == "user_flows" else "parent_uiid"
        rows.append((table, item(uiid=uiid, **{key: parent}, name=f"node {uiid}", created_at=next(moment))))
    return rows


def waitlist() -> Rows:
    """Four sign-ups, two of them pending."""
    moment = moments()
    statuses = {"a@example.org": "pending", "b@example.org": "pending", "c@example.org": "contacted"}
    rows: Rows = []
    for email, status in {**statuses, "d@example.org": "converted"}.items():
        now = next(moment)
        rows.append(("waitlist", item(email=email, status=status, created_at=now, updated_at=now, version=1)))
    return rows


def tree(name: str, *, width: tuple[int, int, int, int], ids: bool = True, user_id: str = "ada") -> dict[str, Any]:
    """A project's tree as a mapping; `width` says how many children a row of each level has.

    Args:
        name: of the project; with `ids` also the start of all ids.
        width: children of the project, of a flow, of a high-level and of a low-level requirement.
        ids: give every node an id.
        user_id: the owner.
    """
    top = {"name": name, "user_id": user_id, "flows": nodes(name, width, ids=ids)}
    return {**top, "id": name} if ids else top


def nodes(above: str, width: tuple[int, ...], *, ids: bool = True) -> list[dict[str, Any]]:
    """Nodes with all that is under them, for below the row `above`; `width` from their own level down."""
    made: list[dict[str, Any]] = []
    for number in range(width[0]):
        node: dict[str, Any] = {"name": f"{above}.{number}", "description": f"below {above}"}
        if ids:
            node["uiid"] = node["name"]
        if len(width) > 1:
            node[CHILDREN[-len(width) + 1]] = nodes(node["name"], width[1:], ids=ids)
        made.append(node)
    return made


def stored(tree_: dict[str, Any]) -> Rows:
    """A tree with ids as the rows that this layer makes of it."""

    def below(node: dict[str, Any], depth: int) -> Iterator[tuple[str, str, str]]:
        for child in node.get(CHILDREN[depth], ()) if depth < len(CHILDREN) else ():
            yield LEVELS[depth + 1], child["uiid"], node.get("uiid") or node["id"]
            yield from below(child, depth + 1)

    return list(project(tree_["id"], tree_["user_id"], below(tree_, 0)))


#: 1 + 2 + 6 + 24 + 120 rows: more than one transaction, several batches on a level.
MEDIUM = (2, 3, 4, 5)
