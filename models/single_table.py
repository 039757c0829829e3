"""The one table of the single-table layout as PynamoDB models: one class for each type of item in it.

A project and everything under it lie in one partition, so that a strongly consistent query reads a whole tree. A row
carries the attributes that it has in its own table of the six, and these:

- `pk`, `sk`: the primary key. A project is `P#<id>` / `#PROJECT`, a node `P#<project>` /
  `<level>#<parent>#<time>#<uiid>`, a waitlist entry `W#<email>` / `WAITLIST`.
- `item_type`: what kind of row it is, the key of its table in the six.
- `project_name`: of a project only, its name once more, so that the index of names has projects alone.

Beside each node stands an `IdItem`, by which the node is found where only its uiid is known.
"""

from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.constants import PAY_PER_REQUEST_BILLING_MODE
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from models._values import take_moments
from models.tables import Bound, StatusIndex, TimestampAttribute, UserIdIndex


class ProjectNameIndex(GlobalSecondaryIndex[Any]):
    """Projects of one name by time. Nodes have a `name`, too, so projects carry theirs under another one."""

    class Meta:  # noqa: D106
        index_name = "name-index"
        projection = AllProjection()

    project_name = UnicodeAttribute(hash_key=True)
    created_at = TimestampAttribute(range_key=True)


class Item(Bound):
    """Any item of the table."""

    class Meta:  # noqa: D106
        table_name = "prod-vishmaker"
        billing_mode = PAY_PER_REQUEST_BILLING_MODE

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    item_type = DiscriminatorAttribute()

    # Only projects have `user_id` and `project_name`, only waitlist entries `status`: no write of a node pays for one.
    user_id_index = UserIdIndex()
    name_index = ProjectNameIndex()
    status_index = StatusIndex()


class IdItem(Item, discriminator="id"):
    """Says where the node with a uiid lies: `ID#<uiid>` / the node's item type."""

    row_pk = UnicodeAttribute()
    row_sk = UnicodeAttribute()


class _Row(Item):
    created_at = TimestampAttribute(default_for_new=take_moments)
    updated_at = TimestampAttribute(null=True, default_for_new=take_moments)
    version = NumberAttribute(null=True, default_for_new=1)


class _NamedRow(_Row):
    name = UnicodeAttribute()
    tree_state = UnicodeAttribute(null=True)
    tree_token = UnicodeAttribute(null=True)


class ProjectItem(_NamedRow, discriminator="projects"):
    """A project."""

    id = UnicodeAttribute()
    user_id = UnicodeAttribute()
    project_name = UnicodeAttribute()
    initial_prompt = UnicodeAttribute(null=True)
    tree_format = NumberAttribute(null=True)


class _NodeItem(_NamedRow):
    uiid = UnicodeAttribute()
    project_id = UnicodeAttribute()
    description = UnicodeAttribute(null=True)


class UserFlowItem(_NodeItem, discriminator="user_flows"):
    """A user flow."""


class _RequirementItem(_NodeItem):
    parent_uiid = UnicodeAttribute()


class HighLevelRequirementItem(_RequirementItem, discriminator="high_level_requirements"):
    """A high-level requirement."""


class LowLevelRequirementItem(_RequirementItem, discriminator="low_level_requirements"):
    """A low-level requirement."""


class TestCaseItem(_RequirementItem, discriminator="test_cases"):
    """A test case."""

    __test__ = False


class WaitlistItem(_Row, discriminator="waitlist"):
    """A waitlist entry."""

    email = UnicodeAttribute()
    status = UnicodeAttribute(default_for_new="pending")
    notes = UnicodeAttribute(null=True)


#: The key of `TABLE_NAMES` to the model, as `models.tables.MODELS`.
SINGLE_TABLE: dict[str, type[Bound]] = {"vishmaker": Item}

__all__ = [
    "HighLevelRequirementItem",
    "IdItem",
    "Item",
    "LowLevelRequirementItem",
    "ProjectItem",
    "ProjectNameIndex",
    "TestCaseItem",
    "UserFlowItem",
    "WaitlistItem",
]
