"""Factories (polyfactory) for every schema: valid objects with made-up content, where a test does not care for it.

`build()` makes one, `batch(3)` three; every field can be given, all others are made up within their limits. Ids are new
ones. A tree is consistent: each row names the one above it and the project. What is made here is not stored.
"""

from collections.abc import Callable
from typing import Any

from polyfactory import PostGenerated
from polyfactory.factories.pydantic_factory import ModelFactory
from polyfactory.field_meta import FieldMeta

from models._kinds import HIERARCHY, PROJECT, Kind, child_kind
from models._values import generate_uuid, take_moments
from models.requirement import (
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
from models.waitlist import Waitlist, WaitlistCreate, WaitlistUpdate

#: The field to what makes its value up, from polyfactory's faker and its random numbers.
_MAKERS: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("id", "uiid", "parent_uiid", "project_id", "user_id"), lambda *_: generate_uuid()),
    **dict.fromkeys(("description", "initial_prompt", "notes"), lambda faker, _: faker.paragraph(nb_sentences=2)),
    "name": lambda faker, _: faker.sentence(nb_words=4).rstrip("."),
    # The number keeps addresses apart: faker soon repeats itself.
    "email": lambda faker, random: f"{faker.user_name()}.{random.randrange(10**9)}@example.com",
    "status": lambda _, random: random.choice(("pending", "contacted", "converted")),
    "created_at": lambda *_: take_moments(),
    "version": lambda *_: 1,
}
_CHILD_LISTS = frozenset(kind.children_field for kind in HIERARCHY if kind.children_field)
#: How many children each row of a tree has, where they are not given.
_CHILDREN = 2


_factory_of: dict[type[Any], Any] = {}


# Not a factory itself: polyfactory would use a base factory for all models there are, those of the tests' author too.
class _MadeUp:
    """Makes values up by the field's name, so that they look like what they stand for."""

    # Where one schema holds another, its factory here is used.
    __set_as_default_factory_for_type__ = True
    __faker__: Any
    __random__: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "__model__"):
            _factory_of[cls.__model__] = cls

    @classmethod
    def get_field_value(cls, field_meta: FieldMeta, *args: Any, **kwargs: Any) -> Any:
        """Make up the value of a field."""
        made = cls._made_up(field_meta)
        return super().get_field_value(field_meta, *args, **kwargs) if made is None else made  # type: ignore[misc]

    @classmethod
    def _made_up(cls, field_meta: FieldMeta) -> Any:
        if field_meta.name in _CHILD_LISTS and field_meta.children:
            return _factory_of[field_meta.children[0].annotation].batch(_CHILDREN)
        make = _MAKERS.get(field_meta.name)
        return make(cls.__faker__, cls.__random__) if make else None


class _StoredRow(_MadeUp):
    """As after its creation."""

    updated_at = PostGenerated(lambda _, values: values["created_at"])


class _Tree(_StoredRow):
    """With each row naming the one above it."""

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a tree."""
        tree = super().build(*args, **kwargs)  # type: ignore[misc]
        kind = next(kind for kind in HIERARCHY if isinstance(tree, kind.schema))
        return _linked(kind, tree, tree.id if kind is PROJECT else tree.project_id)


def _linked(kind: Kind, row: Any, project_id: str) -> Any:
    """Return a tree whose rows below the root name their parents and the project."""
    below = child_kind(kind)
    if below is None:
        return row
    children = [
        _linked(
            below,
            child.model_copy(update={"project_id": project_id, str(below.parent_field): kind.id_of(row)}),
            project_id,
        )
        for child in getattr(row, str(kind.children_field))
    ]
    return row.model_copy(update={str(kind.children_field): children})


class ProjectFactory(_StoredRow, ModelFactory[Project]):
    """A project as it is stored."""


class ProjectCreateFactory(_MadeUp, ModelFactory[ProjectCreate]):
    """A new project; its owner is made up."""


class ProjectUpdateFactory(_MadeUp, ModelFactory[ProjectUpdate]):
    """Changes of a project: every field is given."""


class ProjectTreeFactory(_Tree, ModelFactory[ProjectTree]):
    """A project as it is stored, with all that is under it: two children each."""


class ProjectTreeCreateFactory(_MadeUp, ModelFactory[ProjectTreeCreate]):
    """A new project with all that is under it: two children each."""


class UserFlowFactory(_StoredRow, ModelFactory[UserFlow]):
    """A user flow as it is stored."""


class UserFlowCreateFactory(_MadeUp, ModelFactory[UserFlowCreate]):
    """A new user flow; give it the `project_id` of a stored project."""


class UserFlowUpdateFactory(_MadeUp, ModelFactory[UserFlowUpdate]):
    """Changes of a user flow: every field is given."""


class UserFlowTreeFactory(_Tree, ModelFactory[UserFlowTree]):
    """A user flow as it is stored, with all that is under it: two children each."""


class UserFlowTreeCreateFactory(_MadeUp, ModelFactory[UserFlowTreeCreate]):
    """A new user flow with all that is under it: two children each."""


class HighLevelRequirementFactory(_StoredRow, ModelFactory[HighLevelRequirement]):
    """A high-level requirement as it is stored."""


class HighLevelRequirementCreateFactory(_MadeUp, ModelFactory[HighLevelRequirementCreate]):
    """A new high-level requirement; give it the `parent_uiid` of a stored row."""

    # Taken from the parent: a made-up one would be refused.
    project_id = None


class HighLevelRequirementUpdateFactory(_MadeUp, ModelFactory[HighLevelRequirementUpdate]):
    """Changes of a high-level requirement: every field is given."""


class HighLevelRequirementTreeFactory(_Tree, ModelFactory[HighLevelRequirementTree]):
    """A high-level requirement as it is stored, with all that is under it: two children each."""


class HighLevelRequirementTreeCreateFactory(_MadeUp, ModelFactory[HighLevelRequirementTreeCreate]):
    """A new high-level requirement with all that is under it: two children each."""


class LowLevelRequirementFactory(_StoredRow, ModelFactory[LowLevelRequirement]):
    """A low-level requirement as it is stored."""


class LowLevelRequirementCreateFactory(_MadeUp, ModelFactory[LowLevelRequirementCreate]):
    """A new low-level requirement; give it the `parent_uiid` of a stored row."""

    # Taken from the parent: a made-up one would be refused.
    project_id = None


class LowLevelRequirementUpdateFactory(_MadeUp, ModelFactory[LowLevelRequirementUpdate]):
    """Changes of a low-level requirement: every field is given."""


class LowLevelRequirementTreeFactory(_Tree, ModelFactory[LowLevelRequirementTree]):
    """A low-level requirement as it is stored, with all that is under it: two children each."""


class LowLevelRequirementTreeCreateFactory(_MadeUp, ModelFactory[LowLevelRequirementTreeCreate]):
    """A new low-level requirement with all that is under it: two children each."""


class TestCaseFactory(_StoredRow, ModelFactory[TestCase]):
    """A test case as it is stored."""

    __test__ = False


class TestCaseCreateFactory(_MadeUp, ModelFactory[TestCaseCreate]):
    """A new test case; give it the `parent_uiid` of a stored row."""

    __test__ = False

    # Taken from the parent: a made-up one would be refused.
    project_id = None


class TestCaseUpdateFactory(_MadeUp, ModelFactory[TestCaseUpdate]):
    """Changes of a test case: every field is given."""

    __test__ = False


class TestCaseTreeCreateFactory(_MadeUp, ModelFactory[TestCaseTreeCreate]):
    """A new test case of a new tree."""

    __test__ = False


class WaitlistFactory(_StoredRow, ModelFactory[Waitlist]):
    """A sign-up as it is stored."""


class WaitlistCreateFactory(_MadeUp, ModelFactory[WaitlistCreate]):
    """A new sign-up; its address is of the domain example.com, which nobody has."""


class WaitlistUpdateFactory(_MadeUp, ModelFactory[WaitlistUpdate]):
    """Changes of a sign-up: every field is given."""


__all__ = [
    "HighLevelRequirementCreateFactory",
    "HighLevelRequirementFactory",
    "HighLevelRequirementTreeCreateFactory",
    "HighLevelRequirementTreeFactory",
    "HighLevelRequirementUpdateFactory",
    "LowLevelRequirementCreateFactory",
    "LowLevelRequirementFactory",
    "LowLevelRequirementTreeCreateFactory",
    "LowLevelRequirementTreeFactory",
    "LowLevelRequirementUpdateFactory",
    "ProjectCreateFactory",
    "ProjectFactory",
    "ProjectTreeCreateFactory",
    "ProjectTreeFactory",
    "ProjectUpdateFactory",
    "TestCaseCreateFactory",
    "TestCaseFactory",
    "TestCaseTreeCreateFactory",
    "TestCaseUpdateFactory",
    "UserFlowCreateFactory",
    "UserFlowFactory",
    "UserFlowTreeCreateFactory",
    "UserFlowTreeFactory",
    "UserFlowUpdateFactory",
    "WaitlistCreateFactory",
    "WaitlistFactory",
    "WaitlistUpdateFactory",
]
