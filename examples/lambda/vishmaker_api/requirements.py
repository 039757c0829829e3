"""What is under a project: `/api/requirements/{project_id}`."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from vishmaker_api import answers
from vishmaker_api.owner import Owner

router = APIRouter(prefix="/api/requirements/{project_id}")


class NewFlow(BaseModel):
    """What a client may say of a new user flow; its limits are the data layer's."""

    model_config = ConfigDict(extra="forbid")

    name: str
    description: str | None = None


class NewNode(NewFlow):
    """What a client may say of a new requirement or test case."""

    parent_uiid: str


@router.get("")
def load(owner: Owner, project_id: str) -> Response:
    """Get a project with everything under it."""
    return answers.row(HierarchyRepository(user_id=owner).load(project_id))


@router.post("/flows")
def create_flow(owner: Owner, project_id: str, flow: NewFlow) -> Response:
    """Create a user flow."""
    made = UserFlowRepository(user_id=owner).create({**flow.model_dump(), "project_id": project_id})
    return answers.row(made, 201)


@router.post("/high-level-requirements")
def create_high_level_requirement(owner: Owner, project_id: str, node: NewNode) -> Response:
    """Create a high-level requirement under a user flow."""
    made = HighLevelRequirementRepository(user_id=owner).create({**node.model_dump(), "project_id": project_id})
    return answers.row(made, 201)


@router.post("/low-level-requirements")
def create_low_level_requirement(owner: Owner, project_id: str, node: NewNode) -> Response:
    """Create a low-level requirement under a high-level requirement."""
    made = LowLevelRequirementRepository(user_id=owner).create({**node.model_dump(), "project_id": project_id})
    return answers.row(made, 201)


@router.post("/test-cases")
def create_test_case(owner: Owner, project_id: str, node: NewNode) -> Response:
    """Create a test case under a low-level requirement."""
    made = TestCaseRepository(user_id=owner).create({**node.model_dump(), "project_id": project_id})
    return answers.row(made, 201)
