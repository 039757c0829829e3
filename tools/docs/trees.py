"""The trees that costs are measured on: the same shape and the same bytes on every run."""

from typing import Any

#: 200 characters: a row of the hierarchy is then about 470 bytes.
TEXT = "The system shall do what this sentence says and nothing else, and whoever tests it shall see that it does. " * 2
TEXT = TEXT[:200]

USER = "user123"

#: Of every 100 rows under a project: user flows, high-level and low-level requirements; the rest are test cases.
_SHARES = (2, 8, 30)


def small_tree(name: str = "Measured") -> dict[str, Any]:
    """Return the tree of the tables: 1 project, 2 flows, 6 and 12 requirements, 24 test cases: 45 rows."""
    return _tree(name, (2, 6, 12, 24))


def tree_of(rows: int) -> dict[str, Any]:
    """Return a tree of so many rows."""
    return _tree("Growing", level_counts(rows))


def level_counts(rows: int) -> tuple[int, ...]:
    """Return how many rows a tree of `rows` has on each level under its project."""
    counts = [max(1, (rows - 1) * share // 100) for share in _SHARES]
    return (*counts, rows - 1 - sum(counts))


def _tree(name: str, counts: tuple[int, ...]) -> dict[str, Any]:
    lists = ("flows", "high_level_requirement_list", "low_level_requirement_list", "test_case_list")
    project: dict[str, Any] = {"name": name, "user_id": USER, "initial_prompt": TEXT}
    parents = [project]
    for field, count in zip(lists, counts, strict=True):
        nodes = [{"name": f"{field[:8]} {number:05}", "description": TEXT} for number in range(count)]
        for number, node in enumerate(nodes):
            parents[number * len(parents) // count].setdefault(field, []).append(node)
        parents = nodes
    return project
