"""The rows as Pydantic models, the way a user of another library would write them on top of it."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=255)]


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: Name
    created_at: datetime
    updated_at: datetime | None = None
    version: int | None = None


class Project(_Row):
    id: str
    user_id: str
    initial_prompt: str | None = None


class UserFlow(_Row):
    uiid: str
    project_id: str
    description: str | None = None


class Requirement(_Row):
    uiid: str
    parent_uiid: str
    project_id: str | None = None
    description: str | None = None


#: The schema of each level, user flows first.
LEVELS: tuple[type[_Row], ...] = (UserFlow, Requirement, Requirement, Requirement)
