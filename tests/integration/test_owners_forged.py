"""What somebody makes up does not lead to another owner's rows: cursors, and a project under another's id."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodb import _layout, _paging
from dynamodb.errors import DataLayerError, InvalidCursorError, NotFoundError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from models._kinds import HIERARCHY, PROJECT
from support.layouts import SIX, only_six_tables
from support.world import Hierarchy, World, text_time

pytestmark = pytest.mark.engine

REPOSITORIES = dict(
    zip(
        HIERARCHY,
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

List = Callable[[str], Any]


@pytest.fixture
def mine(world: World) -> Hierarchy:
    return Hierarchy(world, "mine", "ada")


@pytest.fixture
def theirs(world: World) -> Hierarchy:
    return Hierarchy(world, "theirs", "grace")


def lists(mine: Hierarchy, theirs: Hierarchy) -> list[tuple[_layout.Place, List]]:
    """Every list that Ada can ask for, of her rows and of Grace's: where it looks, and the call with a cursor."""
    projects = ProjectRepository(user_id="ada")
    found: list[tuple[_layout.Place, List]] = [
        (
            _layout.current().by_field(PROJECT, "user_id", user),
            lambda cursor, user=user: projects.list_by_user(user, cursor=cursor),
        )
        for user in ("ada", "grace")
    ]
    found += [
        (
            _layout.current().by_field(PROJECT, "name", name),
            lambda cursor, name=name: projects.list_by_name(name, cursor=cursor),
        )
        for name in ("mine", "theirs")
    ]
    for tree in (mine, theirs):
        for kind in HIERARCHY[1:]:
            one = REPOSITORIES[kind](user_id="ada")
            place = _layout.current().by_project(kind, tree.project)
            found.append((place, lambda cursor, one=one, tree=tree: one.list_by_project(tree.project, cursor=cursor)))
        for kind, parent in zip(HIERARCHY[2:], (tree.flow, tree.hlr, tree.llr), strict=True):
            one = REPOSITORIES[kind](user_id="ada")
            place = _layout.current().by_parent(kind, parent)
            found.append((place, lambda cursor, one=one, parent=parent: one.list_by_parent(parent, cursor=cursor)))
    return found


def tells_nothing(error: DataLayerError) -> None:
    """An id that the caller gave may be repeated; nothing else of the row is."""
    assert "theirs" not in re.sub(r"theirs-\w+", "", str(error))


def form(place: _layout.Place, layout: str) -> set[str]:
    """The fields that a cursor of a place has: with others it is refused for its form."""
    if layout == SIX:
        return {*_layout.name_fields(place.kind), place.hash_key, "created_at"}
    if not place.in_order:
        return {"created_at", place.kind.id_field}
    return {"pk", "sk", *((place.hash_key, "created_at") if place.index else ())}


def test_no_forged_cursor_shows_another_owners_rows(
    world: World, mine: Hierarchy, theirs: Hierarchy, layout: str
) -> None:
    """The check in a cursor is no secret: made with any key, for any query and owner, it opens nothing.

    Ada knows all of Grace's ids and how cursors are made.
    """
    calls = lists(mine, theirs)
    values = [
        *mine.ids.values(),
        *theirs.ids.values(),
        "ada",
        "grace",
        "mine",
        "theirs",
        text_time(1),
        "\x00",
        "z" * 200,
    ]
    fields = ["id", "uiid", "user_id", "project_id", "parent_uiid", "name", "created_at", "pk", "sk"]
    # Of one table: the partitions of both, and sort keys as they are and as they may be.
    own = [one for key, rows in world.levels().items() for row in rows for one in [world.own_attributes(key, row)]]
    values += sorted({value["S"] for one in own for name, value in one.items() if name in {"pk", "sk"}})
    seen = 0

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(range(len(calls))),
        st.sampled_from(range(len(calls))),
        st.dictionaries(st.sampled_from(fields), st.sampled_from(values)),
        st.sampled_from(["ada", "grace", None]),
        st.booleans(),
        st.booleans(),
    )
    def tried(
        asked: int,
        made_for: int,
        key: dict[str, str],
        owner: str | None,
        is_same: bool,  # noqa: FBT001
        begins_right: bool,  # noqa: FBT001
    ) -> None:
        nonlocal seen
        place, call = calls[asked]
        place = place if is_same else calls[made_for][0]
        needed = form(place, layout)
        whole = {field: key.get(field, values[0]) for field in needed}
        if place.hash_key in needed and place.value:
            whole[place.hash_key] = place.value
        if "sk" in needed and begins_right:
            whole["sk"] = place.begins + whole["sk"]
        if not place.in_order:
            whole["created_at"] = text_time(1)
        forged = _paging.encode_cursor(
            _paging.Asked(place, newest_first=False, owner="ada" if is_same else owner),
            {field: {"S": value} for field, value in whole.items()},
        )
        try:
            page = call(forged)
        except DataLayerError as error:
            tells_nothing(error)
            return
        seen += 1
        assert not [row for row in page.items if "theirs" in repr(row) or "grace" in repr(row)]

    tried()
    assert seen


def test_a_cursor_of_another_query_is_refused_whoever_made_it(world: World, mine: Hierarchy) -> None:
    world.put("projects", id="second", user_id="ada", name="second")
    cursor = ProjectRepository(user_id="ada").list_by_user("ada", limit=1).cursor
    assert cursor
    for call in (
        lambda: ProjectRepository().list_by_user("ada", cursor=cursor),
        lambda: ProjectRepository(user_id="ada").list_by_user("ada", cursor=cursor, newest_first=True),
        lambda: UserFlowRepository(user_id="ada").list_by_project(mine.project, cursor=cursor),
    ):
        with pytest.raises(InvalidCursorError):
            call()


@only_six_tables("the id alone is a project's key in the other")
@pytest.mark.parametrize("state", [None, "deleting", "creating"])
def test_a_second_project_of_the_same_id_does_not_open_what_is_under_the_first(
    state: str | None, world: World, theirs: Hierarchy
) -> None:
    """Ada has a project under the id of Grace's, as two writers at one moment can leave it: hers is the younger one.

    Whether Grace's is shown, or just coming or going, nothing under it is Ada's to see or to change.
    """
    if state:
        [row] = world.rows("projects")
        world.put_items("projects", [row | {"tree_state": {"S": state}}])
    world.put("projects", id=theirs.project, user_id="ada", name="mine")
    before = {table: rows for table, rows in world.levels().items() if table != "projects"}
    for kind in HIERARCHY[1:]:
        one = REPOSITORIES[kind](user_id="ada")
        row_id = theirs.ids[kind.key]
        assert one.find(row_id) is None
        assert one.list_by_project(theirs.project).items == list(one.iter_by_project(theirs.project)) == []
        for call in (lambda: one.update(row_id, {"name": "taken"}), lambda: one.delete(row_id)):  # noqa: B023 - at once
            with pytest.raises(NotFoundError):
                call()
    for kind, parent in zip(HIERARCHY[2:], (theirs.flow, theirs.hlr, theirs.llr), strict=True):
        assert REPOSITORIES[kind](user_id="ada").list_by_parent(parent).items == []
    trees = HierarchyRepository(user_id="ada")
    for call in (lambda: trees.load_subtree(theirs.flow), lambda: trees.move(theirs.llr, theirs.hlr)):
        with pytest.raises(NotFoundError):
            call()
    assert {table: rows for table, rows in world.levels().items() if table != "projects"} == before
