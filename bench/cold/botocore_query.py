"""Bare botocore: one query."""

import sys
import time

from botocore.session import get_session

endpoint, project = sys.argv[1:]
client = get_session().create_client("dynamodb", region_name="us-east-1", endpoint_url=endpoint)
page = client.query(
    TableName="prod-vishmaker-high-level-requirements",
    IndexName="project_id-index",
    KeyConditionExpression="project_id = :p",
    ExpressionAttributeValues={":p": {"S": project}},
)
print(len(page["Items"]), time.process_time())
