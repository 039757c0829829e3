"""The rows that every contender reads and writes: made from fixed seeds, so that client and server agree on them.

Only the standard library is used: this is imported in every contender's virtual environment.
"""

import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

Row = dict[str, Any]

PROJECTS = "prod-vishmaker-projects"
USER_FLOWS = "prod-vishmaker-user-flows"
HIGH_LEVEL = "prod-vishmaker-high-level-requirements"
LOW_LEVEL = "prod-vishmaker-low-level-requirements"
TEST_CASES = "prod-vishmaker-test-cases"
WAITLIST = "prod-vishmaker-waitlist"
LEVELS = (USER_FLOWS, HIGH_LEVEL, LOW_LEVEL, TEST_CASES)
TABLES = (PROJECTS, *LEVELS, WAITLIST)
PROJECT_INDEX = "project_id-index"

USER_ID = "bench-user"
PAGE_ROWS = 2000  # 1 MB as DynamoDB counts it: 524 bytes an item, attribute names included
BATCH = 25
READ_TREES = (100, 10_000, 50_000)
_SHARES = (0.01, 0.09, 0.30)  # of flows, HLRs and LLRs in a tree; test cases are the rest
_DESCRIPTION_CHARACTERS = 230
_START = datetime(2025, 8, 25, 2, 7, 57, 123456, tzinfo=UTC)
_SENTENCE = (
    "the system shall store every record that a user submits and confirm it within two seconds unless the network is "
    "down in which case it retries later and shows a notice\nbefore giving up so that no input is lost"
)
_WORDS = _SENTENCE.split(" ")

#: The names of a node's children in a tree to be created, from the project down.
CHILDREN = ("flows", "high_level_requirement_list", "low_level_requirement_list", "test_case_list")


def make_id(*parts: object) -> str:
    """Return the UUID of a thing of this data set."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, parts))))


HUNDRED_ID = make_id("hundred")
PAGE_ID = make_id("page")


def tree_id(size: int) -> str:
    """Return the project id of the tree with that many nodes."""
    return make_id("tree", size)


def level_counts(size: int) -> list[int]:
    """Split a tree of `size` nodes into its levels: project, user flows, HLRs, LLRs, test cases."""
    counts = [1, *(max(1, round(size * share)) for share in _SHARES)]
    counts[1] -= 1 if counts[1] > 1 else 0
    return [*counts, size - sum(counts)]


def _text(source: random.Random, length: int) -> str:
    words: list[str] = []
    while sum(map(len, words)) + len(words) <= length:
        words.append(source.choice(_WORDS))
    return " ".join(words)[:length].strip().ljust(length, ".")


@cache
def _texts(length: int) -> list[str]:
    """Make texts as requirements are: line breaks in most of them, quotation marks and accents in few."""
    source = random.Random(length)  # noqa: S311 - sample text
    texts = [_text(source, length) for _ in range(997)]
    for number in range(0, len(texts), 200):
        texts[number] = '"É" ' + texts[number][4:]
    return texts


def _moment(number: int) -> str:
    return (_START + timedelta(microseconds=1009 * number)).isoformat(timespec="microseconds")


def name_and_description(number: int) -> dict[str, str]:
    """Return the texts of the node with that number."""
    return {
        "name": f"{_texts(42)[number % 997]} {number:06d}",
        "description": _texts(_DESCRIPTION_CHARACTERS)[number % 997],
    }


def make_row(uiid: str, parent: str, project: str, number: int, *, level: int = 1) -> Row:
    """Make one row below a project. User flows (level 0) have no `parent_uiid`: the project is their parent."""
    return {
        "uiid": uiid,
        **({"parent_uiid": parent} if level else {}),
        "project_id": project,
        **name_and_description(number),
        "created_at": _moment(number),
        "updated_at": _moment(number + 7),
        "version": 1 + number % 9,
    }


def make_project(project: str) -> Row:
    """Make the row of a project."""
    return {
        "id": project,
        "user_id": USER_ID,
        "name": "A measured project",
        "initial_prompt": _texts(_DESCRIPTION_CHARACTERS)[0],
        "created_at": _moment(0),
        "updated_at": _moment(1),
        "version": 3,
        # The mark of a tree whose rows all carry project_id. A reader that does not know it may ignore it.
        "tree_format": 1,
    }


@dataclass(frozen=True)
class Tree:
    """A stored tree: its project and the rows of the four levels, each in the order of creation."""

    project: Row
    levels: tuple[list[Row], ...]


def make_tree(size: int) -> Tree:
    """Make the rows of the tree with `size` nodes, the project included."""
    project = tree_id(size)
    parents, levels, number = [project], [], 0
    for level, count in enumerate(level_counts(size)[1:]):
        rows = []
        for position in range(count):
            number += 1
            parent = parents[position * len(parents) // count]
            rows.append(make_row(make_id(project, number), parent, project, number, level=level))
        levels.append(rows)
        parents = [row["uiid"] for row in rows]
    return Tree(make_project(project), tuple(levels))


def make_rows(project: str, count: int) -> list[Row]:
    """Make `count` rows of one table that share a project."""
    parent = make_id(project, "parent")
    return [make_row(make_id(project, number), parent, project, number) for number in range(count)]


def tree_to_create(size: int, *, user_id: str = USER_ID) -> dict[str, Any]:
    """Make the nested dictionary that a caller hands over to have `size` nodes created."""
    project = {"name": "A created project", "user_id": user_id, "initial_prompt": _texts(_DESCRIPTION_CHARACTERS)[0]}
    parents: list[dict[str, Any]] = [project]
    number = 0
    for key, count in zip(CHILDREN, level_counts(size)[1:], strict=True):
        for parent in parents:
            parent[key] = []
        nodes: list[dict[str, Any]] = []
        for position in range(count):
            number += 1
            node = dict(name_and_description(number))
            parents[position * len(parents) // count][key].append(node)
            nodes.append(node)
        parents = nodes
    return project


def to_wire(row: Row) -> dict[str, dict[str, str]]:
    """Return the row as DynamoDB JSON."""
    return {key: {"N": str(value)} if isinstance(value, int) else {"S": value} for key, value in row.items()}


def pages(rows: list[Row]) -> Iterator[list[Row]]:
    """Cut rows into pages of 1 MB; no rows are one empty page."""
    for start in range(0, len(rows) or 1, PAGE_ROWS):
        yield rows[start : start + PAGE_ROWS]


def dump(value: object) -> bytes:
    """Write JSON the way DynamoDB does: compact, UTF-8 not escaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def stored_size(row: Row) -> int:
    """Return an item's size in bytes as DynamoDB counts it: attribute names and values."""
    return sum(len(key) + len(str(value).encode()) for key, value in row.items())


#: The row that "get one item" reads and "put one" writes a sibling of, and the rows above it.
ONE = make_rows(HUNDRED_ID, 1)[0]
ONE_FLOW = make_row(ONE["parent_uiid"], HUNDRED_ID, HUNDRED_ID, 0, level=0)
ONE_PROJECT = make_project(HUNDRED_ID)
