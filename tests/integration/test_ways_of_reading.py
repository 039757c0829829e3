"""Rows of earlier writers, and tables without the index for projects, are read by parents: it is the same tree."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodb import configure
from dynamodb.repositories import HierarchyRepository
from models._kinds import HIERARCHY
from support.interruptions import watched
from support.layouts import only_six_tables
from support.tables import LEVELS, SIX, Shape, hash_only, without_index
from support.trees import nodes
from support.world import Item, World, text_time, to_item

pytestmark = pytest.mark.engine

#: As earlier deployments may have left the tables.
SHAPES = {
    "as designed": SIX,
    "without sort keys": hash_only(SIX),
    "without the index for projects": without_index(SIX, "project_id-index", *LEVELS[2:]),
    "one table without it": without_index(SIX, "project_id-index", "low_level_requirements"),
    "without sort keys and index": hash_only(without_index(SIX, "project_id-index", *LEVELS[2:])),
}

#: Which of the rows above a row belongs to, where in time it was created, and what its writer left out.
rows = st.tuples(st.integers(0, 99), st.integers(0, 99), st.sampled_from(["nothing", "project", "version", "both"]))
trees = st.lists(st.lists(rows, max_size=6), min_size=4, max_size=4)


def items(levels: list[list[tuple[int, int, str]]], *, old: bool) -> dict[str, list[Item]]:
    """The rows of one project by table: as this layer writes them, or as earlier writers did."""
    moment = text_time(1)
    fields = {"id": "p", "user_id": "ada", "name": "p", "created_at": moment}
    made = {"projects": [to_item(fields if old else {**fields, "version": 1, "tree_format": 1})]}
    above = ["p"]
    for number, (kind, level) in enumerate(zip(HIERARCHY[1:], levels, strict=True)):
        here = []
        for place, (parent, age, left_out) in enumerate(level if above else []):
            # Ages are met twice: then the ids decide.
            row = {"uiid": f"{kind.key[0]}{place}", "name": f"{number}.{place}", "created_at": text_time(age + 2)}
            row |= {"project_id": "p", str(kind.parent_field): above[parent % len(above)], "version": 1}
            if old and left_out in {"version", "both"}:
                del row["version"]
            if old and left_out in {"project", "both"} and number:
                del row["project_id"]
            here.append(row)
        made[kind.key] = [to_item(row) for row in here]
        above = [row["uiid"] for row in here]
    return made


def seen(tree: Any) -> list[dict[str, Any]]:
    """The rows of a tree in their order, without what earlier writers left out."""
    left_out = {"version", "project_id", *(kind.children_field for kind in HIERARCHY if kind.children_field)}
    return [{"table": key, **row.model_dump(exclude=left_out)} for key, row in nodes(tree)]


@only_six_tables("earlier writers and deployments had six tables")
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_both_ways_lead_to_the_same_tree(
    shape: Mapping[str, Shape],
    open_world: Callable[[Mapping[str, Shape]], World],
    engine_endpoint: str,
    table_prefix: str,
) -> None:
    new = open_world(SIX)
    old = World(new.client, f"{table_prefix}old-", shape)
    old.make_tables()

    def read(world: World, stored: dict[str, list[Item]]) -> tuple[Any, ...]:
        for key in LEVELS:
            for item in world.rows(key):
                world.delete(key, item)
            world.put_items(key, stored[key])
        configure(endpoint=engine_endpoint, table_prefix=world.prefix)
        repository = HierarchyRepository()
        with watched() as requests:
            tree = repository.load("p")
        flows = [repository.load_subtree(flow.uiid) for flow in tree.flows]
        assert [flow.model_dump() for flow in flows] == [flow.model_dump() for flow in tree.flows]
        lines = sum(1 for _ in repository.export_lines("p"))
        counts = repository.delete_project("p", dry_run=True).counts
        return seen(tree), lines, counts, len(requests.requests)

    @settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(levels=trees)
    def check(levels: list[list[tuple[int, int, str]]]) -> None:
        *fast, few = read(new, items(levels, old=False))
        *slow, many = read(old, items(levels, old=True))
        assert slow == fast
        assert few == 5  # the project and its levels
        assert many >= few

    try:
        check()
    finally:
        old.drop_tables()
