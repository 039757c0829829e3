"""A tree as one web page that needs nothing else: no server, no network, no other file."""

import html
import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from dynamodb.cli._tree_text import children
from models._kinds import HIERARCHY, PROJECT, Kind, child_kind
from models._values import format_timestamp
from models.requirement import ProjectTree

_TITLE = "<!-- title -->"
_DATA = "/* data */"


def write_page(tree: ProjectTree, *, at: datetime | None = None) -> str:
    """Return the page.

    Args:
        tree: the project.
        at: the moment that the page says it is of. Default: now.
    """
    template = files("dynamodb.cli").joinpath("tree.html").read_text(encoding="utf-8")
    before, after = template.split(_TITLE)
    middle, end = after.split(_DATA)
    return "".join((before, html.escape(tree.name), middle, _in_script(_data(tree, at or datetime.now(UTC))), end))


def _data(tree: ProjectTree, at: datetime) -> dict[str, Any]:
    """Return what the page shows: the nodes as a flat list, each before what is under it."""
    nodes: list[list[Any]] = []
    waiting: list[tuple[Kind, Any, int, int]] = [(PROJECT, tree, -1, 0)]
    while waiting:
        kind, node, parent, level = waiting.pop()
        number = len(nodes) - 1
        if kind is not PROJECT:
            number = len(nodes)
            nodes.append([level, parent, node.uiid, node.name, node.description or ""])
        below = child_kind(kind)
        if below:
            waiting += [(below, child, number, level + 1) for child in reversed(children(kind, node))]
    return {
        "project": {
            "id": tree.id,
            "name": tree.name,
            "owner": tree.user_id,
            "prompt": tree.initial_prompt or "",
            "created": format_timestamp(tree.created_at),
        },
        "at": format_timestamp(at),
        "levels": [kind.label for kind in HIERARCHY],
        # level (1: user flow), place of the parent in this list (-1: the project), id, name, description
        "nodes": nodes,
    }


def _in_script(data: Any) -> str:
    """Write JSON that nothing in it can lead out of a script element.

    HTML ends the element at `</script` and changes its mind at `<!--`; U+2028 and U+2029 are line ends in older
    JavaScript. As JSON escapes they mean the same and do nothing.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
