"""A repository for an owner sees and changes only what is the owner's; anything else is not there."""

from collections.abc import Callable
from functools import partial

import pytest

from dynamodb.errors import InvalidInputError, NotFoundError, ParentNotFoundError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from support.invariants import assert_sound
from support.layouts import only_six_tables
from support.tables import LEVELS
from support.trees import ids
from support.world import Hierarchy

pytestmark = pytest.mark.engine

REPOSITORIES = dict(
    zip(
        LEVELS,
        (
            ProjectRepository,
            UserFlowRepository,
            HighLevelRequirementRepository,
            LowLevelRequirementRepository,
            TestCaseRepository,
        ),
        strict=True,
    )
)


@pytest.fixture
def mine(world):
    """Ada's project, under which she may do everything."""
    return Hierarchy(world, "mine", "ada")


@pytest.fixture
def theirs(world):
    """Grace's project, of which Ada may not even know."""
    return Hierarchy(world, "theirs", "grace")


def reads(tree, user_id):
    """Every way to read something of a tree by its ids, and what it finds."""
    repositories = {table: REPOSITORIES[table](user_id=user_id) for table in LEVELS}
    for table, row_id in tree.ids.items():
        yield f"{table}.find", repositories[table].find(row_id)
    for table in LEVELS[1:]:
        repository = repositories[table]
        yield f"{table}.list_by_project", repository.list_by_project(tree.project).items
        yield f"{table}.iter_by_project", list(repository.iter_by_project(tree.project))
    for table, parent in zip(LEVELS[2:], (tree.flow, tree.hlr, tree.llr), strict=True):
        yield f"{table}.list_by_parent", repositories[table].list_by_parent(parent).items
        yield f"{table}.iter_by_parent", list(repositories[table].iter_by_parent(parent))


def refusals(tree, user_id) -> list[tuple[str, Callable[[], object]]]:
    """Every call that raises where it may not find what it is given; those that delete come last, leaves first."""
    trees = HierarchyRepository(user_id=user_id)
    repositories = {table: REPOSITORIES[table](user_id=user_id) for table in LEVELS}
    project, *below = tree.ids.values()
    calls: list[tuple[str, Callable[[], object]]] = [
        ("load", partial(trees.load, project)),
        ("export", lambda: list(trees.export_lines(project))),
        ("copy", partial(trees.copy_project, project)),
        ("dry run", partial(trees.delete_project, project, dry_run=True)),
    ]
    for table, row_id in tree.ids.items():
        repository = repositories[table]
        calls += [
            (f"{table}.get", partial(repository.get, row_id)),
            (f"{table}.update", partial(repository.update, row_id, {"name": "n"})),
            (f"{table}.dry run", partial(repository.delete, row_id, dry_run=True)),
        ]
    calls += [(f"load_subtree {uiid}", partial(trees.load_subtree, uiid)) for uiid in below]
    calls += [(f"append {uiid}", partial(trees.append, uiid, [{"name": "n"}])) for uiid in (project, *below[:3])]
    for table, parent in zip(LEVELS[1:], (project, *below[:3]), strict=True):
        field = "project_id" if table == "user_flows" else "parent_uiid"
        calls.append((f"{table}.create", partial(repositories[table].create, {field: parent, "name": "n"})))
    deletes = [(f"{table}.delete", partial(repositories[table].delete, row_id)) for table, row_id in tree.ids.items()]
    return [*calls, *deletes[::-1], ("delete_project", partial(trees.delete_project, project))]


def is_refused(call):
    try:
        call()
    except NotFoundError:
        return True
    return False


def test_an_owner_reads_all_of_his_own(world, mine, theirs):
    assert [name for name, found in reads(mine, "ada") if not found] == []


def test_nothing_of_another_owner_is_read(world, mine, theirs):
    assert [name for name, found in reads(theirs, "ada") if found] == []


def test_everything_of_another_owner_is_not_found_and_stays_as_it_is(world, mine, theirs):
    before = world.levels()
    assert [name for name, call in refusals(theirs, "ada") if not is_refused(call)] == []
    assert world.levels() == before


def test_an_owner_may_do_all_of_it_with_his_own(world, mine, theirs):
    """The calls that are refused for another owner's rows are good ones."""
    others = [row for rows in world.levels().values() for row in rows if "theirs" in str(row)]
    # The project's own repository has just deleted it when the last call comes.
    assert [name for name, call in refusals(mine, "ada") if is_refused(call)] == ["delete_project"]
    assert [row for rows in world.levels().values() for row in rows if "theirs" in str(row)] == others
    assert_sound(world)


def test_nothing_is_moved_into_or_out_of_another_owners_project(world, mine, theirs):
    before = world.levels()
    for user_id in ("ada", "grace"):
        trees = HierarchyRepository(user_id=user_id)
        for tree, other in ((mine, theirs), (theirs, mine)):
            for uiid, parent in ((tree.hlr, other.flow), (tree.llr, other.hlr), (tree.test, other.llr)):
                with pytest.raises(NotFoundError):
                    trees.move(uiid, parent)
    stranger = HierarchyRepository(user_id="mallory")
    with pytest.raises(NotFoundError):
        stranger.move(mine.llr, mine.hlr)
    assert world.levels() == before


def test_projects_are_made_for_the_owner_only(world, mine):
    before = world.levels()
    for call in (
        lambda: ProjectRepository(user_id="ada").create({"name": "n", "user_id": "grace"}),
        lambda: ProjectRepository(user_id="ada").create_many(
            [{"name": "n", "user_id": "ada"}, {"name": "n", "user_id": "grace"}]
        ),
        lambda: HierarchyRepository(user_id="ada").create({"name": "n", "user_id": "grace"}),
        lambda: HierarchyRepository(user_id="ada").copy_project(mine.project, user_id="grace"),
    ):
        with pytest.raises(InvalidInputError, match="user_id"):
            call()
    assert world.levels() == before


def test_lists_of_projects_show_the_owners_only(world, mine, theirs):
    for name in ("mine", "theirs"):
        world.put("projects", id=f"same {name}", user_id="ada" if name == "mine" else "grace", name="same")
    ada = ProjectRepository(user_id="ada")
    assert [one.id for one in ada.list_by_user("ada").items] == [mine.project, "same mine"]
    assert ada.list_by_user("grace").items == list(ada.iter_by_user("grace")) == []
    assert [one.id for one in ada.list_by_name("same").items] == ["same mine"]
    assert [one.id for one in ada.iter_by_name("same")] == ["same mine"]
    assert len(ProjectRepository().list_by_name("same").items) == 2


def test_a_copy_can_be_handed_to_another_owner(world, mine):
    copy = HierarchyRepository().copy_project(mine.project, user_id="grace")
    assert ids(HierarchyRepository(user_id="grace").load(copy.id)) == ids(copy)
    with pytest.raises(NotFoundError):
        HierarchyRepository(user_id="ada").load(copy.id)
    assert HierarchyRepository(user_id="ada").load(mine.project).id == mine.project


@only_six_tables("the id alone is a project's key in the other")
def test_one_project_id_under_two_owners_belongs_to_each_as_far_as_it_is_his(world):
    """Two writers at the same moment, or an earlier one: the older is the one that everybody sees."""
    world.put("projects", id="one", user_id="ada", name="older")
    world.put("projects", id="one", user_id="grace", name="younger")
    assert ProjectRepository().get("one").name == "older"
    assert ProjectRepository(user_id="ada").get("one").name == "older"
    assert ProjectRepository(user_id="grace").find("one") is None
    with pytest.raises(NotFoundError):
        HierarchyRepository(user_id="grace").load("one")


@pytest.mark.parametrize("state", ["deleting", "creating"])
def test_below_a_project_that_comes_or_goes_an_owner_sees_nothing(state, world, mine):
    [row] = world.rows("projects")
    world.put_items("projects", [row | {"tree_state": {"S": state}}])
    assert [name for name, found in reads(mine, "ada") if found] == []


def test_rows_whose_project_is_gone_belong_to_nobody(world, mine):
    """Orphans of an earlier writer: without an owner they are found, for repair."""
    world.delete("projects", world.rows("projects")[0])
    assert UserFlowRepository(user_id="ada").find(mine.flow) is None
    assert UserFlowRepository().get(mine.flow).uiid == mine.flow
    with pytest.raises(ParentNotFoundError):
        UserFlowRepository().create({"project_id": mine.project, "name": "n"})


@pytest.mark.parametrize("user_id", ["", "x" * 256, 5, b"ada"])
def test_an_owner_is_text_of_1_to_255_characters(user_id):
    for repository in (*REPOSITORIES.values(), HierarchyRepository):
        with pytest.raises(InvalidInputError, match="user_id"):
            repository(user_id=user_id)
