"""Two writers whose requests interleave: the second acts between two requests of the first, on purpose."""

import pytest

from dynamodb.errors import (
    AlreadyExistsError,
    NotFoundError,
    ParentNotFoundError,
    ThrottledError,
    VersionConflictError,
)
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from models._hierarchy import UserFlowTreeCreate
from support.interruptions import watched
from support.invariants import assert_sound
from support.layouts import only_six_tables
from support.trees import sample
from support.world import Hierarchy

pytestmark = pytest.mark.engine

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


@pytest.fixture
def tree(world):
    """A project with one row on each level, and a second row that can be a parent on each."""
    made = Hierarchy(world)
    world.put("user_flows", uiid="flow-2", project_id=made.project, name="flow 2")
    below = {"project_id": made.project}
    world.put("high_level_requirements", uiid="hlr-2", parent_uiid="flow-2", name="hlr 2", **below)
    world.put("low_level_requirements", uiid="llr-2", parent_uiid="hlr-2", name="llr 2", **below)
    return made


class Between:
    """Does something once, before the first request of an operation is sent."""

    def __init__(self, operation, act):
        self.operation, self.act, self.done = operation, act, False

    def __call__(self, _, operation):
        if operation == self.operation and not self.done:
            self.done = True
            self.act()


def interleaved(operation, act, call):
    """Let `act` happen just before `call` sends its first request of this operation."""
    between = Between(operation, act)
    with watched(before=between):
        try:
            return call()
        finally:
            assert between.done


def test_of_two_updates_without_expectation_both_are_kept(world, tree):
    """The second one is made anew on what the first has left."""
    flows = UserFlowRepository()
    changed = interleaved(
        "UpdateItem",
        lambda: flows.update(tree.flow, {"name": "theirs"}),
        lambda: flows.update(tree.flow, {"description": "ours"}),
    )
    assert (changed.name, changed.description, changed.version) == ("theirs", "ours", 3)


def test_of_two_updates_that_expect_the_same_version_one_wins(world, tree):
    flows = UserFlowRepository()
    with pytest.raises(VersionConflictError) as caught:
        interleaved(
            "UpdateItem",
            lambda: flows.update(tree.flow, {"name": "theirs"}, expected_version=1),
            lambda: flows.update(tree.flow, {"name": "ours"}, expected_version=1),
        )
    assert (caught.value.current.name, caught.value.current.version) == ("theirs", 2)
    assert flows.get(tree.flow) == caught.value.current


def test_an_update_follows_a_row_that_is_just_moved(world, tree):
    """Its key has changed, the row has not gone."""
    llrs = LowLevelRequirementRepository()
    changed = interleaved(
        "UpdateItem",
        lambda: HierarchyRepository().move(tree.llr, "hlr-2"),
        lambda: llrs.update(tree.llr, {"name": "changed"}),
    )
    assert (changed.name, changed.parent_uiid, changed.version) == ("changed", "hlr-2", 3)
    assert llrs.get(tree.llr) == changed
    assert_sound(world)


def test_an_update_that_expects_a_version_loses_against_a_move(world, tree):
    llrs = LowLevelRequirementRepository()
    with pytest.raises(VersionConflictError) as caught:
        interleaved(
            "UpdateItem",
            lambda: HierarchyRepository().move(tree.llr, "hlr-2"),
            lambda: llrs.update(tree.llr, {"name": "changed"}, expected_version=1),
        )
    assert (caught.value.current.parent_uiid, caught.value.current.version) == ("hlr-2", 2)


def test_an_update_of_a_row_that_is_just_deleted_does_not_bring_it_back(world, tree):
    with pytest.raises(NotFoundError):
        interleaved(
            "UpdateItem",
            lambda: UserFlowRepository().delete(tree.flow),
            lambda: UserFlowRepository().update(tree.flow, {"name": "back"}),
        )
    assert [row["uiid"]["S"] for row in world.rows("user_flows")] == ["flow-2"]


@pytest.mark.parametrize("uiid", ["p-llr", "p-test"])
def test_a_delete_follows_a_row_that_is_just_moved(uiid, world, tree):
    """With or without rows below it: what was said to be deleted is gone."""
    repository = LowLevelRequirementRepository() if uiid == "p-llr" else TestCaseRepository()
    operation = "UpdateItem" if uiid == "p-llr" else world.delete_operation
    deleted = interleaved(
        operation,
        lambda: HierarchyRepository().move(uiid, "hlr-2" if uiid == "p-llr" else "llr-2"),
        lambda: repository.delete(uiid),
    )
    assert deleted.finished
    assert repository.find(uiid) is None
    assert_sound(world)


def test_of_two_deletes_both_say_that_it_is_gone(world, tree):
    deleted = interleaved(
        "BatchWriteItem",
        lambda: UserFlowRepository().delete(tree.flow),
        lambda: UserFlowRepository().delete(tree.flow),
    )
    assert deleted.finished
    assert world.counts() == (1, 1, 1, 1, 0)
    assert_sound(world)


def test_a_create_under_a_parent_that_is_just_moved_succeeds(world, tree):
    """The parent is where it was looked for no more, but it is there."""
    made = interleaved(
        "TransactWriteItems",
        lambda: HierarchyRepository().move(tree.llr, "hlr-2"),
        lambda: TestCaseRepository().create({"name": "new", "parent_uiid": tree.llr}),
    )
    assert TestCaseRepository().get(made.uiid) == made
    assert_sound(world)


def test_nodes_are_appended_under_a_parent_that_is_just_moved(world, tree):
    [made] = interleaved(
        "TransactWriteItems",
        lambda: HierarchyRepository().move(tree.llr, "hlr-2"),
        lambda: HierarchyRepository().append(tree.llr, [{"name": "new"}]),
    )
    assert TestCaseRepository().get(made.uiid).parent_uiid == tree.llr
    assert_sound(world)


@pytest.mark.parametrize("level", range(4))
def test_a_create_under_what_is_just_deleted_is_refused(level, world, tree):
    """Whichever row above it goes."""
    gone = [tree.project, tree.flow, tree.hlr, tree.llr][level]
    repository = [
        ProjectRepository,
        UserFlowRepository,
        HighLevelRequirementRepository,
        LowLevelRequirementRepository,
    ][level]()
    with pytest.raises(ParentNotFoundError):
        interleaved(
            "TransactWriteItems",
            lambda: repository.delete(gone),
            lambda: TestCaseRepository().create({"name": "new", "parent_uiid": tree.llr}),
        )
    assert_sound(world)


@pytest.mark.parametrize("place", range(6))
def test_a_row_created_while_its_project_is_being_deleted_goes_with_it_or_is_refused(place, world, tree):
    """At whichever request of the deletion the other writer comes."""
    refused = []

    def create(number, _):
        if number == place:
            try:
                TestCaseRepository().create({"name": "new", "parent_uiid": tree.llr})
            except ParentNotFoundError as error:
                refused.append(error)

    with watched(before=create):
        ProjectRepository().delete(tree.project)
    assert world.counts() == (0, 0, 0, 0, 0)


def test_of_two_creates_with_one_id_one_wins(world, tree):
    """Under the same parent the second finds it taken."""
    flows = UserFlowRepository()
    fields = {"uiid": "one", "project_id": tree.project}
    with pytest.raises(AlreadyExistsError):
        interleaved(
            "TransactWriteItems",
            lambda: flows.create({**fields, "name": "theirs"}),
            lambda: flows.create({**fields, "name": "ours"}),
        )
    assert flows.get("one").name == "theirs"
    assert_sound(world)


@only_six_tables("the other refuses the second of two rows with one id")
def test_of_two_rows_with_one_id_under_two_parents_every_reader_sees_the_older(world, tree):
    """The same moment is the only way in; reads stay deterministic until it is repaired."""
    hlrs = HighLevelRequirementRepository()
    interleaved(
        "TransactWriteItems",
        lambda: hlrs.create({"uiid": "one", "parent_uiid": "flow-2", "name": "theirs"}),
        lambda: hlrs.create({"uiid": "one", "parent_uiid": tree.flow, "name": "ours"}),
    )
    assert len([row for row in world.rows("high_level_requirements") if row["uiid"]["S"] == "one"]) == 2
    older = min(
        (row for row in world.rows("high_level_requirements") if row["uiid"]["S"] == "one"),
        key=lambda row: row["created_at"]["S"],
    )
    assert hlrs.get("one").parent_uiid == older["parent_uiid"]["S"]
    loaded = HierarchyRepository().load(tree.project)
    found = [(flow.uiid, hlr.uiid) for flow in loaded.flows for hlr in flow.high_level_requirement_list]
    assert [flow for flow, hlr in found if hlr == "one"] == [older["parent_uiid"]["S"]]
    assert HierarchyRepository().load_subtree("one").parent_uiid == older["parent_uiid"]["S"]


def test_of_two_moves_of_one_node_one_ends_where_it_said(world, tree):
    """The second is made anew from where the first has put it; there is one row in the end."""
    world.put("high_level_requirements", uiid="hlr-3", parent_uiid=tree.flow, name="hlr 3", project_id=tree.project)
    trees = HierarchyRepository()
    moved = interleaved(
        "TransactWriteItems",
        lambda: trees.move(tree.llr, "hlr-2"),
        lambda: trees.move(tree.llr, "hlr-3"),
    )
    assert moved.parent_uiid == "hlr-3"
    assert LowLevelRequirementRepository().get(tree.llr) == moved
    assert_sound(world)


def test_a_move_keeps_an_update_that_comes_between(world, tree):
    moved = interleaved(
        "TransactWriteItems",
        lambda: LowLevelRequirementRepository().update(tree.llr, {"name": "changed"}),
        lambda: HierarchyRepository().move(tree.llr, "hlr-2"),
    )
    assert (moved.name, moved.parent_uiid, moved.version) == ("changed", "hlr-2", 3)
    assert_sound(world)


@pytest.mark.parametrize("gone", ["new parent", "old parent", "node"])
def test_a_move_out_of_or_into_what_is_just_deleted_is_refused(gone, world, tree):
    """Neither does a part of what is being deleted escape, nor does one get lost."""
    victim = {"new parent": "hlr-2", "old parent": tree.hlr, "node": tree.llr}[gone]
    repository = LowLevelRequirementRepository() if gone == "node" else HighLevelRequirementRepository()
    with pytest.raises(NotFoundError):
        interleaved(
            "TransactWriteItems",
            lambda: repository.delete(victim),
            lambda: HierarchyRepository().move(tree.llr, "hlr-2"),
        )
    assert repository.find(victim) is None
    assert_sound(world)


def big_flow(**fields):
    """More rows than fit in a transaction."""
    return UserFlowTreeCreate.model_validate({**sample(1, 11, 10, 0)["flows"][0], **fields})


@pytest.mark.parametrize("operation", ["TransactWriteItems", "BatchWriteItem"])
def test_a_big_tree_under_a_project_that_is_just_deleted_leaves_nothing(operation, world, tree):
    with pytest.raises(NotFoundError):
        interleaved(
            operation,
            lambda: ProjectRepository().delete(tree.project),
            lambda: HierarchyRepository().append(tree.project, [big_flow()]),
        )
    assert world.counts() == (0, 0, 0, 0, 0)


def test_readers_do_not_see_a_big_tree_before_all_of_it_is_there(world, tree):
    """At every request of the append: the project as it was, or all of the new flow."""
    seen = set()

    def look(number, operation):
        if operation in WRITES:
            loaded = HierarchyRepository().load(tree.project)
            seen.add(tuple(sorted(len(flow.high_level_requirement_list) for flow in loaded.flows)))
            assert UserFlowRepository().find("big") is None

    with watched(before=look):
        HierarchyRepository().append(tree.project, [big_flow(uiid="big")])
    assert seen == {(1, 1)}
    assert len(HierarchyRepository().load(tree.project).flows) == 3


def test_readers_do_not_see_a_project_that_is_being_deleted(world, tree):
    """From the first write on."""
    seen = []

    def look(number, operation):
        if operation == "BatchWriteItem" or (operation == "DeleteItem" and seen):
            seen.append(ProjectRepository().find(tree.project))
            with pytest.raises(NotFoundError):
                HierarchyRepository().load(tree.project)
            assert ProjectRepository().list_by_user("ada").items == []

    with watched(before=look):
        ProjectRepository().delete(tree.project)
    assert len(seen) > 3
    assert set(seen) == {None}


def test_an_update_that_others_always_outrun_ends_at_the_time_limit(world, tree, reconfigure):
    reconfigure(time_limit=0.3)
    busy = []

    def outrun(_, operation):
        if operation == "UpdateItem" and not busy:
            busy.append(True)
            UserFlowRepository().update(tree.flow, {"name": "theirs"})
            busy.clear()

    with watched(before=outrun), pytest.raises(ThrottledError, match="other writers"):
        UserFlowRepository().update(tree.flow, {"name": "ours"})
    assert UserFlowRepository().get(tree.flow).name == "theirs"
