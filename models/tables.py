"""The six tables as PynamoDB models: the one place that says which keys, indexes and attributes exist.

The Pydantic schemas take their wire types from here, tables are created from here, and the infrastructure is
compared with this. A model opens no connection by itself: `bind` tells where one comes from, so that all six share it.

Use the repositories for anything that touches the hierarchy: a model's own `save()` overwrites, and drops
attributes it does not know (PynamoDB issue 424).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from pynamodb.attributes import Attribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection.table import TableConnection
from pynamodb.constants import PAY_PER_REQUEST_BILLING_MODE, STRING
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from models._values import format_timestamp, generate_uuid, parse_timestamp, take_moments


class TimestampAttribute(Attribute[datetime]):
    """A moment, held as ISO 8601 UTC text.

    PynamoDB's own `UTCDateTimeAttribute` reads only its own spelling (`+0000`); rows of earlier writers have others.
    """

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """Write the moment as `models` writes all of them."""
        return format_timestamp(value)

    def deserialize(self, value: str) -> datetime:
        """Read any ISO 8601 spelling; without an offset it is UTC."""
        return parse_timestamp(value)


class Bound(Model):
    """A model whose connection comes from elsewhere."""

    _connect: ClassVar[Callable[[type[Model]], TableConnection] | None] = None

    @classmethod
    def _get_connection(cls) -> TableConnection:
        return Bound._connect(cls) if Bound._connect else super()._get_connection()


class Table(Bound):
    """What the six models share."""

    created_at = TimestampAttribute(default_for_new=take_moments)
    updated_at = TimestampAttribute(null=True, default_for_new=take_moments)
    version = NumberAttribute(null=True, default_for_new=1)


def bind(connect: Callable[[type[Model]], TableConnection]) -> None:
    """Say where the models get their connection from, from now on."""
    Bound._connect = connect


class _TableMeta:
    billing_mode = PAY_PER_REQUEST_BILLING_MODE


class _IndexMeta:
    projection = AllProjection()


class _Node(Table):
    """A row of the hierarchy.

    `tree_state` is `creating` or `deleting` while a whole tree comes or goes under this row; such a row is not shown.
    """

    name = UnicodeAttribute()
    tree_state = UnicodeAttribute(null=True)
    tree_token = UnicodeAttribute(null=True)


class UserIdIndex(GlobalSecondaryIndex[Any]):
    """A user's projects by time."""

    class Meta(_IndexMeta):  # noqa: D106
        index_name = "user_id-index"

    user_id = UnicodeAttribute(hash_key=True)
    created_at = TimestampAttribute(range_key=True)


class NameIndex(GlobalSecondaryIndex[Any]):
    """Projects of one name by time."""

    class Meta(_IndexMeta):  # noqa: D106
        index_name = "name-index"

    name = UnicodeAttribute(hash_key=True)
    created_at = TimestampAttribute(range_key=True)


class ProjectIdIndex(GlobalSecondaryIndex[Any]):
    """All rows of a project by time."""

    class Meta(_IndexMeta):  # noqa: D106
        index_name = "project_id-index"

    project_id = UnicodeAttribute(hash_key=True)
    created_at = TimestampAttribute(range_key=True)


class ParentUiidIndex(GlobalSecondaryIndex[Any]):
    """The children of one row by time."""

    class Meta(_IndexMeta):  # noqa: D106
        index_name = "parent_uiid-index"

    parent_uiid = UnicodeAttribute(hash_key=True)
    created_at = TimestampAttribute(range_key=True)


class StatusIndex(GlobalSecondaryIndex[Any]):
    """Waitlist entries of one status by time."""

    class Meta(_IndexMeta):  # noqa: D106
        index_name = "status-index"

    status = UnicodeAttribute(hash_key=True)
    created_at = TimestampAttribute(range_key=True)


class ProjectModel(_Node):
    """Projects: the roots of the hierarchy, each with its owner."""

    class Meta(_TableMeta):  # noqa: D106
        table_name = "prod-vishmaker-projects"

    id = UnicodeAttribute(hash_key=True, default_for_new=generate_uuid)
    user_id = UnicodeAttribute(range_key=True)
    initial_prompt = UnicodeAttribute(null=True)
    # 1 where every row below carries project_id, so that four index queries are known to be complete.
    tree_format = NumberAttribute(null=True)

    user_id_index = UserIdIndex()
    name_index = NameIndex()


class UserFlowModel(_Node):
    """User flows: the children of a project."""

    class Meta(_TableMeta):  # noqa: D106
        table_name = "prod-vishmaker-user-flows"

    uiid = UnicodeAttribute(hash_key=True, default_for_new=generate_uuid)
    project_id = UnicodeAttribute(range_key=True)
    description = UnicodeAttribute(null=True)

    project_id_index = ProjectIdIndex()


class _Requirement(_Node):
    uiid = UnicodeAttribute(hash_key=True, default_for_new=generate_uuid)
    parent_uiid = UnicodeAttribute(range_key=True)
    # Optional because rows of earlier writers lack it; every new row has it.
    project_id = UnicodeAttribute(null=True)
    description = UnicodeAttribute(null=True)


class HighLevelRequirementModel(_Requirement):
    """High-level requirements: the children of a user flow."""

    class Meta(_TableMeta):  # noqa: D106
        table_name = "prod-vishmaker-high-level-requirements"

    parent_uiid_index = ParentUiidIndex()
    project_id_index = ProjectIdIndex()


class LowLevelRequirementModel(_Requirement):
    """Low-level requirements: the children of a high-level requirement."""

    class Meta(_TableMeta):  # noqa: D106
        table_name = "prod-vishmaker-low-level-requirements"

    parent_uiid_index = ParentUiidIndex()
    project_id_index = ProjectIdIndex()


class TestCaseModel(_Requirement):
    """Test cases: the children of a low-level requirement."""

    __test__ = False

    class Meta(_TableMeta):  # noqa: D106
        table_name = "prod-vishmaker-test-cases"

    parent_uiid_index = ParentUiidIndex()
    project_id_index = ProjectIdIndex()


class WaitlistModel(Table):
    """Sign-ups, one per address."""

    class Meta(_TableMeta):  # noqa: D106
        table_name = "prod-vishmaker-waitlist"

    email = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute(default_for_new="pending")
    notes = UnicodeAttribute(null=True)

    status_index = StatusIndex()


#: The key of `TABLE_NAMES` to the model, parents before children.
MODELS: dict[str, type[Table]] = {
    "projects": ProjectModel,
    "user_flows": UserFlowModel,
    "high_level_requirements": HighLevelRequirementModel,
    "low_level_requirements": LowLevelRequirementModel,
    "test_cases": TestCaseModel,
    "waitlist": WaitlistModel,
}
