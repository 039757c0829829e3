"""Each repository of the hierarchy: create, get, find, update, delete, and what is refused."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from dynamodb.errors import (
    AlreadyExistsError,
    InvalidInputError,
    NotFoundError,
    ParentNotFoundError,
    VersionConflictError,
)
from dynamodb.repositories import (
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from models._values import parse_timestamp
from support.invariants import assert_sound
from support.tables import LEVELS
from support.world import Hierarchy

pytestmark = pytest.mark.engine


@dataclass(frozen=True)
class Case:
    """One level of the hierarchy."""

    repository: type
    table: str
    id_field: str
    parent_field: str
    text: str

    @property
    def depth(self):
        return LEVELS.index(self.table)

    def parent(self, tree):
        """The id of a row that new ones can be put below."""
        return "ada" if not self.depth else tree.ids[LEVELS[self.depth - 1]]

    def own(self, tree):
        """The id of the row that is there."""
        return tree.ids[self.table]

    def new(self, tree, **more):
        return {"name": "new", self.parent_field: self.parent(tree), **more}

    def key_of(self, row):
        return {self.id_field: getattr(row, self.id_field), self.parent_field: getattr(row, self.parent_field)}

    def stored(self, world, row):
        return world.get(self.table, **self.key_of(row))


CASES = [
    Case(ProjectRepository, "projects", "id", "user_id", "initial_prompt"),
    Case(UserFlowRepository, "user_flows", "uiid", "project_id", "description"),
    Case(HighLevelRequirementRepository, "high_level_requirements", "uiid", "parent_uiid", "description"),
    Case(LowLevelRequirementRepository, "low_level_requirements", "uiid", "parent_uiid", "description"),
    Case(TestCaseRepository, "test_cases", "uiid", "parent_uiid", "description"),
]
every_level = pytest.mark.parametrize("case", CASES, ids=lambda case: case.table)


@pytest.fixture
def tree(world):
    """A project with one row on each level."""
    return Hierarchy(world)


@every_level
def test_a_new_row_is_stored_and_read_back(case, world, tree):
    before = datetime.now(UTC)
    made = case.repository().create(case.new(tree, **{case.text: "text"}))
    stored = case.stored(world, made)
    assert stored["name"] == {"S": "new"}
    assert stored[case.text] == {"S": "text"}
    assert stored["version"] == {"N": "1"}
    assert stored["created_at"] == stored["updated_at"]
    assert parse_timestamp(stored["created_at"]["S"]) == made.created_at
    assert abs((made.created_at - before).total_seconds()) < 60
    assert case.repository().get(getattr(made, case.id_field)) == made
    if case.depth:
        assert stored["project_id"] == {"S": tree.project}
    assert "tree_state" not in stored


@every_level
def test_what_is_not_given_is_not_stored(case, world, tree):
    """Neither as NULL nor as empty text; empty text that is given is."""
    made = case.repository().create(case.new(tree))
    assert case.text not in case.stored(world, made)
    assert not any("NULL" in value for value in case.stored(world, made).values())
    empty = case.repository().create(case.new(tree, **{case.text: ""}))
    assert case.stored(world, empty)[case.text] == {"S": ""}
    assert getattr(case.repository().get(getattr(empty, case.id_field)), case.text) == ""


@every_level
@pytest.mark.parametrize("given", ["0", "flow-1735550001", "ünï/çode #1", "\U0001f600" * 255], ids=len)
def test_an_id_from_elsewhere_is_kept(case, given, world, tree):
    made = case.repository().create(case.new(tree, **{case.id_field: given}))
    assert getattr(made, case.id_field) == given
    assert case.repository().get(given) == made


@every_level
def test_a_row_that_is_there_is_not_overwritten(case, world, tree):
    before = world.rows(case.table)
    with pytest.raises(AlreadyExistsError) as caught:
        case.repository().create(case.new(tree, **{case.id_field: case.own(tree)}))
    assert (caught.value.key, caught.value.table) == (case.own(tree), world.table(case.table))
    assert world.rows(case.table) == before


@every_level
def test_an_id_is_taken_under_every_parent(case, world, tree):
    """The key is id and parent: the condition on the pair would not see it."""
    other = Hierarchy(world, "q", "grace")
    before = world.levels()
    parent = "grace" if case.table == "projects" else case.parent(other)
    with pytest.raises(AlreadyExistsError):
        case.repository().create({"name": "new", case.parent_field: parent, case.id_field: case.own(tree)})
    assert world.levels() == before


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.table)
def test_a_row_without_its_parent_is_refused(case, world, tree):
    before = world.levels()
    with pytest.raises(ParentNotFoundError):
        case.repository().create({"name": "new", case.parent_field: "nobody"})
    assert world.levels() == before


@pytest.mark.parametrize("case", CASES[2:], ids=lambda case: case.table)
def test_a_parent_of_another_level_is_no_parent(case, world, tree):
    for table in LEVELS:
        if table != LEVELS[case.depth - 1]:
            with pytest.raises(ParentNotFoundError):
                case.repository().create({"name": "new", case.parent_field: tree.ids[table]})
    assert_sound(world)


@pytest.mark.parametrize("case", CASES[2:], ids=lambda case: case.table)
def test_another_project_than_the_parents_is_refused(case, world, tree):
    other = Hierarchy(world, "q")
    before = world.levels()
    with pytest.raises(InvalidInputError, match="project_id"):
        case.repository().create(case.new(tree, project_id=other.project))
    assert world.levels() == before
    assert case.repository().create(case.new(tree, project_id=tree.project)).project_id == tree.project


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case.table)
@pytest.mark.parametrize("state", ["deleting", "creating"])
def test_nothing_comes_below_what_is_coming_or_going(case, state, world, tree):
    """Whichever row above it is."""
    for table in LEVELS[: case.depth]:
        [row] = world.rows(table)
        world.put_items(table, [{**row, "tree_state": {"S": state}}])
        with pytest.raises(ParentNotFoundError):
            case.repository().create(case.new(tree))
        world.put_items(table, [row])
    assert world.counts() == (1, 1, 1, 1, 1)


@every_level
def test_many_rows_keep_the_order_they_were_given_in(case, world, tree):
    names = [f"row {number}" for number in range(30)]
    made = case.repository().create_many([case.new(tree, name=name) for name in names])
    assert [row.name for row in made] == names
    assert sorted(made, key=lambda row: row.created_at) == made
    assert sorted(getattr(row, case.id_field) for row in made) == [getattr(row, case.id_field) for row in made]
    assert [case.repository().get(getattr(row, case.id_field)) for row in made[:3]] == made[:3]


@every_level
def test_many_rows_are_all_or_nothing(case, world, tree):
    """The last one is refused: none of those before it is there."""
    before = world.levels()
    given = [case.new(tree, **{case.id_field: name}) for name in ("a", "b", case.own(tree))]
    with pytest.raises(AlreadyExistsError):
        case.repository().create_many(given)
    with pytest.raises(InvalidInputError, match="name"):
        case.repository().create_many([case.new(tree), case.new(tree, name="")])
    with pytest.raises(InvalidInputError, match="twice"):
        case.repository().create_many([case.new(tree, **{case.id_field: "a"})] * 2)
    if case.depth:
        with pytest.raises(ParentNotFoundError):
            case.repository().create_many([case.new(tree), {"name": "new", case.parent_field: "nobody"}])
    assert world.levels() == before


@every_level
def test_no_rows_are_no_work(case, world, tree):
    assert case.repository().create_many([]) == []


@every_level
def test_what_is_absent_is_absent(case, world, tree):
    repository = case.repository()
    assert repository.find("nobody") is None
    for call in (repository.get, repository.delete, lambda key: repository.update(key, {"name": "n"})):
        with pytest.raises(NotFoundError) as caught:
            call("nobody")
        assert not isinstance(caught.value, ParentNotFoundError)
        assert caught.value.key == "nobody"
    assert world.counts() == (1, 1, 1, 1, 1)


@every_level
def test_an_update_changes_what_was_given_and_nothing_else(case, world, tree):
    before = case.repository().get(case.own(tree))
    changed = case.repository().update(case.own(tree), {"name": "other"})
    assert changed.name == "other"
    assert changed.version == before.version + 1
    assert changed.updated_at > before.updated_at
    assert changed.created_at == before.created_at
    assert case.repository().get(case.own(tree)) == changed
    with_text = case.repository().update(case.own(tree), {case.text: "text"})
    assert (with_text.name, getattr(with_text, case.text)) == ("other", "text")
    without = case.repository().update(case.own(tree), {case.text: None})
    assert getattr(without, case.text) is None
    assert case.text not in case.stored(world, without)
    assert without.version == before.version + 3


@every_level
def test_an_update_keeps_what_this_layer_does_not_know(case, world, tree):
    [row] = world.rows(case.table)
    odd = {
        "github_url": {"S": "kept as it is"},
        "digits": {"N": "1" * 38},
        "raw": {"B": b"\x00\xff"},
        "nested": {"M": {"a": {"L": [{"NULL": True}, {"BOOL": True}]}}},
        "set": {"SS": ["a", "b"]},
    }
    world.put_items(case.table, [row | odd])
    changed = case.repository().update(case.own(tree), {"name": "other"})
    stored = case.stored(world, changed)
    assert {name: stored[name] for name in odd} == odd


@every_level
def test_an_update_can_demand_a_version(case, world, tree):
    case.repository().update(case.own(tree), {"name": "second"}, expected_version=1)
    with pytest.raises(VersionConflictError) as caught:
        case.repository().update(case.own(tree), {"name": "lost"}, expected_version=1)
    error = caught.value
    assert (error.current.name, error.current.version, error.expected_version) == ("second", 2, 1)
    assert error.current == case.repository().get(case.own(tree))


@every_level
def test_an_update_of_nothing_is_a_write_all_the_same(case, world, tree):
    assert case.repository().update(case.own(tree), {}).version == 2


@every_level
def test_a_deleted_row_is_not_brought_back(case, world, tree):
    case.repository().delete(case.own(tree))
    with pytest.raises(NotFoundError):
        case.repository().update(case.own(tree), {"name": "n"})
    assert world.rows(case.table) == []


@every_level
def test_a_delete_takes_everything_below_with_it(case, world, tree):
    other = Hierarchy(world, "q")
    deleted = case.repository().delete(case.own(tree))
    assert tuple(deleted.counts.values()) == tuple(int(level >= case.depth) for level in range(5))
    assert (deleted.total, deleted.finished) == (5 - case.depth, True)
    assert world.counts() == tuple(1 + int(level < case.depth) for level in range(5))
    assert case.repository().get(case.own(other))
    assert_sound(world)


@every_level
def test_what_is_hidden_is_not_there(case, world, tree):
    """A row under which a tree is just coming or going."""
    [row] = world.rows(case.table)
    for state in ("creating", "deleting"):
        world.put_items(case.table, [{**row, "tree_state": {"S": state}}])
        assert case.repository().find(case.own(tree)) is None
        with pytest.raises(NotFoundError):
            case.repository().update(case.own(tree), {"name": "n"})


@every_level
@pytest.mark.parametrize("key", ["", "x" * 256, None, 5, b"x", ["x"]])
def test_a_key_is_text_of_1_to_255_characters(case, key, world):
    repository = case.repository()
    for call in (repository.get, repository.find, repository.delete, lambda one: repository.update(one, {"name": "n"})):
        with pytest.raises(InvalidInputError, match=case.id_field):
            call(key)


@every_level
def test_a_key_with_a_lone_surrogate_is_bad_input(case, world):
    for call in (case.repository().get, case.repository().delete):
        with pytest.raises(InvalidInputError):
            call("\ud800")
