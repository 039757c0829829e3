"""A project is copied: new ids, the same shape and order, to another name or owner."""

import pytest

from dynamodb.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from dynamodb.repositories import HierarchyRepository, ProjectRepository, UserFlowRepository
from support.interruptions import watched
from support.invariants import assert_sound
from support.trees import ids, outline, sample

pytestmark = pytest.mark.engine

SHAPES = {"small": (2, 2, 2, 2), "big": (3, 4, 3, 3), "one row": (0, 0, 0, 0)}


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def tree(request, world):
    return HierarchyRepository().create(sample(*request.param))


def test_a_copy_is_the_same_tree_with_new_ids(tree, world):
    before = world.levels()
    copy = HierarchyRepository().copy_project(tree.id)
    assert outline(copy) == outline(tree)
    assert (copy.name, copy.user_id) == (tree.name, tree.user_id)
    assert [copy.new_ids[old] for old in ids(tree)] == ids(copy)
    assert not set(ids(copy)) & set(ids(tree))
    loaded = HierarchyRepository().load(copy.id)
    assert loaded.model_dump() == copy.model_dump()
    assert {row.version for row in (loaded, *loaded.flows)} == {1}
    assert HierarchyRepository().load(tree.id) == tree
    after = world.levels()
    assert all(row in after[key] for key, rows in before.items() for row in rows)
    assert_sound(world)


def test_a_copy_has_the_name_and_owner_that_are_asked_for(world):
    tree = HierarchyRepository().create(sample())
    copy = HierarchyRepository().copy_project(tree.id, name="other", user_id="grace")
    assert (copy.name, copy.user_id, copy.initial_prompt) == ("other", "grace", tree.initial_prompt)
    assert ProjectRepository(user_id="grace").get(copy.id).name == "other"
    assert ProjectRepository(user_id="ada").find(copy.id) is None


def test_two_copies_have_nothing_in_common(world):
    tree = HierarchyRepository().create(sample())
    first, second = (HierarchyRepository().copy_project(tree.id) for _ in range(2))
    assert outline(first) == outline(second)
    assert not set(ids(first)) & set(ids(second))
    assert_sound(world)


def test_a_copy_of_a_copy_is_the_tree_again(world):
    tree = HierarchyRepository().create(sample())
    copy = HierarchyRepository().copy_project(HierarchyRepository().copy_project(tree.id).id)
    assert outline(copy) == outline(tree)


def test_the_same_call_with_the_same_new_id_changes_nothing(tree, world):
    first = HierarchyRepository().copy_project(tree.id, new_id="copy", name="c")
    before = world.levels()
    again = HierarchyRepository().copy_project(tree.id, new_id="copy", name="c")
    assert again == first
    assert again.new_ids == first.new_ids
    assert world.levels() == before


def test_another_copy_under_the_same_new_id_is_refused(world):
    """Of another project, or with another name: not the copy that was made."""
    tree, other = (HierarchyRepository().create(sample()) for _ in range(2))
    HierarchyRepository().copy_project(tree.id, new_id="copy")
    before = world.levels()
    for call in (
        lambda: HierarchyRepository().copy_project(other.id, new_id="copy"),
        lambda: HierarchyRepository().copy_project(tree.id, new_id="copy", name="other"),
        lambda: HierarchyRepository().copy_project(tree.id, new_id=tree.id),
    ):
        with pytest.raises(AlreadyExistsError):
            call()
    assert world.levels() == before


def test_a_changed_project_is_another_copy(world):
    """What is copied is what is there now; the copy made before stays what it was."""
    tree = HierarchyRepository().create(sample())
    HierarchyRepository().copy_project(tree.id, new_id="first")
    UserFlowRepository().update(tree.flows[0].uiid, {"name": "changed"})
    with pytest.raises(AlreadyExistsError):
        HierarchyRepository().copy_project(tree.id, new_id="first")
    assert HierarchyRepository().copy_project(tree.id, new_id="second").flows[0].name == "changed"
    assert HierarchyRepository().load("first").flows[0].name == tree.flows[0].name


def test_nothing_is_looked_up_for_ids_that_are_made_here(world):
    """One query for the new project's id, where it is given; none for the others, which follow from it."""
    tree = HierarchyRepository().create(sample())
    with watched() as seen:
        HierarchyRepository().copy_project(tree.id)
    fresh = len(seen.requests)
    assert seen.requests == ["Query"] * world.reads_of_a_tree + ["TransactWriteItems"]
    with watched() as seen:
        HierarchyRepository().copy_project(tree.id, new_id="given")
    assert len(seen.requests) <= fresh + 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "\x00"}, "name"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": "\ud800"}, "user_id"),
        ({"new_id": ""}, "id"),
        ({"new_id": "x" * 256}, "id"),
        ({"new_id": 5}, "id"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(change, field, world):
    tree = HierarchyRepository().create(sample(1, 0, 0, 0))
    before = world.levels()
    with pytest.raises(InvalidInputError, match=field):
        HierarchyRepository().copy_project(tree.id, **change)
    assert world.levels() == before


def test_what_is_not_there_is_not_copied(world):
    with pytest.raises(NotFoundError):
        HierarchyRepository().copy_project("nobody")
    assert world.counts() == (0, 0, 0, 0, 0)
