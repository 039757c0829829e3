"""Rows and tables that earlier writers and deployments left."""

import time

import pytest

from dynamodb.errors import InvalidInputError, TableNotFoundError, UnexpectedResponseError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
    WaitlistRepository,
)
from models._kinds import KINDS
from support.invariants import assert_sound
from support.layouts import only_six_tables
from support.tables import LEVELS, SIX, definition, hash_only, without_index
from support.trees import ids

pytestmark = pytest.mark.engine

earlier = only_six_tables("earlier writers and deployments had six tables")

PROJECT = "0b0c2f5e-5c5b-4a57-9a3e-0f6f4cf1a001"
AWARE = "0b0c2f5e-5c5b-4a57-9a3e-0f6f4cf1a002"
FLOW, HLR, LLR, TEST = "flow-1735550001", "hlr-3141592653", "llr-1", "tc-1"
REPOSITORIES = {
    "projects": ProjectRepository,
    "user_flows": UserFlowRepository,
    "high_level_requirements": HighLevelRequirementRepository,
    "low_level_requirements": LowLevelRequirementRepository,
    "test_cases": TestCaseRepository,
    "waitlist": WaitlistRepository,
}

#: As the six tables may have been deployed.
SHAPES = {
    "as designed": SIX,
    "hash-only indexes": hash_only(SIX),
    "no project index": without_index(SIX, "project_id-index", *LEVELS[2:]),
    "hash-only, no project index": hash_only(without_index(SIX, "project_id-index", *LEVELS[2:])),
}


def fill(world, items):
    for table, rows in items.items():
        world.put_items(table, rows)
    return world


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def old(request, open_world, legacy_items):
    """Earlier rows in tables of each shape."""
    return fill(open_world(request.param), legacy_items)


@pytest.fixture
def legacy(world, legacy_items):
    """Earlier rows in the tables of the design."""
    return fill(world, legacy_items)


def key_of(table, row):
    return next(row[name]["S"] for name in ("uiid", "id", "email") if name in row)


@earlier
def test_every_row_is_read_by_its_repository(legacy, legacy_items):
    for table, rows in legacy_items.items():
        for item in rows:
            row = REPOSITORIES[table]().get(key_of(table, item))
            assert row.version == 0
            assert row.created_at.tzinfo is not None
            assert row.updated_at >= row.created_at.replace(microsecond=0)
            if table != "waitlist":
                assert row.name == item["name"]["S"]


@earlier
def test_every_row_is_listed_with_the_rest(old):
    assert [one.id for one in ProjectRepository().list_by_user("user123").items] == [PROJECT, AWARE]
    assert [one.id for one in ProjectRepository().iter_by_name("My Project")] == [PROJECT]
    assert [one.uiid for one in UserFlowRepository().iter_by_project(PROJECT)] == [FLOW]
    assert [one.uiid for one in HighLevelRequirementRepository().iter_by_parent(FLOW)] == [HLR]
    assert [one.uiid for one in LowLevelRequirementRepository().iter_by_parent(HLR)] == [LLR]
    assert [one.uiid for one in TestCaseRepository().list_by_parent(LLR).items] == [TEST]
    assert [one.email for one in WaitlistRepository().iter_by_status("pending")] == ["User@Example.com"]


@earlier
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_an_update_changes_its_fields_and_version_only(kind, legacy, legacy_items):
    """NULLs, odd timestamps and unknown attributes stay as they were."""
    change = {"notes": "called"} if kind.key == "waitlist" else {"name": "new"}
    for item in legacy_items[kind.key]:
        changed = REPOSITORIES[kind.key]().update(key_of(kind.key, item), change, expected_version=0)
        assert changed.version == 1
        stored = next(row for row in legacy.rows(kind.key) if key_of(kind.key, row) == key_of(kind.key, item))
        own = {*change, "version", "updated_at"}
        assert {name: value for name, value in stored.items() if name not in own} == {
            name: value for name, value in item.items() if name not in own
        }


@earlier
@pytest.mark.parametrize("version", [{"N": "0"}, {"NULL": True}], ids=["zero", "NULL"])
def test_a_version_that_says_nothing_is_no_version(version, legacy, legacy_items):
    """Earlier writers left NULL for what they did not know."""
    for table in ("user_flows", "high_level_requirements"):
        legacy.put_items(table, [{**legacy_items[table][0], "version": version}])
    assert UserFlowRepository().get(FLOW).version == 0
    assert UserFlowRepository().update(FLOW, {"name": "new"}, expected_version=0).version == 1
    flow = UserFlowRepository().create({"name": "other", "project_id": PROJECT})
    assert HierarchyRepository().move(HLR, flow.uiid).version == 1


@earlier
def test_the_whole_project_is_loaded(old):
    tree = HierarchyRepository().load(PROJECT)
    assert ids(tree) == [PROJECT, FLOW, HLR, LLR, TEST]
    assert ids(HierarchyRepository().load(AWARE)) == [AWARE]


@earlier
@pytest.mark.parametrize(("uiid", "level"), [(FLOW, 1), (HLR, 2), (LLR, 3), (TEST, 4)])
def test_a_part_of_it_is_loaded(uiid, level, old):
    assert ids(HierarchyRepository().load_subtree(uiid), level) == [FLOW, HLR, LLR, TEST][level - 1 :]


@earlier
def test_new_rows_come_below_old_ones(old):
    """They carry the project's id, which the rows above them do not all have."""
    made = TestCaseRepository().create({"name": "new", "parent_uiid": LLR})
    assert made.project_id == PROJECT
    below = LowLevelRequirementRepository().create({"name": "new", "parent_uiid": HLR})
    deep = TestCaseRepository().create({"name": "deep", "parent_uiid": below.uiid})
    assert set(ids(HierarchyRepository().load(PROJECT))) == {PROJECT, FLOW, HLR, LLR, TEST} | {
        made.uiid,
        below.uiid,
        deep.uiid,
    }
    assert_sound(old)


@earlier
def test_a_project_goes_with_all_its_old_rows(old):
    counted = HierarchyRepository().delete_project(PROJECT, dry_run=True)
    deleted = HierarchyRepository().delete_project(PROJECT)
    assert counted.counts == deleted.counts == dict.fromkeys(LEVELS, 1)
    assert old.counts() == (1, 0, 0, 0, 0)


@earlier
@pytest.mark.parametrize("level", range(1, 5))
def test_a_part_goes_with_all_its_old_rows(level, old):
    table = LEVELS[level]
    REPOSITORIES[table]().delete([FLOW, HLR, LLR, TEST][level - 1])
    assert old.counts() == (2, *(int(other < level) for other in range(1, 5)))


@earlier
def test_an_old_project_is_copied_with_new_rows(old):
    copy = HierarchyRepository().copy_project(PROJECT, name="copy")
    assert [row.name for row in (copy, copy.flows[0])] == ["copy", "Sign up"]
    assert len(ids(copy)) == 5
    assert not set(ids(copy)) & {PROJECT, FLOW, HLR, LLR, TEST}
    assert ids(HierarchyRepository().load(copy.id)) == ids(copy)
    new = [row for row in old.rows("test_cases") if row["uiid"]["S"] != TEST]
    assert [(row["project_id"], row["version"]) for row in new] == [({"S": copy.id}, {"N": "1"})]


@earlier
def test_an_old_row_moves_with_all_it_has(old):
    """To a new parent in its project: the rows below come along, though they name no project."""
    flow = UserFlowRepository().create({"name": "other", "project_id": PROJECT})
    moved = HierarchyRepository().move(HLR, flow.uiid)
    assert (moved.parent_uiid, moved.project_id, moved.version) == (flow.uiid, PROJECT, 1)
    [stored] = old.rows("high_level_requirements")
    assert stored["what_is_missing"] == {"S": "no project_id, no version"}
    tree = HierarchyRepository().load(PROJECT)
    assert [ids(one, 1) for one in tree.flows] == [[FLOW], [flow.uiid, HLR, LLR, TEST]]


@earlier
def test_owners_see_their_old_rows_and_nobody_elses(old):
    for table in LEVELS[1:]:
        uiid = [FLOW, HLR, LLR, TEST][LEVELS.index(table) - 1]
        assert REPOSITORIES[table](user_id="user123").get(uiid).uiid == uiid
        assert REPOSITORIES[table](user_id="mallory").find(uiid) is None


@earlier
def test_pages_of_a_hash_only_index_give_every_row_once(open_world):
    """In no promised order, but none is lost or repeated."""
    world = open_world(hash_only(SIX))
    world.put("projects", id="p", user_id="ada", name="p")
    for number in range(23):
        world.put("user_flows", uiid=f"f{number}", project_id="p", name="n")
    seen, cursor = [], None
    while True:
        page = UserFlowRepository().list_by_project("p", limit=5, cursor=cursor)
        seen += [row.uiid for row in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(f"f{number}" for number in range(23))


@earlier
def test_a_table_without_any_index_says_which_are_missing(open_world, legacy_items):
    shapes = without_index(without_index(SIX, "project_id-index", "test_cases"), "parent_uiid-index", "test_cases")
    world = fill(open_world(shapes), legacy_items)
    for call in (
        lambda: HierarchyRepository().load(PROJECT),
        lambda: HierarchyRepository().load_subtree(FLOW),
        lambda: TestCaseRepository().list_by_parent(LLR),
        lambda: HierarchyRepository().delete_project(PROJECT, dry_run=True),
    ):
        with pytest.raises(TableNotFoundError, match="test-cases"):
            call()
    assert world.counts() == (2, 1, 1, 1, 1)


@earlier
def test_a_delete_that_could_not_find_the_rows_below_is_finished_once_the_index_is_there(open_world, legacy_items):
    """Until then the project is not shown, and nothing is deleted."""
    shapes = without_index(without_index(SIX, "project_id-index", "test_cases"), "parent_uiid-index", "test_cases")
    world = fill(open_world(shapes), legacy_items)
    with pytest.raises(TableNotFoundError):
        ProjectRepository().delete(PROJECT)
    assert world.counts() == (2, 1, 1, 1, 1)
    index = definition("t", SIX["test_cases"])
    world.client.update_table(
        TableName=world.table("test_cases"),
        AttributeDefinitions=index["AttributeDefinitions"],
        GlobalSecondaryIndexUpdates=[{"Create": one} for one in index["GlobalSecondaryIndexes"][:1]],
    )
    wait_until_active(world, "test_cases")
    ProjectRepository().delete(PROJECT)
    assert world.counts() == (1, 0, 0, 0, 0)


def wait_until_active(world, table):
    for _ in range(200):
        found = world.client.describe_table(TableName=world.table(table))["Table"]
        if {index["IndexStatus"] for index in found["GlobalSecondaryIndexes"]} == {"ACTIVE"}:
            return
        time.sleep(0.05)
    pytest.fail("the index was never ACTIVE")


def test_a_row_that_the_schema_refuses_is_named_and_can_be_deleted(world):
    """It does not stop the deletion of the project it is in."""
    world.put("projects", id="p", user_id="ada", name="p")
    world.put("user_flows", uiid="bad", project_id="p", created_at="never")
    for call in (lambda: UserFlowRepository().get("bad"), lambda: HierarchyRepository().load("p")):
        with pytest.raises(UnexpectedResponseError, match="doctor") as caught:
            call()
        assert caught.value.key == "bad"
    HierarchyRepository().delete_project("p")
    assert world.counts() == (0, 0, 0, 0, 0)


def test_a_project_with_names_that_nobody_may_give_today_is_not_copied_half(world):
    """A control character in an old description: the copy says which field, and writes nothing."""
    world.put("projects", id="p", user_id="ada", name="p", version=None)
    world.put("user_flows", uiid="f", project_id="p", name="flow", description="bell \x07", version=None)
    assert HierarchyRepository().load("p").flows[0].description == "bell \x07"
    with pytest.raises(InvalidInputError, match="description"):
        HierarchyRepository().copy_project("p")
    assert world.counts() == (1, 1, 0, 0, 0)
