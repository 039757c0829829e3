"""Projects: `/api/projects`."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from dynamodb.repositories import ProjectRepository
from models.requirement import ProjectUpdate
from vishmaker_api import answers
from vishmaker_api.owner import Owner

router = APIRouter(prefix="/api/projects")

#: Seconds for a delete before API Gateway would give up (29); what is left the next call deletes.
DELETE_SECONDS = 20.0


class NewProject(BaseModel):
    """What a client may say of a new project: neither its id nor its owner. The limits are the data layer's."""

    model_config = ConfigDict(extra="forbid")

    name: str
    initial_prompt: str | None = None


class ProjectChanges(ProjectUpdate):
    """What a client may change."""

    # The schemas are built when they are first used; FastAPI wants a body's now, or Pydantic warns later.
    model_config = ConfigDict(defer_build=False)


@router.post("")
def create(owner: Owner, project: NewProject) -> Response:
    """Create a project."""
    made = ProjectRepository(user_id=owner).create({**project.model_dump(), "user_id": owner})
    return answers.row(made, 201)


@router.get("")
def list_mine(owner: Owner, limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None) -> Response:
    """List the owner's projects, page by page."""
    found = ProjectRepository(user_id=owner).list_by_user(owner, limit=limit, cursor=cursor)
    return answers.page(found.items, found.cursor, limit)


@router.get("/{project_id}")
def get(owner: Owner, project_id: str) -> Response:
    """Get a project, without what is under it."""
    return answers.row(ProjectRepository(user_id=owner).get(project_id))


@router.put("/{project_id}")
def update(
    owner: Owner, project_id: str, changes: ProjectChanges, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """Change a project: fields that are given. With `If-Match` only the version that the caller knows."""
    version = answers.expected_version(if_match)
    return answers.row(ProjectRepository(user_id=owner).update(project_id, changes, expected_version=version))


@router.delete("/{project_id}")
def delete(owner: Owner, project_id: str) -> Response:
    """Delete a project and everything under it; 202 where that takes longer: the same call goes on."""
    deleted = ProjectRepository(user_id=owner).delete(project_id, deadline=DELETE_SECONDS)
    return JSONResponse(asdict(deleted), 200 if deleted.finished else 202)
