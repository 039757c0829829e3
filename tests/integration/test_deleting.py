"""A delete takes everything below with it, leaves first, and can be counted, stopped and gone on with."""

import pytest

from dynamodb import _cascade
from dynamodb.errors import NotFoundError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from support.interruptions import watched
from support.invariants import assert_sound, problems
from support.tables import LEVELS
from support.trees import ids, sample, size
from support.world import to_item

pytestmark = pytest.mark.engine

REPOSITORIES = (
    ProjectRepository,
    UserFlowRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    TestCaseRepository,
)
SHAPE = (2, 3, 2, 3)


@pytest.fixture
def tree(world):
    return HierarchyRepository().create(sample(*SHAPE))


def first(tree, level):
    """The first row of a level, and how many rows are in it with all below."""
    node, counts = tree, list(size(*SHAPE))
    for children in ("flows", "high_level_requirement_list", "low_level_requirement_list", "test_case_list")[:level]:
        node = getattr(node, children)[0]
    share = [0] * level + [counts[below] // counts[level] for below in range(level, 5)]
    return node, dict(zip(LEVELS, share, strict=True))


def key_of(node):
    return getattr(node, "uiid", None) or node.id


every_level = pytest.mark.parametrize("level", range(5), ids=LEVELS)


@every_level
def test_a_count_is_what_a_delete_removes(level, tree, world):
    """Counting changes nothing; deleting removes just what was counted, and leaves the rest whole."""
    node, expected = first(tree, level)
    before = world.levels()
    counted = REPOSITORIES[level]().delete(key_of(node), dry_run=True)
    assert (counted.counts, counted.finished, counted.dry_run) == (expected, True, True)
    assert world.levels() == before
    deleted = REPOSITORIES[level]().delete(key_of(node))
    assert (deleted.counts, deleted.finished, deleted.dry_run) == (expected, True, False)
    assert deleted.total == sum(expected.values())
    gone = set(ids(node, level))
    left = {row["uiid" if "uiid" in row else "id"]["S"] for rows in world.levels().values() for row in rows}
    assert left == set(ids(tree)) - gone
    assert_sound(world)


@every_level
def test_a_delete_without_time_stops_and_the_next_call_goes_on(level, tree, world):
    """Nothing of it is shown from then on."""
    node, expected = first(tree, level)
    stopped = REPOSITORIES[level]().delete(key_of(node), deadline=0)
    if level == 4:  # a test case is one request
        assert stopped.finished
        return
    assert not stopped.finished
    assert REPOSITORIES[level]().find(key_of(node)) is None
    rest = REPOSITORIES[level]().delete(key_of(node))
    assert rest.finished
    assert {name: stopped.counts[name] + rest.counts[name] for name in LEVELS} == expected
    assert_sound(world)


@pytest.mark.parametrize("requests", range(1, 12))
def test_a_delete_stops_between_any_two_requests(requests, tree, world, monkeypatch):
    """A clock that runs out after so many looks at it: what is left is whole, and the same call finishes."""
    looks = []

    def until(_):
        return lambda: looks.append(1) or len(looks) <= requests

    monkeypatch.setattr(_cascade, "_until", until)
    first_part = HierarchyRepository().delete_project(tree.id, deadline=1)
    assert problems(world, finished=False) == []
    assert ProjectRepository().find(tree.id) is None
    monkeypatch.undo()
    if first_part.finished:
        assert world.counts() == (0, 0, 0, 0, 0)
        return
    rest = HierarchyRepository().delete_project(tree.id)
    assert first_part.total + rest.total == sum(size(*SHAPE))
    assert world.counts() == (0, 0, 0, 0, 0)


def test_a_deadline_that_is_never_reached_changes_nothing(tree, world):
    deleted = HierarchyRepository().delete_project(tree.id, deadline=3600)
    assert (deleted.finished, deleted.total) == (True, sum(size(*SHAPE)))
    assert world.counts() == (0, 0, 0, 0, 0)


def test_a_deleted_project_is_gone_and_its_id_is_free(tree, world):
    HierarchyRepository().delete_project(tree.id)
    for call in (ProjectRepository().delete, HierarchyRepository().delete_project, HierarchyRepository().load):
        with pytest.raises(NotFoundError):
            call(tree.id)
    again = HierarchyRepository().create({**sample(), "id": tree.id})
    assert HierarchyRepository().load(tree.id) == again


def test_leaves_go_first_and_the_root_last(tree, world):
    """At every request the rows that are left have their parents."""

    def look(_, operation):
        if operation in {"BatchWriteItem", "DeleteItem"}:
            assert problems(world, finished=False) == []

    with watched(before=look) as seen:
        HierarchyRepository().delete_project(tree.id)
    assert seen.requests[-1] == "DeleteItem"


def test_hidden_and_doubled_rows_below_go_too(tree, world):
    """Half-created trees, and an id that exists under two parents."""
    flow = tree.flows[0]
    world.put(
        "high_level_requirements",
        uiid="half",
        parent_uiid=flow.uiid,
        project_id=tree.id,
        name="n",
        tree_state="creating",
    )
    world.put("low_level_requirements", uiid="below", parent_uiid="half", project_id=tree.id, name="n")
    for hlr in flow.high_level_requirement_list[:2]:
        world.put("low_level_requirements", uiid="double", parent_uiid=hlr.uiid, project_id=tree.id, name="n")
    UserFlowRepository().delete(flow.uiid)
    assert_sound(world)
    assert not [row for row in world.rows("low_level_requirements") if row["uiid"]["S"] in {"below", "double"}]
    HierarchyRepository().delete_project(tree.id)
    assert world.counts() == (0, 0, 0, 0, 0)


def test_a_half_created_project_can_be_deleted(world):
    """Nobody sees it, but whoever knows its id gets rid of it."""
    world.put("projects", id="half", user_id="ada", name="n", tree_state="creating", tree_token="t", tree_format=1)
    world.put("user_flows", uiid="f", project_id="half", name="n")
    assert ProjectRepository().find("half") is None
    with pytest.raises(NotFoundError):
        ProjectRepository(user_id="grace").delete("half")
    assert ProjectRepository(user_id="ada").delete("half").total == 2
    assert world.counts() == (0, 0, 0, 0, 0)


def test_every_page_of_a_level_is_deleted(world):
    """More than 1 MB of rows on one level."""
    project = HierarchyRepository().create({"name": "p", "user_id": "ada", "flows": [{"name": "f"}]})
    parent = project.flows[0].uiid
    world.put_items(
        "high_level_requirements",
        [
            to_item(
                {
                    "uiid": f"{number}",
                    "parent_uiid": parent,
                    "project_id": project.id,
                    "name": "n",
                    "description": "x" * 100_000,
                    "created_at": f"2025-01-01T00:00:{number:02}",
                    "version": 1,
                }
            )
            for number in range(24)
        ],
    )
    assert HierarchyRepository().delete_project(project.id).counts["high_level_requirements"] == 24
    assert world.counts() == (0, 0, 0, 0, 0)


def test_progress_is_told_for_every_row(tree, world):
    told = []
    HierarchyRepository().delete_project(tree.id, progress=told.append)
    assert sum(told) == sum(size(*SHAPE))
