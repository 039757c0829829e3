"""This layer: a whole tree, from four indexes."""

import sys
import time

from dynamodb import configure
from dynamodb.repositories import HierarchyRepository

endpoint, project = sys.argv[1:]
configure(region="us-east-1", endpoint=endpoint)
tree = HierarchyRepository().load(project)
nodes = [tree]
count = 0
for children in ("flows", "high_level_requirement_list", "low_level_requirement_list", "test_case_list", None):
    count += len(nodes)
    nodes = [child for node in nodes for child in getattr(node, children)] if children else []
print(count, time.process_time())
