"""PynamoDB with six models: a whole tree and the waitlist, each model with the client that it makes for itself."""

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


class StatusIndex(GlobalSecondaryIndex):
    class Meta:
        index_name = "status-index"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True)


class Stamped(Model):
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)


class Project(Stamped):
    class Meta:
        table_name = "prod-vishmaker-projects"
        region = "us-east-1"
        host = endpoint

    id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    initial_prompt = UnicodeAttribute(null=True)


class UserFlow(Stamped):
    class Meta:
        table_name = "prod-vishmaker-user-flows"
        region = "us-east-1"
        host = endpoint

    uiid = UnicodeAttribute(hash_key=True)
    project_id = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    by_project = ProjectIndex()


class Requirement(Stamped):
    uiid = UnicodeAttribute(hash_key=True)
    parent_uiid = UnicodeAttribute(range_key=True)
    project_id = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)


class HighLevelRequirement(Requirement):
    class Meta:
        table_name = "prod-vishmaker-high-level-requirements"
        region = "us-east-1"
        host = endpoint

    by_project = ProjectIndex()


class LowLevelRequirement(Requirement):
    class Meta:
        table_name = "prod-vishmaker-low-level-requirements"
        region = "us-east-1"
        host = endpoint

    by_project = ProjectIndex()


class TestCase(Requirement):
    class Meta:
        table_name = "prod-vishmaker-test-cases"
        region = "us-east-1"
        host = endpoint

    by_project = ProjectIndex()


class Waitlist(Stamped):
    class Meta:
        table_name = "prod-vishmaker-waitlist"
        region = "us-east-1"
        host = endpoint

    email = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute()
    notes = UnicodeAttribute(null=True)
    by_status = StatusIndex()


count = len([Project.get(project, "bench-user")])
for model in (UserFlow, HighLevelRequirement, LowLevelRequirement, TestCase):
    count += len(list(model.by_project.query(project)))
count += len(list(Waitlist.by_status.query("pending")))
print(count, time.process_time())
