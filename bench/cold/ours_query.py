"""This layer: one query."""

import sys
import time

from dynamodb import configure
from dynamodb.repositories import HighLevelRequirementRepository

endpoint, project = sys.argv[1:]
configure(region="us-east-1", endpoint=endpoint)
print(len(HighLevelRequirementRepository().list_by_project(project).items), time.process_time())
