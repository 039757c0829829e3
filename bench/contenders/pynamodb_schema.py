"""The six tables as a user of plain PynamoDB would declare them.

Timestamps are text: PynamoDB's own `UTCDateTimeAttribute` refuses the `+00:00` of the rows. That favours PynamoDB,
which then has no timestamp to parse.
"""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from bench import dataset
from bench.contenders.base import REGION


class _Stamped(Model):
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)


class _ProjectIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = dataset.PROJECT_INDEX
        projection = AllProjection()

    project_id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class _ParentIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "parent_uiid-index"
        projection = AllProjection()

    parent_uiid = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class _StatusIndex(GlobalSecondaryIndex[Any]):
    class Meta:
        index_name = "status-index"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class Project(_Stamped):
    class Meta:
        table_name = dataset.PROJECTS
        region = REGION

    id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    initial_prompt = UnicodeAttribute(null=True)


class UserFlow(_Stamped):
    class Meta:
        table_name = dataset.USER_FLOWS
        region = REGION

    uiid = UnicodeAttribute(hash_key=True)
    project_id = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    by_project = _ProjectIndex()


class _Requirement(_Stamped):
    uiid = UnicodeAttribute(hash_key=True)
    parent_uiid = UnicodeAttribute(range_key=True)
    project_id = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)


class HighLevelRequirement(_Requirement):
    class Meta:
        table_name = dataset.HIGH_LEVEL
        region = REGION

    by_project = _ProjectIndex()
    by_parent = _ParentIndex()


class LowLevelRequirement(_Requirement):
    class Meta:
        table_name = dataset.LOW_LEVEL
        region = REGION

    by_project = _ProjectIndex()
    by_parent = _ParentIndex()


class TestCase(_Requirement):
    __test__ = False

    class Meta:
        table_name = dataset.TEST_CASES
        region = REGION

    by_project = _ProjectIndex()
    by_parent = _ParentIndex()


class Waitlist(_Stamped):
    class Meta:
        table_name = dataset.WAITLIST
        region = REGION

    email = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute()
    notes = UnicodeAttribute(null=True)
    by_status = _StatusIndex()


MODELS: dict[str, type[_Stamped]] = {
    model.Meta.table_name: model
    for model in (Project, UserFlow, HighLevelRequirement, LowLevelRequirement, TestCase, Waitlist)
}
LEVELS = (UserFlow, HighLevelRequirement, LowLevelRequirement, TestCase)


def use(endpoint: str) -> None:
    """Point all models at an endpoint; it must be done before the first request."""
    for model in MODELS.values():
        model.Meta.host = endpoint
