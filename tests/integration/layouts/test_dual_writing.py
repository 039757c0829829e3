"""While every write goes to both layouts: both have the same rows after each, in one transaction or not at all."""

from collections.abc import Callable
from datetime import timedelta

import pytest

import dynamodb
from dynamodb import configure
from dynamodb.doctor import repair
from dynamodb.errors import (
    AlreadyExistsError,
    DataLayerError,
    InvalidInputError,
    NotFoundError,
    PartialWriteError,
    VersionConflictError,
)
from dynamodb.migrate import rollback, verify_layout
from dynamodb.repositories import (
    HierarchyRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
    WaitlistRepository,
)
from models.requirement import ProjectTreeCreate
from support.both_layouts import LAYOUTS, SLOW_ON_MOTO, UNKNOWN, WAYS, Both
from support.interruptions import crash_at_write, watched
from support.trees import sample
from support.world import Hierarchy

pytestmark = pytest.mark.engine

SIX, SINGLE = LAYOUTS


@pytest.fixture(params=WAYS)
def same(request, both: Both) -> Callable[[], dict[str, int]]:
    """Write into both; say that both have the same, and how many rows of each kind."""
    source, target = request.param
    both.use(source, dual_write=target)

    def check() -> dict[str, int]:
        rows = both.rows(source)
        assert both.rows(target) == rows
        assert both[SINGLE].loose_ends() == []
        return {key: len(items) for key, items in rows.items()}

    check.source, check.target = source, target
    return check


def test_every_write_of_rows_goes_to_both(same):
    """Created, changed, moved, deleted, alone or many; the version is raised once."""
    project = ProjectRepository().create({"name": "p", "user_id": "ada"})
    ProjectRepository().create_many([{"name": "q", "user_id": "ada"}, {"name": "r", "user_id": "ada"}])
    renamed = ProjectRepository().update(project.id, {"name": "renamed", "initial_prompt": "why"})
    assert (renamed.name, renamed.version) == ("renamed", 2)
    assert ProjectRepository().get(project.id) == renamed
    assert ProjectRepository().update(project.id, {"initial_prompt": None}).initial_prompt is None
    trees = HierarchyRepository()
    tree = trees.append(project.id, sample(1, 2, 2, 2)["flows"])[0]
    first, second = tree.high_level_requirement_list
    low = first.low_level_requirement_list[0]
    assert trees.move(low.uiid, second.uiid).parent_uiid == second.uiid
    assert same()["test_cases"] == 8
    assert [one.version for one in trees.load_subtree(second.uiid).low_level_requirement_list] == [2, 1, 1]
    TestCaseRepository().create_many([{"name": f"t{number}", "parent_uiid": low.uiid} for number in range(5)])
    assert same()["test_cases"] == 13
    LowLevelRequirementRepository().delete(low.uiid)
    assert same()["test_cases"] == 6
    TestCaseRepository().delete(next(iter(TestCaseRepository().iter_by_project(project.id))).uiid)
    trees.delete_project(project.id)
    assert same()["projects"] == 2


def test_every_write_of_sign_ups_goes_to_both(same):
    entries = WaitlistRepository()
    entries.create_many([{"email": f"{name}@example.org"} for name in "abc"])
    entries.create({"email": "D@example.org", "notes": "n"})
    entries.update("a@example.org", {"status": "contacted", "notes": "called"})
    entries.delete("b@example.org")
    with pytest.raises(AlreadyExistsError):
        entries.create({"email": "a@example.org"})
    assert same()["waitlist"] == 3


def test_whole_trees_go_to_both_also_where_one_transaction_does_not_hold_them(same):
    """Created in batches, deleted from the leaves up."""
    trees = HierarchyRepository()
    made = trees.create(sample(1, 2, 3, 4))
    assert same()["test_cases"] == 24
    assert trees.delete_project(made.id).total == 34
    assert sum(same().values()) == 0


@SLOW_ON_MOTO
def test_copies_and_imports_go_to_both(same):
    trees = HierarchyRepository()
    made = trees.create(sample(1, 2, 3, 4))
    copy = trees.copy_project(made.id, name="copy")
    lines = list(trees.export_lines(made.id))
    trees.delete_project(made.id)
    assert same()["test_cases"] == 24
    trees.import_lines(lines)
    assert same()["test_cases"] == 48
    trees.delete_project(copy.id)
    assert same()["test_cases"] == 24


@SLOW_ON_MOTO
@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
def test_a_crash_at_any_write_leaves_both_the_same_and_the_same_call_ends_it(same, applied):
    """A tree of several transactions: whatever is written is in both, and the tree is doubled in neither."""
    trees = HierarchyRepository()
    tree = ProjectTreeCreate.model_validate({**sample(1, 2, 3, 4), "id": "crashed"})
    for place in range(100):
        try:
            with watched(crash_at_write(place, applied=applied)):
                trees.create(tree)
            break
        except (DataLayerError, PartialWriteError):
            same()
    assert place > 0
    trees.create(tree)
    assert same()["test_cases"] == 24
    for step in range(100):
        try:
            with watched(crash_at_write(step, applied=applied)):
                trees.delete_project("crashed")
            break
        except NotFoundError:
            break
        except (DataLayerError, PartialWriteError):
            same()
    assert step > 0
    assert sum(same().values()) == 0


def test_a_row_that_is_not_there_yet_comes_whole_with_its_first_change(both, same):
    """Attributes that this layer does not know, too; and a mark of a deletion does."""
    world = both[same.source]
    tree = Hierarchy(world, **UNKNOWN)
    world.put("waitlist", email="ada@example.org", status="pending", **UNKNOWN)
    ProjectRepository().update(tree.project, {"name": "brought"})
    UserFlowRepository().update(tree.flow, {"description": "brought"})
    WaitlistRepository().update("ada@example.org", {"notes": "brought"})
    there = both[same.target]
    assert there.rows("projects") == world.rows("projects")
    assert there.rows("user_flows") == world.rows("user_flows")
    assert there.rows("waitlist") == world.rows("waitlist")
    assert there.rows("test_cases") == []
    assert HierarchyRepository().move(tree.test, tree.llr).uiid == tree.test
    HierarchyRepository().append(tree.hlr, [{"name": "new below"}])
    LowLevelRequirementRepository().delete(tree.llr)
    assert there.rows("low_level_requirements") == world.rows("low_level_requirements")
    HierarchyRepository().delete_project(tree.project)
    assert sum(same().values()) == 1


def test_conditions_hold_across_both(both, same):
    """Somebody else writes by the other layout: versions, parents and ids are the same ones."""
    flow = HierarchyRepository().create(sample(1, 1, 1, 1)).flows[0]
    both.use(same.target, dual_write=same.source)
    assert UserFlowRepository().update(flow.uiid, {"name": "theirs"}).version == 2
    both.use(same.source, dual_write=same.target)
    with pytest.raises(VersionConflictError) as conflict:
        UserFlowRepository().update(flow.uiid, {"name": "ours"}, expected_version=1)
    assert conflict.value.current.name == "theirs"
    assert UserFlowRepository().update(flow.uiid, {"name": "ours"}).version == 3
    with pytest.raises(AlreadyExistsError):
        UserFlowRepository().create({"uiid": flow.uiid, "name": "again", "project_id": flow.project_id})
    same()


def test_what_would_write_into_one_alone_is_refused(both, same, tmp_path):
    """Items by table name, repairs, rollbacks; nothing was written."""
    tree = Hierarchy(both[same.source])
    table, key = both[same.source].table("projects"), both[same.source].plain_key
    for answer in (
        dynamodb.create_item(table, {"id": "p", "user_id": "u", "pk": "p", "sk": "s"}),
        dynamodb.delete_item(table, key("projects", id=tree.project, user_id="user-1")),
    ):
        assert answer["status"] == "error"
        assert "DYNAMODB_DUAL_WRITE" in answer["message"]
    with pytest.raises(InvalidInputError):
        rollback(tmp_path / "state")
    with pytest.raises(InvalidInputError, match="repair"):
        repair(quarantine=tmp_path / "quarantine", grace=timedelta())
    assert sum(len(rows) for rows in both.rows(same.target).values()) == 0
    assert verify_layout(same.source, same.target).wrong == 5


def test_a_row_that_only_one_of_them_could_hold_is_refused_before_anything_is_written(both, same, monkeypatch):
    """The one table's keys count for the 400 KB, too."""
    monkeypatch.setattr("dynamodb._requests.MAX_ITEM_BYTES", 1000)
    prompt = "x" * (1000 - 240)
    with pytest.raises(DataLayerError, match="limit of an item"):
        ProjectRepository().create({"id": "p", "name": "n" * 40, "user_id": "ada", "initial_prompt": prompt})
    assert sum(same().values()) == 0


def test_the_switch_names_the_other_layout(both):
    """Anything else is refused, and the environment says it, too."""
    with pytest.raises(InvalidInputError, match="no layout"):
        configure(dual_write="both")
    both.use(SIX, dual_write=SIX)
    with pytest.raises(InvalidInputError, match="the other one"):
        ProjectRepository().create({"name": "p", "user_id": "ada"})


def test_the_environment_switches_it(both, monkeypatch):
    monkeypatch.setenv("DYNAMODB_DUAL_WRITE", SINGLE)
    ProjectRepository().create({"name": "p", "user_id": "ada"})
    assert both.rows(SIX) == both.rows(SINGLE)
