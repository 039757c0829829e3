"""PynamoDB with one model: one query."""

import sys
import time

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

endpoint, project = sys.argv[1:]


class ProjectIndex(GlobalSecondaryIndex):
    class Meta:
        index_name = "project_id-index"
        projection = AllProjection()

    project_id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class HighLevelRequirement(Model):
    class Meta:
        table_name = "prod-vishmaker-high-level-requirements"
        region = "us-east-1"
        host = endpoint

    uiid = UnicodeAttribute(hash_key=True)
    parent_uiid = UnicodeAttribute(range_key=True)
    project_id = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    by_project = ProjectIndex()


print(len(list(HighLevelRequirement.by_project.query(project))), time.process_time())
