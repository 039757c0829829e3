"""pydynox with one model: one query."""

import sys
import time

from pydynox import DynamoDBClient, Model, ModelConfig
from pydynox.attributes import DatetimeAttribute, NumberAttribute, StringAttribute
from pydynox.indexes import GlobalSecondaryIndex

endpoint, project = sys.argv[1:]
client = DynamoDBClient(region="us-east-1", endpoint_url=endpoint)


class HighLevelRequirement(Model):
    model_config = ModelConfig(table="prod-vishmaker-high-level-requirements", client=client)
    uiid = StringAttribute(partition_key=True)
    parent_uiid = StringAttribute(sort_key=True)
    project_id = StringAttribute()
    name = StringAttribute(required=True)
    description = StringAttribute()
    created_at = DatetimeAttribute(required=True)
    updated_at = DatetimeAttribute()
    version = NumberAttribute()
    by_project = GlobalSecondaryIndex("project_id-index", "project_id", "created_at")


print(len(list(HighLevelRequirement.by_project.sync_query(project_id=project))), time.process_time())
