"""Typed access: schemas in, schemas out, `dynamodb.errors` raised.

`get` raises where a row is absent, `find` returns `None`; `list_by_…` returns one page with its cursor, `iter_by_…`
goes on by itself; `create` refuses an existing row, `update` a missing one; `delete` takes what is under the row
with it.
"""

from dynamodb._cascade import Deleted
from dynamodb._paging import Page
from dynamodb.repositories._nodes import (
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from dynamodb.repositories._trees import HierarchyRepository, ProjectCopy
from dynamodb.repositories._waitlist import WaitlistRepository

__all__ = [
    "Deleted",
    "HierarchyRepository",
    "HighLevelRequirementRepository",
    "LowLevelRequirementRepository",
    "Page",
    "ProjectCopy",
    "ProjectRepository",
    "TestCaseRepository",
    "UserFlowRepository",
    "WaitlistRepository",
]
