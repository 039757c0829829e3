"""Limits are checked before anything is sent, and what is within them is stored."""

import pytest

from dynamodb.errors import AlreadyExistsError, ItemTooLargeError, PartialWriteError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from models._hierarchy import HighLevelRequirementTreeCreate, UserFlowTreeCreate
from support.interruptions import watched
from support.invariants import assert_sound
from support.world import Hierarchy

pytestmark = pytest.mark.engine

FOUR_BYTES = "\U0001f600"
LIMIT = 409_600
#: moto's own limit of an item, which is lower than DynamoDB's.
MOTO_LIMIT = 405_000


@pytest.fixture
def limit(world):
    """The largest item that the engine takes."""
    item = {"email": {"S": "x"}, "text": {"S": "x" * (LIMIT - 10)}}
    try:
        world.client.put_item(TableName=world.table("waitlist"), Item=item)
    except world.client.exceptions.ClientError:
        return MOTO_LIMIT
    return LIMIT


@pytest.fixture
def tree(world):
    return Hierarchy(world)


def size_of(item):
    """The bytes of an item, as AWS's own engine counts those of text and small numbers."""
    return sum(len(name.encode()) + len(value.get("S", "12").encode()) for name, value in item.items())


def fitted(world, create, table, limit):
    """A text with which a row is exactly as large as the limit."""
    made = create("")
    item = next(row for row in world.rows(table) if made in (row.get("uiid", {}).get("S"), row.get("id", {}).get("S")))
    return "x" * (limit - size_of(item | world.own_attributes(table, item)))


def test_a_row_of_exactly_400_kb_is_stored_and_one_more_byte_is_not_sent(world, tree, limit):
    def create(text):
        return UserFlowRepository().create({"project_id": tree.project, "name": "n", "description": text}).uiid

    text = fitted(world, create, "user_flows", limit)
    uiid = create(text)
    assert UserFlowRepository().get(uiid).description == text
    before = world.counts()
    too_large = text + "x" * (LIMIT + 1 - limit)
    with watched() as seen, pytest.raises(ItemTooLargeError) as caught:
        create(too_large)
    assert (caught.value.size, caught.value.limit) == (LIMIT + 1, LIMIT)
    assert "xxx" not in str(caught.value)
    assert not {"TransactWriteItems", "PutItem"} & set(seen.requests)
    assert world.counts() == before


def test_a_project_counts_with_what_is_kept_about_it(world, limit):
    def create(text):
        return ProjectRepository().create({"user_id": "ada", "name": "n", "initial_prompt": text}).id

    text = fitted(world, create, "projects", limit)
    assert ProjectRepository().get(create(text)).initial_prompt == text
    with pytest.raises(ItemTooLargeError):
        create(text + "x" * (LIMIT + 1 - limit))
    tree = {"user_id": "ada", "name": "n", "initial_prompt": text}
    with pytest.raises(ItemTooLargeError):  # a tree's root carries the token, too
        HierarchyRepository().create({**tree, "initial_prompt": text + "x" * (LIMIT - limit)})
    assert len(world.rows("projects")) == 2


def test_an_update_to_more_than_400_kb_changes_nothing(world, tree):
    before = world.rows("user_flows")
    with pytest.raises(ItemTooLargeError):
        UserFlowRepository().update(tree.flow, {"description": "x" * LIMIT})
    assert world.rows("user_flows") == before


def test_an_update_that_is_too_large_with_what_this_layer_does_not_know_is_refused_too(world, tree):
    """Unknown attributes are not read; DynamoDB counts them, and its refusal is the same error."""
    [row] = world.rows("user_flows")
    world.put_items("user_flows", [row | {"odd": {"S": "x" * 300_000}}])
    before = world.rows("user_flows")
    with pytest.raises(ItemTooLargeError):
        UserFlowRepository().update(tree.flow, {"description": "x" * 200_000})
    assert world.rows("user_flows") == before


def test_a_move_that_would_be_too_large_is_refused(world, tree):
    """A longer parent's id is all it takes."""
    parent = "p" * 255
    world.put("high_level_requirements", uiid=parent, parent_uiid=tree.flow, name="n", project_id=tree.project)
    [row] = world.rows("low_level_requirements")
    grown = row | {"description": {"S": ""}}
    grown["description"] = {"S": "x" * (MOTO_LIMIT - 1000 - size_of(grown))}
    world.put_items("low_level_requirements", [grown])
    assert HierarchyRepository().move(tree.llr, parent).parent_uiid == parent
    assert_sound(world)


def test_a_tree_with_one_row_too_large_is_not_begun(world):
    tree = {"user_id": "ada", "name": "n", "flows": [{"name": "fine"}, {"name": "n", "description": "x" * LIMIT}]}
    with watched() as seen, pytest.raises(ItemTooLargeError):
        HierarchyRepository().create(tree)
    assert seen.requests == []
    assert world.counts() == (0, 0, 0, 0, 0)


def test_names_and_ids_of_255_four_byte_characters_are_stored_everywhere(world):
    """1020 bytes each: within every key's limit, of the tables and of the indexes."""
    long = FOUR_BYTES * 255
    ids = [f"{FOUR_BYTES * 254}{level}" for level in range(5)]
    tree = {
        "id": ids[0],
        "name": long,
        "user_id": long,
        "flows": [
            {
                "uiid": ids[1],
                "name": long,
                "high_level_requirement_list": [
                    {
                        "uiid": ids[2],
                        "name": long,
                        "low_level_requirement_list": [
                            {"uiid": ids[3], "name": long, "test_case_list": [{"uiid": ids[4], "name": long}]}
                        ],
                    }
                ],
            }
        ],
    }
    made = HierarchyRepository().create(tree)
    assert HierarchyRepository().load(ids[0]) == made
    assert [one.id for one in ProjectRepository().list_by_user(long).items] == [ids[0]]
    assert [one.id for one in ProjectRepository().list_by_name(long).items] == [ids[0]]
    page = TestCaseRepository().list_by_parent(ids[3], limit=1)
    assert [one.uiid for one in page.items] == [ids[4]]
    assert page.cursor is None or TestCaseRepository().list_by_parent(ids[3], cursor=page.cursor).items == []
    assert TestCaseRepository().update(ids[4], {"description": long}).description == long
    ProjectRepository(user_id=long).delete(ids[0])
    assert world.counts() == (0, 0, 0, 0, 0)


def test_emoji_other_scripts_and_line_breaks_are_stored_as_they_are(world, tree):
    text = "👩‍👩‍👧‍👦 \u05d0\u0627漢 \u202e\ufeff\u2028\r\n\t'\"\\</script>{{x}} %s \U0010ffff"
    made = HighLevelRequirementRepository().create({"parent_uiid": tree.flow, "name": text[:255], "description": text})
    read = HighLevelRequirementRepository().get(made.uiid)
    assert (read.name, read.description) == (text[:255], text)
    found = HierarchyRepository().load(tree.project).flows[0].high_level_requirement_list
    assert text in [one.description for one in found]


@pytest.mark.parametrize("count", [1, 96, 97, 98, 200])
def test_any_number_of_rows_is_created_in_as_few_transactions_as_fit(count, world, tree):
    """100 actions each: the rows' items, and a check of each of the three rows above them."""
    given = [{"parent_uiid": tree.hlr, "name": f"{number}"} for number in range(count)]
    with watched() as seen:
        made = LowLevelRequirementRepository().create_many(given)
    assert seen.requests.count("TransactWriteItems") == -(-count // (97 // world.items_of_a_node))
    assert [row.name for row in made] == [one["name"] for one in given]
    assert len(world.rows("low_level_requirements")) == 1 + count


def test_rows_of_more_than_4_mb_are_split(world, tree):
    """Nine rows of 400 KB and their checks are under 4 MB, twelve are not."""
    given = [{"project_id": tree.project, "name": "n", "description": "x" * 400_000} for _ in range(12)]
    with watched() as seen:
        made = UserFlowRepository().create_many(given)
    assert seen.requests.count("TransactWriteItems") == 2
    assert len({row.uiid for row in made}) == 12
    assert len(world.rows("user_flows")) == 13


def test_when_a_later_transaction_is_refused_the_error_says_what_the_earlier_ones_wrote(world, tree):
    """The id that is taken comes to light only when it is written."""
    given = [{"uiid": f"{number:03}", "parent_uiid": tree.llr, "name": "n"} for number in range(150)]

    def take(_, operation):
        if operation == "TransactWriteItems" and not world.get("test_cases", uiid="149", parent_uiid=tree.llr):
            world.put("test_cases", uiid="149", parent_uiid=tree.llr, project_id=tree.project, name="taken")

    with watched(before=take), pytest.raises(PartialWriteError) as caught:
        TestCaseRepository().create_many(given)
    error = caught.value
    assert isinstance(error.__cause__, AlreadyExistsError)
    written = 96 if world.items_of_a_node == 1 else 144  # 48 rows a transaction, of which three succeed
    assert error.written == [("test_cases", f"{number:03}") for number in range(written)]
    assert error.not_written == [("test_cases", f"{number:03}") for number in range(written, 150)]
    assert len(world.rows("test_cases")) == 1 + written + 1


@pytest.mark.parametrize("more", [-4, -1, 0, 1, 2])
def test_a_tree_that_fits_is_one_transaction_and_one_row_more_is_not(more, world, tree):
    """The items of the new rows and the two rows above them: a hundred actions at most."""
    rows = 98 // world.items_of_a_node + more
    hlr = HighLevelRequirementTreeCreate.model_validate(
        {"name": "n", "low_level_requirement_list": [{"name": f"{number}"} for number in range(rows - 1)]}
    )
    with watched() as seen:
        HierarchyRepository().append(tree.flow, [hlr])
    writes = [operation for operation in seen.requests if operation not in {"Query", "GetItem"}]
    assert (writes == ["TransactWriteItems"]) == (more <= 0)
    assert len(world.rows("low_level_requirements")) == rows
    assert_sound(world)


def test_a_tree_of_more_than_4_mb_is_written_in_batches(world, tree):
    """And read back: every page of a level."""
    flows = [UserFlowTreeCreate(name=f"{number}", description="x" * 380_000) for number in range(12)]
    HierarchyRepository().append(tree.project, flows)
    loaded = HierarchyRepository().load(tree.project)
    assert [flow.name for flow in loaded.flows] == ["flow", *(f"{number}" for number in range(12))]
    assert sum(len(flow.description or "") for flow in loaded.flows) == 12 * 380_000
    assert_sound(world)
