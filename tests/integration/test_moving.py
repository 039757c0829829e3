"""A node gets another parent in its project: one transaction, its id and everything under it stay."""

import pytest

from dynamodb.errors import CrossProjectMoveError, InvalidInputError, NotFoundError, ParentNotFoundError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from support.interruptions import watched
from support.invariants import assert_sound
from support.tables import LEVELS
from support.trees import ids, outline, sample
from support.world import Hierarchy

pytestmark = pytest.mark.engine

REPOSITORIES = dict(
    zip(LEVELS[2:], (HighLevelRequirementRepository, LowLevelRequirementRepository, TestCaseRepository), strict=True)
)


@pytest.fixture
def tree(world):
    """Two of everything."""
    return HierarchyRepository().create(sample())


def places(tree):
    """For each level that can be moved: a node, and a parent for it elsewhere in the project."""
    here, there = tree.flows
    hlr, other_hlr = here.high_level_requirement_list[0], there.high_level_requirement_list[0]
    llr, other_llr = hlr.low_level_requirement_list[0], other_hlr.low_level_requirement_list[0]
    return {
        "high_level_requirements": (hlr, there),
        "low_level_requirements": (llr, other_hlr),
        "test_cases": (llr.test_case_list[0], other_llr),
    }


every_level = pytest.mark.parametrize("level", LEVELS[2:])


@every_level
def test_a_moved_node_is_under_its_new_parent_with_all_that_is_under_it(level, tree, world):
    node, parent = places(tree)[level]
    below = ids(node, LEVELS.index(level))
    moved = HierarchyRepository().move(node.uiid, parent.uiid)
    assert (moved.uiid, moved.parent_uiid, moved.version) == (node.uiid, parent.uiid, 2)
    assert moved.created_at == node.created_at
    assert moved.updated_at > node.updated_at
    assert REPOSITORIES[level]().get(node.uiid) == moved
    assert ids(HierarchyRepository().load_subtree(node.uiid), LEVELS.index(level)) == below
    loaded = HierarchyRepository().load(tree.id)
    assert sorted(ids(loaded)) == sorted(ids(tree))
    assert below[0] in ids(HierarchyRepository().load_subtree(parent.uiid), LEVELS.index(level) - 1)
    assert_sound(world)


@every_level
def test_a_node_keeps_its_place_among_siblings_by_its_age(level, tree, world):
    """It was created before the rows that it comes to."""
    node, parent = places(tree)[level]
    HierarchyRepository().move(node.uiid, parent.uiid)
    siblings = list(REPOSITORIES[level]().iter_by_parent(parent.uiid))
    assert siblings[0].uiid == node.uiid
    assert sorted(siblings, key=lambda one: one.created_at) == siblings


@every_level
def test_a_move_keeps_what_this_layer_does_not_know(level, tree, world):
    node, parent = places(tree)[level]
    row = next(row for row in world.rows(level) if row["uiid"]["S"] == node.uiid)
    odd = {"odd": {"M": {"a": {"NULL": True}}}, "digits": {"N": "1" * 38}, "raw": {"B": b"\x00"}}
    world.put_items(level, [row | odd])
    HierarchyRepository().move(node.uiid, parent.uiid)
    stored = world.get(level, uiid=node.uiid, parent_uiid=parent.uiid)
    own = {"parent_uiid", "version", "updated_at"}
    assert {name: value for name, value in stored.items() if name not in own} == {
        name: value for name, value in (row | odd).items() if name not in own
    }


@every_level
def test_a_move_to_where_a_node_is_writes_nothing(level, tree, world):
    node, _ = places(tree)[level]
    before = world.levels()
    with watched() as seen:
        same = HierarchyRepository().move(node.uiid, node.parent_uiid)
    assert same == REPOSITORIES[level]().get(node.uiid)
    assert "TransactWriteItems" not in seen.requests
    assert world.levels() == before


@every_level
def test_a_move_there_and_back_is_where_it_began(level, tree, world):
    node, parent = places(tree)[level]
    HierarchyRepository().move(node.uiid, parent.uiid)
    back = HierarchyRepository().move(node.uiid, node.parent_uiid)
    assert back.version == 3
    assert outline(HierarchyRepository().load(tree.id)) == outline(tree)
    assert_sound(world)


@every_level
def test_a_parent_of_another_level_is_refused(level, tree, world):
    node, _ = places(tree)[level]
    other = Hierarchy(world, "q")
    before = world.levels()
    for place, (table, parent) in enumerate(other.ids.items()):
        if table != LEVELS[LEVELS.index(level) - 1]:
            with pytest.raises(InvalidInputError, match="belongs to") as caught:
                HierarchyRepository().move(node.uiid, parent)
            assert not isinstance(caught.value, CrossProjectMoveError), place
    with pytest.raises(InvalidInputError):
        HierarchyRepository().move(node.uiid, node.uiid)
    assert world.levels() == before


@every_level
def test_another_project_is_refused_by_its_own_error(level, tree, world):
    node, _ = places(tree)[level]
    other = Hierarchy(world, "q")
    before = world.levels()
    with pytest.raises(CrossProjectMoveError, match="copy") as caught:
        HierarchyRepository().move(node.uiid, other.ids[LEVELS[LEVELS.index(level) - 1]])
    assert caught.value.key == node.uiid
    assert world.levels() == before


@every_level
def test_a_parent_that_is_not_there_is_refused(level, tree, world):
    """Nobody, or one that is just coming or going, itself or with the flow it is in."""
    node, parent = places(tree)[level]
    before = world.levels()
    with pytest.raises(ParentNotFoundError):
        HierarchyRepository().move(node.uiid, "nobody")
    for table, uiid in ((LEVELS[LEVELS.index(level) - 1], parent.uiid), ("user_flows", tree.flows[1].uiid)):
        row = next(row for row in before[table] if row["uiid"]["S"] == uiid)
        for state in ("creating", "deleting"):
            world.put_items(table, [row | {"tree_state": {"S": state}}])
            with pytest.raises(ParentNotFoundError):
                HierarchyRepository().move(node.uiid, parent.uiid)
        world.put_items(table, [row])
    assert world.levels() == before


@every_level
def test_what_is_being_deleted_loses_no_part(level, tree, world):
    """Not the node itself, and none from under what is going."""
    node, parent = places(tree)[level]
    before = world.levels()
    for table, uiid in ((level, node.uiid), ("user_flows", tree.flows[0].uiid)):
        row = next(row for row in before[table] if row["uiid"]["S"] == uiid)
        world.put_items(table, [row | {"tree_state": {"S": "deleting"}}])
        with pytest.raises(NotFoundError):
            HierarchyRepository().move(node.uiid, parent.uiid)
        world.put_items(table, [row])
    assert world.levels() == before


def test_what_cannot_be_moved_is_refused(tree, world):
    before = world.levels()
    with pytest.raises(NotFoundError):
        HierarchyRepository().move("nobody", tree.flows[0].uiid)
    with pytest.raises(InvalidInputError, match="user flow"):
        HierarchyRepository().move(tree.flows[0].uiid, tree.id)
    with pytest.raises(NotFoundError):  # a project is no node
        HierarchyRepository().move(tree.id, tree.flows[0].uiid)
    assert world.levels() == before


@every_level
def test_a_move_is_one_write(level, tree, world):
    node, parent = places(tree)[level]
    with watched() as seen:
        HierarchyRepository().move(node.uiid, parent.uiid)
    assert [one for one in seen.requests if one not in {"Query", "GetItem"}] == ["TransactWriteItems"]


def test_rows_below_a_moved_node_are_deleted_with_their_new_parents(tree, world):
    node, parent = places(tree)["high_level_requirements"]
    below = set(ids(node, 2))
    HierarchyRepository().move(node.uiid, parent.uiid)
    HierarchyRepository().append(node.uiid, [{"name": "later"}])
    counts = UserFlowRepository().delete(parent.uiid).counts
    assert counts == dict(zip(LEVELS, (0, 1, 3, 7, 12), strict=True))
    left = ids(HierarchyRepository().load(tree.id))
    assert not below & set(left)
    assert_sound(world)
