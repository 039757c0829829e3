"""The Pydantic schemas of the hierarchy: what goes in, what changes, what is stored, and whole trees."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from models._fields import NOT_GIVEN, Changes, Id, Input, Name, Stored, Text, wire_alias
from models._values import generate_uuid
from models.tables import (
    HighLevelRequirementModel,
    LowLevelRequirementModel,
    ProjectModel,
    TestCaseModel,
    UserFlowModel,
)


class ProjectCreate(Input):
    """A new project."""

    #: Made (UUID version 7) where it is not given.
    id: Id | None = None
    name: Name
    user_id: Id
    initial_prompt: Text | None = None


class UserFlowCreate(Input):
    """A new user flow of a project."""

    #: Made (UUID version 7) where it is not given.
    uiid: Id | None = None
    project_id: Id
    name: Name
    description: Text | None = None


class _RequirementCreate(Input):
    #: Made (UUID version 7) where it is not given.
    uiid: Id | None = None
    parent_uiid: Id
    #: Taken from the parent where it is not given; another one than the parent's is refused.
    project_id: Id | None = None
    name: Name
    description: Text | None = None


class HighLevelRequirementCreate(_RequirementCreate):
    """A new high-level requirement of a user flow."""


class LowLevelRequirementCreate(_RequirementCreate):
    """A new low-level requirement of a high-level requirement."""


class TestCaseCreate(_RequirementCreate):
    """A new test case of a low-level requirement."""

    __test__ = False


class ProjectUpdate(Changes):
    """Changes of a project. The owner is part of the key: `HierarchyRepository.copy_project` hands a copy over."""

    name: Name = NOT_GIVEN
    initial_prompt: Text | None = None


class _NodeUpdate(Changes):
    name: Name = NOT_GIVEN
    description: Text | None = None


class UserFlowUpdate(_NodeUpdate):
    """Changes of a user flow."""


class HighLevelRequirementUpdate(_NodeUpdate):
    """Changes of a high-level requirement. `HierarchyRepository.move` gives it another parent."""


class LowLevelRequirementUpdate(_NodeUpdate):
    """Changes of a low-level requirement. `HierarchyRepository.move` gives it another parent."""


class TestCaseUpdate(_NodeUpdate):
    """Changes of a test case. `HierarchyRepository.move` gives it another parent."""

    __test__ = False


class Project(Stored, alias_generator=wire_alias(ProjectModel)):
    """A project."""

    id: str
    user_id: str
    name: str
    initial_prompt: str | None = None


class UserFlow(Stored, alias_generator=wire_alias(UserFlowModel)):
    """A user flow."""

    uiid: str
    project_id: str
    name: str
    description: str | None = None


class _Requirement(Stored):
    uiid: str
    parent_uiid: str
    #: `None` in rows of earlier writers.
    project_id: str | None = None
    name: str
    description: str | None = None


class HighLevelRequirement(_Requirement, alias_generator=wire_alias(HighLevelRequirementModel)):
    """A high-level requirement."""


class LowLevelRequirement(_Requirement, alias_generator=wire_alias(LowLevelRequirementModel)):
    """A low-level requirement."""


class TestCase(_Requirement, alias_generator=wire_alias(TestCaseModel)):
    """A test case."""

    __test__ = False


class LowLevelRequirementTree(LowLevelRequirement):
    """A low-level requirement with its test cases, in the order they were created."""

    test_case_list: list[TestCase] = Field(default_factory=list)


class HighLevelRequirementTree(HighLevelRequirement):
    """A high-level requirement with all that is under it, siblings in the order they were created."""

    low_level_requirement_list: list[LowLevelRequirementTree] = Field(default_factory=list)


class UserFlowTree(UserFlow):
    """A user flow with all that is under it, siblings in the order they were created."""

    high_level_requirement_list: list[HighLevelRequirementTree] = Field(default_factory=list)


class ProjectTree(Project):
    """A project with all that is under it, siblings in the order they were created."""

    flows: list[UserFlowTree] = Field(default_factory=list)


# An exported tree carries these; a new one gets its own.
_SET_BY_STORAGE = frozenset({"created_at", "updated_at", "version", "project_id", "parent_uiid"})


class _TreeCreate(Input):
    @model_validator(mode="before")
    @classmethod
    def _take_an_export(cls, data: Any) -> Any:
        if isinstance(data, dict) and not _SET_BY_STORAGE.isdisjoint(data):
            return {field: value for field, value in data.items() if field not in _SET_BY_STORAGE}
        return data


# The id is made with the object, so that the same object given again names the same rows.
NewId = Annotated[Id, Field(default_factory=generate_uuid)]


class TestCaseTreeCreate(_TreeCreate):
    """A test case of a new tree."""

    __test__ = False

    uiid: NewId
    name: Name
    description: Text | None = None


class LowLevelRequirementTreeCreate(_TreeCreate):
    """A low-level requirement of a new tree."""

    uiid: NewId
    name: Name
    description: Text | None = None
    test_case_list: list[TestCaseTreeCreate] = Field(default_factory=list)


class HighLevelRequirementTreeCreate(_TreeCreate):
    """A high-level requirement of a new tree."""

    uiid: NewId
    name: Name
    description: Text | None = None
    low_level_requirement_list: list[LowLevelRequirementTreeCreate] = Field(default_factory=list)


class UserFlowTreeCreate(_TreeCreate):
    """A user flow of a new tree."""

    uiid: NewId
    name: Name
    description: Text | None = None
    high_level_requirement_list: list[HighLevelRequirementTreeCreate] = Field(default_factory=list)


class ProjectTreeCreate(_TreeCreate):
    """A whole new project, nested as `ProjectTree` is.

    Ids that are not given are made with the object: creating the same object again, or one read back from its own
    `model_dump_json()`, finishes what an interrupted call began and doubles nothing. An exported `ProjectTree` is read
    as it is, ids included.

    Example:
        >>> from models.requirement import ProjectTreeCreate
        >>> text = '{"id": "p1", "name": "Aware", "user_id": "user123", "flows": [{"uiid": "f1", "name": "Sign up"}]}'
        >>> tree = ProjectTreeCreate.model_validate_json(text)
        >>> tree.flows[0].uiid, tree.with_new_ids().flows[0].uiid == "f1"
        ('f1', False)
    """

    id: NewId
    name: Name
    user_id: Id
    initial_prompt: Text | None = None
    flows: list[UserFlowTreeCreate] = Field(default_factory=list)

    def with_new_ids(self) -> Self:
        """Return the same tree, all its ids made anew."""
        return self.model_validate(_without_ids(self.model_dump()))


def _without_ids(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_ids(child) for child in node]
    if isinstance(node, dict):
        return {field: _without_ids(value) for field, value in node.items() if field not in {"id", "uiid"}}
    return node
