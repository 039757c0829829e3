"""The six kinds of row and how they hang together; nothing here knows how they are stored."""

import itertools
from dataclasses import dataclass
from typing import Any

from models import _hierarchy as h
from models import _signup as s
from models._fields import Changes, Input, Stored
from models.tables import MODELS, Table


# There is one object of each kind: identity is equality, and cheap.
@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of row."""

    #: The key of `TABLE_NAMES`.
    key: str
    #: What a person calls one row of it.
    label: str
    #: The field that names a row: `id`, `uiid` or `email`.
    id_field: str
    #: The field that names the row it belongs to; for a project that is its owner.
    parent_field: str | None
    #: The field of its tree schema that lists the children.
    children_field: str | None
    create: type[Input]
    update: type[Changes]
    schema: type[Stored]
    #: The schema with the children in it.
    tree: type[Stored]

    @property
    def model(self) -> type[Table]:
        """The PynamoDB model that declares its attributes."""
        return MODELS[self.key]

    def id_of(self, row: Any) -> str:
        """Return the id of a row, or of anything with the row's fields."""
        return str(getattr(row, self.id_field))

    def parent_of(self, row: Any) -> str:
        """Return the id of the row that a row belongs to (a project's: its owner)."""
        return str(getattr(row, str(self.parent_field)))


PROJECT = Kind(
    "projects", "project", "id", "user_id", "flows", h.ProjectCreate, h.ProjectUpdate, h.Project, h.ProjectTree
)
USER_FLOW = Kind(
    "user_flows",
    "user flow",
    "uiid",
    "project_id",
    "high_level_requirement_list",
    h.UserFlowCreate,
    h.UserFlowUpdate,
    h.UserFlow,
    h.UserFlowTree,
)
HIGH_LEVEL_REQUIREMENT = Kind(
    "high_level_requirements",
    "high-level requirement",
    "uiid",
    "parent_uiid",
    "low_level_requirement_list",
    h.HighLevelRequirementCreate,
    h.HighLevelRequirementUpdate,
    h.HighLevelRequirement,
    h.HighLevelRequirementTree,
)
LOW_LEVEL_REQUIREMENT = Kind(
    "low_level_requirements",
    "low-level requirement",
    "uiid",
    "parent_uiid",
    "test_case_list",
    h.LowLevelRequirementCreate,
    h.LowLevelRequirementUpdate,
    h.LowLevelRequirement,
    h.LowLevelRequirementTree,
)
TEST_CASE = Kind(
    "test_cases", "test case", "uiid", "parent_uiid", None, h.TestCaseCreate, h.TestCaseUpdate, h.TestCase, h.TestCase
)
WAITLIST = Kind(
    "waitlist", "waitlist entry", "email", None, None, s.WaitlistCreate, s.WaitlistUpdate, s.Waitlist, s.Waitlist
)

#: From the root down.
HIERARCHY = (PROJECT, USER_FLOW, HIGH_LEVEL_REQUIREMENT, LOW_LEVEL_REQUIREMENT, TEST_CASE)
KINDS = (*HIERARCHY, WAITLIST)

_BELOW = dict(itertools.pairwise(HIERARCHY))
_ABOVE = {below: above for above, below in _BELOW.items()}


def parent_kind(kind: Kind) -> Kind | None:
    """Return the kind above, `None` for a project or a waitlist entry."""
    return _ABOVE.get(kind)


def child_kind(kind: Kind) -> Kind | None:
    """Return the kind below, `None` for a test case or a waitlist entry."""
    return _BELOW.get(kind)
