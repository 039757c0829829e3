"""Small sample trees, and what of a tree is compared."""

from collections.abc import Iterator
from typing import Any

from models._kinds import HIERARCHY

CHILDREN = {kind.key: kind.children_field for kind in HIERARCHY}


def sample(
    flows: int = 2, hlrs: int = 2, llrs: int = 2, tests: int = 2, *, name: str = "sample", user_id: str = "ada"
) -> dict[str, Any]:
    """A project's tree as a mapping: so many children under each row, each name telling its place."""

    def level(above: str, counts: list[tuple[str, str | None, int]]) -> list[dict[str, Any]]:
        (letter, children, count), *below = counts
        nodes: list[dict[str, Any]] = []
        for number in range(count):
            node: dict[str, Any] = {"name": f"{above}{letter}{number}", "description": f"of {above or name}"}
            if children:
                node[children] = level(node["name"], below)
            nodes.append(node)
        return nodes

    counts = [
        ("f", CHILDREN["user_flows"], flows),
        ("h", CHILDREN["high_level_requirements"], hlrs),
        ("l", CHILDREN["low_level_requirements"], llrs),
        ("t", None, tests),
    ]
    return {"name": name, "user_id": user_id, "initial_prompt": "make it", "flows": level("", counts)}


def size(flows: int = 2, hlrs: int = 2, llrs: int = 2, tests: int = 2) -> tuple[int, ...]:
    """How many rows such a sample has on each level."""
    return (1, flows, flows * hlrs, flows * hlrs * llrs, flows * hlrs * llrs * tests)


def outline(node: Any, level: int = 0) -> Any:
    """What a person sees of a tree: names and texts, in their order."""
    kind = HIERARCHY[level]
    text = node.initial_prompt if level == 0 else node.description
    children = getattr(node, kind.children_field) if kind.children_field else []
    return (node.name, text, [outline(child, level + 1) for child in children])


def nodes(tree: Any, level: int = 0) -> Iterator[tuple[str, Any]]:
    """All rows of a tree, each with the key of its table, a parent before its children."""
    kind = HIERARCHY[level]
    yield kind.key, tree
    for child in getattr(tree, kind.children_field) if kind.children_field else []:
        yield from nodes(child, level + 1)


def ids(tree: Any, level: int = 0) -> list[str]:
    """The ids of all rows of a tree, a parent before its children."""
    return [row.id if key == "projects" else row.uiid for key, row in nodes(tree, level)]
