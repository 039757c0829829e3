"""The hierarchy for Lambda code: schemas, and entities whose static methods answer with dictionaries.

An answer has `status` (`success`, `not_found` or `error`), a `message` for people, `data` (JSON-ready) where there is
some, and on an error its `code`. Nothing is decided here: the entities stand on `dynamodb.repositories`.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dynamodb._answers import Answer, answering, success
from dynamodb._validation import check_key
from dynamodb.repositories import (
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from models._hierarchy import (
    HighLevelRequirement,
    HighLevelRequirementCreate,
    HighLevelRequirementTree,
    HighLevelRequirementTreeCreate,
    HighLevelRequirementUpdate,
    LowLevelRequirement,
    LowLevelRequirementCreate,
    LowLevelRequirementTree,
    LowLevelRequirementTreeCreate,
    LowLevelRequirementUpdate,
    Project,
    ProjectCreate,
    ProjectTree,
    ProjectTreeCreate,
    ProjectUpdate,
    TestCase,
    TestCaseCreate,
    TestCaseTreeCreate,
    TestCaseUpdate,
    UserFlow,
    UserFlowCreate,
    UserFlowTree,
    UserFlowTreeCreate,
    UserFlowUpdate,
)


class ProjectEntity:
    """Projects, each with its owner.

    Example:
        >>> from models.requirement import ProjectCreate, ProjectEntity
        >>> made = ProjectEntity.create(ProjectCreate(name="Aware", user_id="user123"))
        >>> ProjectEntity.get_by_id(made["data"]["id"], "user123")["data"]["name"]
        'Aware'
    """

    @staticmethod
    @answering
    def create(data: ProjectCreate | Mapping[str, Any]) -> Answer:
        """Write a new project; `data` is the project."""
        return success("project created", _json(ProjectRepository().create(data)))

    @staticmethod
    @answering
    def get_by_id(project_id: str, user_id: str) -> Answer:
        """Get a project; another owner's is `not_found`."""
        return success("project found", _json(_projects_of(user_id).get(project_id)))

    @staticmethod
    @answering
    def get_by_user_id(user_id: str) -> Answer:
        """Get all projects of a user, in the order they were created; `data` is the list, `count` its length."""
        return _list(ProjectRepository().iter_by_user(user_id))

    @staticmethod
    @answering
    def get_by_name(name: str) -> Answer:
        """Get all projects that have exactly this name, whoever owns them; `data` is the list, `count` its length."""
        return _list(ProjectRepository().iter_by_name(name))

    @staticmethod
    @answering
    def update(project_id: str, user_id: str, changes: ProjectUpdate | Mapping[str, Any]) -> Answer:
        """Change a project; `data` is the project as it is now; another owner's is `not_found`."""
        return success("project updated", _json(_projects_of(user_id).update(project_id, changes)))

    @staticmethod
    @answering
    def delete(project_id: str, user_id: str) -> Answer:
        """Delete a project and everything under it; `data` has the counts by level."""
        return success("project deleted", asdict(_projects_of(user_id).delete(project_id)))


def _projects_of(user_id: str) -> ProjectRepository:
    """Return the repository for one owner; no owner is refused, since a repository without one sees everybody's rows.

    Raises:
        InvalidInputError: if it is no text of 1 to 255 characters: where the caller's identity got lost on its way.
    """
    return ProjectRepository(user_id=check_key("user_id", user_id))


class _NodeEntity:
    _repository: type[Any]
    _label: str

    @classmethod
    @answering
    def create(cls, data: Any) -> Answer:
        """Write a new row below its parent; `data` is the row."""
        return success(f"{cls._label} created", _json(cls._repository().create(data)))

    @classmethod
    @answering
    def get_by_uiid(cls, uiid: str) -> Answer:
        """Get a row by its uiid."""
        return success(f"{cls._label} found", _json(cls._repository().get(uiid)))

    @classmethod
    @answering
    def update(cls, uiid: str, changes: Any) -> Answer:
        """Change a row; `data` is the row as it is now."""
        return success(f"{cls._label} updated", _json(cls._repository().update(uiid, changes)))

    @classmethod
    @answering
    def delete(cls, uiid: str) -> Answer:
        """Delete a row and everything under it; `data` has the counts by level."""
        return success(f"{cls._label} deleted", asdict(cls._repository().delete(uiid)))


class UserFlowEntity(_NodeEntity):
    """User flows: the children of a project."""

    _repository, _label = UserFlowRepository, "user flow"

    @staticmethod
    @answering
    def get_by_project_id(project_id: str) -> Answer:
        """Get all user flows of a project, in the order they were created; `data` is the list."""
        return _list(UserFlowRepository().iter_by_project(project_id))


class _RequirementEntity(_NodeEntity):
    @classmethod
    @answering
    def get_by_parent_uiid(cls, parent_uiid: str) -> Answer:
        """Get all children of a row, in the order they were created; `data` is the list, `count` its length."""
        return _list(cls._repository().iter_by_parent(parent_uiid))


class HighLevelRequirementEntity(_RequirementEntity):
    """High-level requirements: the children of a user flow."""

    _repository, _label = HighLevelRequirementRepository, "high-level requirement"


class LowLevelRequirementEntity(_RequirementEntity):
    """Low-level requirements: the children of a high-level requirement."""

    _repository, _label = LowLevelRequirementRepository, "low-level requirement"


class TestCaseEntity(_RequirementEntity):
    """Test cases: the children of a low-level requirement."""

    __test__ = False

    _repository, _label = TestCaseRepository, "test case"


def _json(row: Any) -> dict[str, Any]:
    data: dict[str, Any] = row.model_dump(mode="json")
    return data


def _list(rows: Any) -> Answer:
    data = [_json(row) for row in rows]
    return success(f"{len(data)} found", data, count=len(data))


__all__ = [
    "HighLevelRequirement",
    "HighLevelRequirementCreate",
    "HighLevelRequirementEntity",
    "HighLevelRequirementTree",
    "HighLevelRequirementTreeCreate",
    "HighLevelRequirementUpdate",
    "LowLevelRequirement",
    "LowLevelRequirementCreate",
    "LowLevelRequirementEntity",
    "LowLevelRequirementTree",
    "LowLevelRequirementTreeCreate",
    "LowLevelRequirementUpdate",
    "Project",
    "ProjectCreate",
    "ProjectEntity",
    "ProjectTree",
    "ProjectTreeCreate",
    "ProjectUpdate",
    "TestCase",
    "TestCaseCreate",
    "TestCaseEntity",
    "TestCaseTreeCreate",
    "TestCaseUpdate",
    "UserFlow",
    "UserFlowCreate",
    "UserFlowEntity",
    "UserFlowTree",
    "UserFlowTreeCreate",
    "UserFlowUpdate",
]
