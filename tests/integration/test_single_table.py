"""What the single-table layout promises beyond the six: nothing of a tree is stale, and an id is there once."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from dynamodb import capacity, check_all_tables_exist, create_all_tables, get_table_info
from dynamodb.errors import AlreadyExistsError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
    WaitlistRepository,
)
from models.single_table import IdItem, Item, ProjectItem, TestCaseItem
from support.fault_proxy import FaultProxy
from support.interruptions import watched
from support.invariants import assert_sound
from support.layouts import only_single_table
from support.trees import ids, outline, sample
from support.world import Hierarchy, World

pytestmark = [pytest.mark.engine, only_single_table]


@pytest.fixture
def tree(world: World) -> Hierarchy:
    return Hierarchy(world)


@pytest.fixture
def _lagging(engine_endpoint: str, world: World, reconfigure: Callable[..., None]) -> Iterator[None]:
    """Every index shows its table as it was twenty writes ago."""
    with FaultProxy(engine_endpoint) as proxy:
        proxy.lag_indexes(20)
        reconfigure(endpoint=proxy.endpoint)
        yield


@pytest.mark.usefixtures("_lagging")
def test_a_tree_is_never_stale_whatever_the_indexes_show(world: World) -> None:
    """After each write the tree, the subtree and the lists have it; a delete sees every child."""
    trees = HierarchyRepository()
    made = trees.create(sample())
    assert outline(trees.load(made.id)) == outline(made)
    flow = UserFlowRepository().create({"project_id": made.id, "name": "new"})
    hlr = HighLevelRequirementRepository().create({"parent_uiid": flow.uiid, "name": "under it"})
    assert (
        trees.load(made.id).flows[-1].high_level_requirement_list
        == trees.load_subtree(flow.uiid).model_copy().high_level_requirement_list
    )
    assert [one.uiid for one in UserFlowRepository().iter_by_project(made.id)][-1] == flow.uiid
    assert [one.uiid for one in HighLevelRequirementRepository().iter_by_parent(flow.uiid)] == [hlr.uiid]
    assert hlr.uiid in [one.uiid for one in HighLevelRequirementRepository().iter_by_project(made.id)]
    assert trees.delete_project(made.id).total == len(ids(made)) + 2
    assert world.counts() == (0, 0, 0, 0, 0)
    assert_sound(world)


def test_a_tree_is_one_request_and_no_index(world: World, tree: Hierarchy) -> None:
    with watched() as seen, capacity() as used:
        HierarchyRepository().load(tree.project)
    assert seen.requests == ["Query"]
    assert used.requests == 1


def test_an_id_cannot_be_there_twice_even_in_the_same_moment(world: World, tree: Hierarchy) -> None:
    """Under two parents, by two writers who have both looked: the transaction of the second is refused."""
    hlrs = HighLevelRequirementRepository()
    world.put("user_flows", uiid="flow-2", project_id=tree.project, name="flow 2")
    left = [lambda: hlrs.create({"uiid": "one", "parent_uiid": "flow-2", "name": "theirs"})]

    def before(_: int, operation: str) -> None:
        if operation == "TransactWriteItems" and left:
            other = Thread(target=left.pop())
            other.start()
            other.join()

    with watched(before=before), pytest.raises(AlreadyExistsError):
        hlrs.create({"uiid": "one", "parent_uiid": tree.flow, "name": "ours"})
    assert hlrs.get("one").parent_uiid == "flow-2"
    assert_sound(world)


def test_one_id_may_be_on_several_levels(world: World, tree: Hierarchy) -> None:
    UserFlowRepository().create({"uiid": "same", "project_id": tree.project, "name": "flow"})
    HighLevelRequirementRepository().create({"uiid": "same", "parent_uiid": "same", "name": "hlr"})
    assert UserFlowRepository().get("same").name == "flow"
    assert HighLevelRequirementRepository().get("same").name == "hlr"
    UserFlowRepository().delete("same")
    assert HighLevelRequirementRepository().find("same") is None
    assert_sound(world)


@pytest.mark.parametrize(("parent", "other"), [("a", "a#b"), ("a#b", "a"), ("a%23b", "a#b"), ("%", "%25")])
def test_ids_with_separators_lead_to_their_own_children_only(
    parent: str, other: str, world: World, tree: Hierarchy
) -> None:
    for uiid in (parent, other):
        UserFlowRepository().create({"uiid": uiid, "project_id": tree.project, "name": uiid})
        HighLevelRequirementRepository().create({"uiid": f"of {uiid}", "parent_uiid": uiid, "name": uiid})
    found = HighLevelRequirementRepository().list_by_parent(parent).items
    assert [one.name for one in found] == [parent]
    UserFlowRepository().delete(parent)
    assert [one.name for one in HighLevelRequirementRepository().list_by_parent(other).items] == [other]
    assert_sound(world)


def test_a_renamed_project_is_found_by_its_new_name_only(world: World, tree: Hierarchy) -> None:
    ProjectRepository().update(tree.project, {"name": "renamed"})
    assert [one.id for one in ProjectRepository().iter_by_name("renamed")] == [tree.project]
    assert list(ProjectRepository().iter_by_name("p")) == []
    assert_sound(world)


def test_a_node_that_has_just_moved_is_found(world: World, tree: Hierarchy) -> None:
    """Between the item that leads to it and the row: the item is read again."""
    world.put("low_level_requirements", uiid="llr-2", parent_uiid=tree.hlr, name="l", project_id=tree.project)
    left = [lambda: HierarchyRepository().move(tree.test, "llr-2")]

    def before(_: int, operation: str) -> None:
        if operation == "Query" and left:
            left.pop()()

    with watched(before=before):
        assert TestCaseRepository().get(tree.test).parent_uiid == "llr-2"


def test_the_waitlist_is_read_without_the_projects(world: World, tree: Hierarchy) -> None:
    """Whatever the statuses are."""
    for number, status in enumerate(["pending", "converted", "of an earlier writer"]):
        world.put("waitlist", email=f"{number}@example.org", status=status)
    with capacity() as used:
        found = [entry.email for entry in WaitlistRepository().iter_all()]
    assert sorted(found) == ["0@example.org", "1@example.org", "2@example.org"]
    assert used.requests == 1


def test_the_one_table_is_made_from_the_models(world: World) -> None:
    world.drop_tables()
    assert check_all_tables_exist()["missing_tables"] == [world.table("projects")]
    assert create_all_tables()["status"] == "success"
    assert check_all_tables_exist()["existing_tables"] == [world.table("projects")]
    info = get_table_info("projects")["data"]
    assert [part["AttributeName"] for part in info["key_schema"]] == ["pk", "sk"]
    assert len(info["global_secondary_indexes"]) == 3


def test_the_models_read_what_the_repositories_write(world: World, tree: Hierarchy) -> None:
    """By the type of each item."""
    made = HierarchyRepository().create(sample(1, 1, 1, 1))
    found = {type(item) for item in Item.query(f"P#{made.id}")}
    assert ProjectItem in found
    assert TestCaseItem in found
    assert len(found) == 5
    assert [type(item) for item in Item.query(f"ID#{made.flows[0].uiid}")] == [IdItem]
