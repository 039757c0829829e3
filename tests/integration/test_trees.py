"""Whole trees: created, appended, loaded, in any depth and size."""

import json

import pytest

from dynamodb.errors import AlreadyExistsError, InvalidInputError, NotFoundError, ParentNotFoundError
from dynamodb.repositories import HierarchyRepository, LowLevelRequirementRepository, UserFlowRepository
from models._hierarchy import (
    HighLevelRequirementTreeCreate,
    LowLevelRequirementTreeCreate,
    ProjectTreeCreate,
    TestCaseTreeCreate,
    UserFlowTreeCreate,
)
from support.interruptions import watched
from support.invariants import assert_sound
from support.tables import LEVELS
from support.trees import ids, nodes, outline, sample, size
from support.world import Hierarchy

pytestmark = pytest.mark.engine

#: Each written another way: one row, one transaction, several batches on several levels, one wide level.
SHAPES = {
    "one row": (0, 0, 0, 0),
    "small": (2, 2, 2, 2),
    "big": (3, 4, 3, 3),
    "wide": (120, 0, 0, 0),
    "deep": (1, 1, 1, 130),
}


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def shape(request):
    return request.param


def test_a_created_tree_is_what_is_loaded(shape, world):
    """Names, texts and order as they were given; each row where its parent is."""
    given = ProjectTreeCreate.model_validate(sample(*shape))
    created = HierarchyRepository().create(given)
    assert outline(created) == outline(given)
    assert ids(created) == ids(given)
    assert HierarchyRepository().load(given.id) == created
    assert world.counts() == size(*shape)
    assert_sound(world)
    assert {row["version"]["N"] for rows in world.levels().values() for row in rows} == {"1"}


def test_the_same_tree_again_changes_nothing(shape, world):
    """From the same object, and from its JSON: the ids are part of the tree."""
    given = ProjectTreeCreate.model_validate(sample(*shape))
    created = HierarchyRepository().create(given)
    before = world.levels()
    assert HierarchyRepository().create(given) == created
    assert HierarchyRepository().create(ProjectTreeCreate.model_validate_json(given.model_dump_json())) == created
    assert world.levels() == before


def test_a_mapping_without_ids_is_a_new_tree_every_time(world):
    first, second = HierarchyRepository().create(sample()), HierarchyRepository().create(sample())
    assert outline(first) == outline(second)
    assert not set(ids(first)) & set(ids(second))
    assert world.counts() == tuple(2 * count for count in size())


def test_another_tree_under_a_taken_id_is_refused(world):
    """The same root, another name: not the tree that was begun."""
    given = ProjectTreeCreate.model_validate(sample())
    HierarchyRepository().create(given)
    before = world.levels()
    for change in ({"name": "other"}, {"user_id": "grace"}, {"flows": []}):
        with pytest.raises(AlreadyExistsError):
            HierarchyRepository().create(given.model_copy(update=change))
    assert world.levels() == before


@pytest.mark.parametrize("shape", [(2, 2, 2, 2), (3, 4, 3, 3)], ids=["small", "big"])
@pytest.mark.parametrize("level", range(5))
def test_an_id_that_is_taken_anywhere_is_refused_before_anything_is_written(level, shape, world):
    """On its level, under whatever parent, in whatever project."""
    other = Hierarchy(world, "q")
    given = json.loads(ProjectTreeCreate.model_validate(sample(*shape)).model_dump_json())
    node = given
    for children in ("flows", "high_level_requirement_list", "low_level_requirement_list", "test_case_list")[:level]:
        node = node[children][-1]
    node["id" if level == 0 else "uiid"] = other.ids[LEVELS[level]]
    before = world.levels()
    with pytest.raises(AlreadyExistsError) as caught:
        HierarchyRepository().create(given)
    assert caught.value.key == other.ids[LEVELS[level]]
    assert world.levels() == before


def test_the_same_id_on_two_levels_is_two_rows(world):
    """Earlier writers counted each level from one."""
    tree = {
        "id": "1",
        "name": "p",
        "user_id": "ada",
        "flows": [
            {"uiid": "1", "name": "f", "high_level_requirement_list": [{"uiid": "1", "name": "h"}]},
        ],
    }
    HierarchyRepository().create(tree)
    assert ids(HierarchyRepository().load("1")) == ["1", "1", "1"]
    copy = HierarchyRepository().copy_project("1")
    assert outline(copy) == outline(HierarchyRepository().load("1"))
    assert_sound(world)


def test_an_exported_tree_is_imported_with_or_without_its_ids(world):
    """Through JSON, into the same tables after the original is gone, and beside it."""
    tree = HierarchyRepository().create(sample(2, 3, 2, 1))
    UserFlowRepository().update(tree.flows[0].uiid, {"name": "changed"})
    exported = json.loads(HierarchyRepository().load(tree.id).model_dump_json())

    def without_ids(node):
        return {
            name: [without_ids(one) for one in value] if isinstance(value, list) else value
            for name, value in node.items()
            if name not in {"id", "uiid"}
        }

    beside = HierarchyRepository().create(without_ids(exported))
    assert outline(beside)[2][0][0] == "changed"
    assert not set(ids(beside)) & set(ids(tree))
    HierarchyRepository().delete_project(tree.id)
    again = HierarchyRepository().create(exported)
    assert ids(again) == ids(tree)
    assert outline(again) == outline(beside)
    assert_sound(world)


LEVEL_NODES = [
    ("flow", UserFlowTreeCreate, "high_level_requirement_list"),
    ("hlr", HighLevelRequirementTreeCreate, "low_level_requirement_list"),
    ("llr", LowLevelRequirementTreeCreate, "test_case_list"),
    ("test", TestCaseTreeCreate, None),
]


def new_node(level, name, below):
    """A node of a level with so many children under it, mapping and all."""
    _, schema, children = LEVEL_NODES[level]
    if children is None or not below:
        return schema.model_validate({"name": name})
    return schema.model_validate({"name": name, children: [{"name": f"{name}.{number}"} for number in range(below)]})


@pytest.mark.parametrize("below", [0, 3, 110])
@pytest.mark.parametrize("level", range(4))
def test_nodes_are_appended_on_every_level(level, below, world):
    """After those that are there, in their order, with what is under them; small and big ones."""
    tree = Hierarchy(world)
    parent = list(tree.ids.values())[level]
    given = [new_node(level, f"new {number}", below if number == 0 else 1) for number in range(3)]
    appended = HierarchyRepository().append(parent, given)
    assert [outline(one, level + 1) for one in appended] == [outline(one, level + 1) for one in given]
    assert [ids(one, level + 1) for one in appended] == [ids(one, level + 1) for one in given]
    loaded = {id(row): row for _, row in nodes(HierarchyRepository().load(tree.project))}.values()
    above = next(row for row in loaded if getattr(row, "uiid", getattr(row, "id", None)) == parent)
    children = getattr(above, ("flows", *(one[2] for one in LEVEL_NODES[:3]))[level])
    assert children[1:] == appended
    assert [HierarchyRepository().load_subtree(one.uiid) for one in appended] == appended
    assert_sound(world)


def test_the_same_nodes_again_change_nothing(world):
    tree = Hierarchy(world)
    given = [new_node(0, "small", 2), new_node(0, "big", 120)]
    first = HierarchyRepository().append(tree.project, given)
    before = world.levels()
    assert HierarchyRepository().append(tree.project, given) == first
    again = [UserFlowTreeCreate.model_validate_json(one.model_dump_json()) for one in given]
    assert HierarchyRepository().append(tree.project, again) == first
    assert world.levels() == before


def test_nodes_that_were_moved_on_are_found_again(world):
    """The same call after a move: nothing is doubled, and what is there is returned."""
    tree = Hierarchy(world)
    world.put("high_level_requirements", uiid="hlr-2", parent_uiid=tree.flow, project_id=tree.project, name="n")
    given = [LowLevelRequirementTreeCreate(name="new")]
    [first] = HierarchyRepository().append(tree.hlr, given)
    HierarchyRepository().move(first.uiid, "hlr-2")
    [again] = HierarchyRepository().append(tree.hlr, given)
    assert (again.uiid, again.parent_uiid) == (first.uiid, "hlr-2")
    assert_sound(world)


def test_known_nodes_beside_new_ones_do_not_hide_that_an_id_is_taken(world):
    """One of the two was written before; an id in the other is taken under another parent."""
    tree, other = Hierarchy(world), Hierarchy(world, "q")
    known = HighLevelRequirementTreeCreate(name="known")
    HierarchyRepository().append(tree.flow, [known])
    before = world.levels()
    new = {"name": "new", "low_level_requirement_list": [{"uiid": other.llr, "name": "taken"}]}
    for taken in (new, {"uiid": other.hlr, "name": "taken"}):
        with pytest.raises(AlreadyExistsError):
            HierarchyRepository().append(tree.flow, [known, HighLevelRequirementTreeCreate.model_validate(taken)])
    assert world.levels() == before


def test_nodes_of_another_level_are_refused(world):
    """The parent is there, but nothing of this kind comes below it."""
    tree = Hierarchy(world)
    before = world.levels()
    for level, (_, schema, _children) in enumerate(LEVEL_NODES):
        for place, parent in enumerate(tree.ids.values()):
            if place != level:
                with pytest.raises(InvalidInputError):
                    HierarchyRepository().append(parent, [schema(name="n")])
    with pytest.raises(InvalidInputError, match="levels"):
        HierarchyRepository().append(tree.flow, [UserFlowTreeCreate(name="n"), TestCaseTreeCreate(name="n")])
    with pytest.raises(InvalidInputError, match="nothing can be below"):
        HierarchyRepository().append(tree.test, [{"name": "n"}])
    assert world.levels() == before


def test_nodes_without_a_parent_are_refused(world):
    Hierarchy(world)
    before = world.levels()
    for given in ([{"name": "n"}], [UserFlowTreeCreate(name="n")], [TestCaseTreeCreate(name="n")]):
        with pytest.raises(ParentNotFoundError):
            HierarchyRepository().append("nobody", given)
    assert world.levels() == before


def test_nothing_is_appended_for_nothing(world):
    tree = Hierarchy(world)
    assert HierarchyRepository().append(tree.flow, []) == []


@pytest.mark.parametrize("state", ["creating", "deleting"])
def test_what_comes_or_goes_is_not_loaded_with_what_is_under_it(state, world):
    tree = HierarchyRepository().create(sample())
    hidden = tree.flows[0].high_level_requirement_list[0]
    row = next(row for row in world.rows("high_level_requirements") if row["uiid"]["S"] == hidden.uiid)
    world.put_items("high_level_requirements", [row | {"tree_state": {"S": state}}])
    loaded = HierarchyRepository().load(tree.id)
    assert set(ids(tree)) - set(ids(loaded)) == set(ids(hidden, 2))
    subtree = HierarchyRepository().load_subtree(tree.flows[0].uiid)
    assert hidden.uiid not in ids(subtree, 1)
    with pytest.raises(NotFoundError):
        HierarchyRepository().load_subtree(hidden.uiid)
    project = world.rows("projects")[0]
    world.put_items("projects", [project | {"tree_state": {"S": state}}])
    with pytest.raises(NotFoundError):
        HierarchyRepository().load(tree.id)


def test_orphans_of_an_earlier_writer_are_not_hung_anywhere(world):
    tree = Hierarchy(world)
    world.put("low_level_requirements", uiid="lost", parent_uiid="nobody", project_id=tree.project, name="n")
    world.put("test_cases", uiid="lost too", parent_uiid="lost", project_id=tree.project, name="n")
    assert ids(HierarchyRepository().load(tree.project)) == list(tree.ids.values())


def test_a_part_of_a_tree_is_loaded_with_what_is_under_it_and_nothing_else(world):
    tree = HierarchyRepository().create(sample(2, 2, 2, 2))
    for key, row in nodes(tree):
        if key != "projects":
            assert HierarchyRepository().load_subtree(row.uiid) == row
    with pytest.raises(NotFoundError):
        HierarchyRepository().load_subtree(tree.id)  # a project is loaded by `load`


@pytest.mark.parametrize("key", ["", "x" * 256, None, 5])
def test_ids_of_trees_are_text_of_1_to_255_characters(key, world):
    trees = HierarchyRepository()
    for call in (
        trees.load,
        trees.load_subtree,
        trees.copy_project,
        trees.delete_project,
        trees.export_lines,
        lambda one: trees.append(one, [{"name": "n"}]),
        lambda one: trees.move(one, "x"),
        lambda one: trees.move("x", one),
    ):
        with pytest.raises(InvalidInputError):
            call(key)


def test_siblings_made_in_one_call_keep_their_order_on_every_level(world):
    """Whatever their ids sort like."""
    flow = {"name": "f", "high_level_requirement_list": [{"uiid": f"{9 - n}", "name": f"h{n}"} for n in range(10)]}
    tree = HierarchyRepository().create({"name": "p", "user_id": "ada", "flows": [flow]})
    loaded = HierarchyRepository().load(tree.id)
    assert [one.name for one in loaded.flows[0].high_level_requirement_list] == [f"h{n}" for n in range(10)]
    llrs = [{"parent_uiid": "5", "name": f"l{n}", "uiid": f"{99 - n}"} for n in range(10)]
    LowLevelRequirementRepository().create_many(llrs)
    parent = HierarchyRepository().load_subtree("5")
    assert [one.name for one in parent.low_level_requirement_list] == [f"l{n}" for n in range(10)]


def test_the_nasa_project_is_created_loaded_copied_and_deleted(nasa_tree, world):
    """Real requirements: 5 flows, 282 high-level and 109 low-level requirements, 6 test cases, in the file's order."""
    created = HierarchyRepository().create(nasa_tree)
    assert world.counts() == (1, 5, 282, 109, 6)
    loaded = HierarchyRepository().load(created.id)
    assert outline(loaded) == outline(ProjectTreeCreate.model_validate(nasa_tree))
    copy = HierarchyRepository().copy_project(created.id, user_id="ada")
    assert outline(copy) == outline(loaded)
    assert HierarchyRepository().delete_project(created.id).total == 403
    assert world.counts() == (1, 5, 282, 109, 6)
    assert HierarchyRepository().load(copy.id).model_dump() == copy.model_dump()
    assert_sound(world)


def test_a_big_tree_is_written_in_as_many_batches_as_its_levels_need(world):
    """Root, batches of 25 on each level (one for each item of a row), and the end; no request a row."""
    given = sample(3, 4, 3, 3)
    with watched() as seen:
        HierarchyRepository().create(given)
    levels = size(3, 4, 3, 3)[1:]
    assert seen.requests.count("BatchWriteItem") == sum(-(-count // 25) for count in levels) * world.items_of_a_node
    assert len(seen.requests) == seen.requests.count("BatchWriteItem") + 2
