"""The tables as pydynox models.

Timestamps are `DatetimeAttribute`, its own type for them, so that a row holds datetimes as this layer's does.
"""

from typing import Any

from pydynox import DynamoDBClient, Model, ModelConfig, set_default_client
from pydynox.attributes import DatetimeAttribute, NumberAttribute, StringAttribute
from pydynox.indexes import GlobalSecondaryIndex

from bench import dataset
from bench.contenders.base import REGION


class Project(Model):
    model_config = ModelConfig(table=dataset.PROJECTS)
    id = StringAttribute(partition_key=True)
    user_id = StringAttribute(sort_key=True)
    name = StringAttribute(required=True)
    initial_prompt = StringAttribute()
    created_at = DatetimeAttribute(required=True)
    updated_at = DatetimeAttribute()
    version = NumberAttribute()


class UserFlow(Model):
    model_config = ModelConfig(table=dataset.USER_FLOWS)
    uiid = StringAttribute(partition_key=True)
    project_id = StringAttribute(sort_key=True)
    name = StringAttribute(required=True)
    description = StringAttribute()
    created_at = DatetimeAttribute(required=True)
    updated_at = DatetimeAttribute()
    version = NumberAttribute()
    by_project: GlobalSecondaryIndex[Any] = GlobalSecondaryIndex(dataset.PROJECT_INDEX, "project_id", "created_at")


class HighLevelRequirement(Model):
    model_config = ModelConfig(table=dataset.HIGH_LEVEL)
    uiid = StringAttribute(partition_key=True)
    parent_uiid = StringAttribute(sort_key=True)
    project_id = StringAttribute()
    name = StringAttribute(required=True)
    description = StringAttribute()
    created_at = DatetimeAttribute(required=True)
    updated_at = DatetimeAttribute()
    version = NumberAttribute()
    by_project: GlobalSecondaryIndex[Any] = GlobalSecondaryIndex(dataset.PROJECT_INDEX, "project_id", "created_at")


class LowLevelRequirement(HighLevelRequirement):
    model_config = ModelConfig(table=dataset.LOW_LEVEL)
    by_project: GlobalSecondaryIndex[Any] = GlobalSecondaryIndex(dataset.PROJECT_INDEX, "project_id", "created_at")


class TestCase(HighLevelRequirement):
    __test__ = False
    model_config = ModelConfig(table=dataset.TEST_CASES)
    by_project: GlobalSecondaryIndex[Any] = GlobalSecondaryIndex(dataset.PROJECT_INDEX, "project_id", "created_at")


MODELS: dict[str, type[Model]] = {
    model.model_config.table: model
    for model in (Project, UserFlow, HighLevelRequirement, LowLevelRequirement, TestCase)
}
LEVELS = (UserFlow, HighLevelRequirement, LowLevelRequirement, TestCase)


def connect(endpoint: str) -> DynamoDBClient:
    """Make the client of all models."""
    client = DynamoDBClient(region=REGION, endpoint_url=endpoint)
    set_default_client(client)
    return client
