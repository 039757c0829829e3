"""A tree as text, and what is counted in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group
from rich.text import Text
from rich.tree import Tree

from dynamodb.cli._output import Output, one_line
from models._kinds import HIERARCHY, LOW_LEVEL_REQUIREMENT, PROJECT, Kind, child_kind

_STYLES = dict(zip(HIERARCHY, ("bold", "bold cyan", "", "dim", "green"), strict=True))
_LABELS = {kind.key: kind.label for kind in HIERARCHY}


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


def rows_of(found: Mapping[str, int]) -> str:
    """Say how many rows there are of each level: `5 user flows, 1 test case`."""
    return ", ".join(number_of(number, _LABELS[key]) for key, number in found.items())


def number_of(number: int, label: str) -> str:
    """Say how many there are of something: `1 test case`, `2 test cases`."""
    return f"{number} {label}{'' if number == 1 else 's'}"


def coverage(tree: Any) -> dict[str, Any]:
    """Say how many nodes there are, and which low-level requirements no test case covers. JSON-ready."""
    found = counts(tree)
    untested = [node.uiid for kind, node in nodes(PROJECT, tree) if _is_untested(kind, node)]
    return {
        "counts": found,
        "with_test_case": found[LOW_LEVEL_REQUIREMENT.key] - len(untested),
        "without_test_case": untested,
    }


def _is_untested(kind: Kind, node: Any) -> bool:
    return kind is LOW_LEVEL_REQUIREMENT and not node.test_case_list


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
    line = Text(one_line(node.name), style=_STYLES[kind])
    below = child_kind(kind)
    number = len(children(kind, node))
    if below and number:
        line.append(f"  {number_of(number, below.label)}", style="not bold dim")
    if _is_untested(kind, node):
        line.append("  no test case", style="not dim yellow")
    return line


def summary(out: Output, tree: Any) -> Group:
    """Return the counts of each level and the coverage, for people."""
    found = coverage(tree)
    table = out.table("level", "rows", numbers=("rows",))
    for key, number in found["counts"].items():
        table.add_row(f"{_LABELS[key]}s", str(number))
    total = found["counts"][LOW_LEVEL_REQUIREMENT.key]
    covered = found["with_test_case"]
    share = f" ({covered / total:.0%})" if total else ""
    said = Text(f"{covered} of {number_of(total, 'low-level requirement')} have a test case{share}")
    return Group(Text(""), table, said)
