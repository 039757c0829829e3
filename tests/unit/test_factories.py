"""The factories make valid objects for every schema, and trees whose rows belong together."""

from typing import Any

import pytest
from polyfactory.factories.pydantic_factory import ModelFactory
from pydantic import BaseModel

import models.requirement
import models.waitlist
from dynamodb.testing import factories
from models._kinds import HIERARCHY, child_kind

SCHEMAS = {
    name: schema
    for module in (models.requirement, models.waitlist)
    for name in module.__all__
    if issubclass(schema := getattr(module, name), BaseModel)
}


def test_every_schema_has_its_factory() -> None:
    """A schema that is added without a factory is noticed."""
    assert {f"{name}Factory" for name in SCHEMAS} == set(factories.__all__)


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_a_factory_makes_is_valid(name: str) -> None:
    """Ten objects of each schema pass its own validation again, as they are."""
    for made in getattr(factories, f"{name}Factory").batch(10):
        assert type(made) is SCHEMAS[name]
        assert SCHEMAS[name].model_validate(made.model_dump()) == made


@pytest.mark.parametrize("name", ["Project", "UserFlow", "HighLevelRequirement", "LowLevelRequirement"])
def test_the_rows_of_a_tree_belong_together(name: str) -> None:
    """Each row of a tree names the row above it and the project, and no id is there twice."""
    tree = getattr(factories, f"{name}TreeFactory").build()
    kind = next(kind for kind in HIERARCHY if kind.tree is type(tree))
    project_id = tree.id if name == "Project" else tree.project_id
    ids: list[str] = []

    def walk(kind: Any, row: Any) -> None:
        ids.append(kind.id_of(row))
        if below := child_kind(kind):
            children = getattr(row, kind.children_field)
            assert len(children) == 2
            for child in children:
                assert below.parent_of(child) == kind.id_of(row)
                assert child.project_id == project_id
                walk(below, child)

    walk(kind, tree)
    assert len(set(ids)) == len(ids) > 2


def test_a_given_field_stays_as_it_is() -> None:
    """What a test cares for it can give, also for the rows of a tree."""
    flow = factories.UserFlowTreeFactory.build(name="Sign up", high_level_requirement_list=[])
    project = factories.ProjectTreeFactory.build(user_id="user-7", flows=[flow])

    assert project.user_id == "user-7"
    assert [one.name for one in project.flows] == ["Sign up"]
    assert project.flows[0].project_id == project.id


def test_a_stored_row_looks_as_after_its_creation() -> None:
    """It has not been changed: its version is 1 and both its times are the same."""
    made = factories.ProjectFactory.build()

    assert made.version == 1
    assert made.updated_at == made.created_at


def test_other_models_are_made_as_before() -> None:
    """A model of the tests' author with a field of the same name does not get this layer's values."""

    class Invoice(BaseModel):
        id: int
        status: bool

    made = ModelFactory.create_factory(Invoice).build()

    assert isinstance(made.id, int)
    assert isinstance(made.status, bool)
