"""A tree as text."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text
from rich.tree import Tree

from dynamodb.cli._output import clean
from models._kinds import HIERARCHY, LOW_LEVEL_REQUIREMENT, PROJECT, Kind, child_kind

_STYLES = dict(zip(HIERARCHY, ("bold", "bold cyan", "", "dim", "green"), strict=True))


def nodes(kind: Kind, node: Any) -> Iterator[tuple[Kind, Any]]:
    """Go through a node and everything under it, each before what is under it.

    Args:
        kind: of the node.
        node: a tree schema, stored or new.
    """
    yield kind, node
    below = child_kind(kind)
    if below:
        for child in children(kind, node):
            yield from nodes(below, child)


def children(kind: Kind, node: Any) -> list[Any]:
    """Return the children of a node, none for a test case."""
    return getattr(node, kind.children_field) if kind.children_field else []


def counts(tree: Any) -> dict[str, int]:
    """Count the nodes of a project by the key of their table in `TABLE_NAMES`, the project left out."""
    found = dict.fromkeys((kind.key for kind in HIERARCHY[1:]), 0)
    for kind, _ in nodes(PROJECT, tree):
        if kind is not PROJECT:
            found[kind.key] += 1
    return found


def untested(tree: Any) -> list[Any]:
    """Return the low-level requirements without a test case."""
    return [node for kind, node in nodes(PROJECT, tree) if kind is LOW_LEVEL_REQUIREMENT and not node.test_case_list]


def draw(tree: Any) -> Tree:
    """Draw a project: each row with what is under it counted, low-level requirements without a test case marked."""
    root = Tree(_line(PROJECT, tree), guide_style="dim")
    _grow(root, PROJECT, tree)
    return root


def _grow(drawn: Tree, kind: Kind, node: Any) -> None:
    below = child_kind(kind)
    for child in children(kind, node):
        if below:
            _grow(drawn.add(_line(below, child)), below, child)


def _line(kind: Kind, node: Any) -> Text:
    line = Text(" ".join(clean(node.name).split()), style=_STYLES[kind])
    below = child_kind(kind)
    number = len(children(kind, node))
    if below and number:
        line.append(f"  {number} {below.label}{'' if number == 1 else 's'}", style="not bold dim")
    if kind is LOW_LEVEL_REQUIREMENT and not number:
        line.append("  no test case", style="not dim yellow")
    return line
