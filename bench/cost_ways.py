"""What whole-tree operations cost in three ways, counted from what DynamoDB reports. Runs in this layer's environment.

The ways: this layer; PynamoDB with the parent indexes (a query for each node that may have children, batches for
writes); PynamoDB with a scan for each such node and a request for each write, which is what this layer replaced.
"""

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from bench import dataset, local
from bench.contenders import pynamodb_schema as schema
from bench.contenders.base import REGION, rows_to_write
from bench.meter import Cost, Meter
from dynamodb import _connection, capacity, configure
from dynamodb.repositories import HierarchyRepository

OPERATIONS = ("load", "create", "copy", "move", "delete")


class Layer:
    """This layer. What its own `capacity()` counts is compared with the meter."""

    name = "this layer"

    def __init__(self) -> None:
        self._trees = HierarchyRepository()
        self._meter = Meter()

    def cost_of(self, work: Callable[[], Any]) -> Cost:
        self._meter.attach(_connection.client())
        self._meter.take()
        with capacity() as used:
            work()
        cost = self._meter.take()
        if used.requests != cost.requests:
            raise RuntimeError(f"capacity() counted {used.requests} of {cost.requests} requests")
        return cost

    def load(self, project: str) -> Any:
        return self._trees.load(project)

    def create(self, tree: dict[str, Any]) -> str:
        return self._trees.create(tree).id

    def copy(self, project: str) -> str:
        return self._trees.copy_project(project).id

    def move(self, uiid: str, parent: str) -> None:
        self._trees.move(uiid, parent)

    def delete(self, project: str) -> None:
        self._trees.delete_project(project)


class _Plain:
    """What both PynamoDB ways share: counting, and walking a tree from its project down."""

    def __init__(self) -> None:
        self._meter = Meter()
        for model in schema.MODELS.values():
            self._meter.attach(model._get_connection().connection.client)

    def cost_of(self, work: Callable[[], Any]) -> Cost:
        self._meter.take()
        work()
        return self._meter.take()

    def children(self, model: Any, parent: str) -> list[Any]:
        raise NotImplementedError

    def project(self, project: str) -> Any:
        return schema.Project.get(project, dataset.USER_ID)

    def load(self, project: str) -> list[list[Any]]:
        levels, parents = [[self.project(project)]], [project]
        for model in schema.LEVELS:
            levels.append([row for parent in parents for row in self.children(model, parent)])
            parents = [row.uiid for row in levels[-1]]
        return levels

    def copy_of(self, project: str) -> Iterator[tuple[Any, list[Any]]]:
        """Give each model with the rows of a copy."""
        new_ids = {project: str(uuid.uuid4())}
        levels = self.load(project)
        yield schema.Project, [schema.Project(**levels[0][0].attribute_values | {"id": new_ids[project]})]
        for model, level in zip(schema.LEVELS, levels[1:], strict=True):
            new_ids |= {row.uiid: str(uuid.uuid4()) for row in level}
            rows = []
            for row in level:
                values = dict(row.attribute_values)
                values |= {key: new_ids[values[key]] for key in ("uiid", "project_id", "parent_uiid") if key in values}
                rows.append(model(**values))
            yield model, rows


class ParentIndexes(_Plain):
    """PynamoDB with the parent indexes."""

    name = "PynamoDB, parent indexes"

    def children(self, model: Any, parent: str) -> list[Any]:
        index = model.by_project if model is schema.UserFlow else model.by_parent
        return list(index.query(parent))

    def create(self, tree: dict[str, Any]) -> None:
        for table, rows in rows_to_write(tree).items():
            self._save(schema.MODELS[table], [schema.MODELS[table](**row) for row in rows])

    def copy(self, project: str) -> None:
        for model, rows in self.copy_of(project):
            self._save(model, rows)

    @staticmethod
    def _save(model: Any, rows: list[Any]) -> None:
        with model.batch_write() as batch:
            for row in rows:
                batch.save(row)

    def move(self, uiid: str, parent: str) -> None:
        row = next(iter(schema.TestCase.query(uiid)))
        row.delete()
        schema.TestCase(**row.attribute_values | {"parent_uiid": parent}).save()

    def delete(self, project: str) -> None:
        levels = self.load(project)
        for model, rows in zip((schema.Project, *schema.LEVELS), levels, strict=True):
            with model.batch_write() as batch:
                for row in rows:
                    batch.delete(row)


class Scans(_Plain):
    """PynamoDB with a scan for each node that may have children, and a request for each write.

    The tables hold nothing but the one tree: with other projects in them a scan costs more.
    """

    name = "a scan per node"

    def children(self, model: Any, parent: str) -> list[Any]:
        key = model.project_id if model is schema.UserFlow else model.parent_uiid
        return list(model.scan(key == parent))

    def create(self, tree: dict[str, Any]) -> None:
        for table, rows in rows_to_write(tree).items():
            for row in rows:
                schema.MODELS[table](**row).save()

    def copy(self, project: str) -> None:
        for _, rows in self.copy_of(project):
            for row in rows:
                row.save()

    def move(self, uiid: str, parent: str) -> None:
        row = next(iter(list(schema.TestCase.scan(schema.TestCase.uiid == uiid))))
        row.delete()
        schema.TestCase(**row.attribute_values | {"parent_uiid": parent}).save()

    def delete(self, project: str) -> None:
        for rows in self.load(project):
            for row in rows:
                row.delete()


class MultipliedScans(Scans):
    """The same for big trees: one scan of each table is made, and counted for each node of the level above."""

    def load(self, project: str) -> list[list[Any]]:
        levels, above = [[self.project(project)]], 1
        for model in schema.LEVELS:
            before = Cost(**asdict(self._meter.cost))
            levels.append(list(model.scan()))
            # One scan is counted already.
            self._meter.cost.requests += (self._meter.cost.requests - before.requests) * (above - 1)
            self._meter.cost.read_units += (self._meter.cost.read_units - before.read_units) * (above - 1)
            above = len(levels[-1])
        self._meter.cost.counted = False
        return levels


def measure(endpoint: str, size: int, way: Any) -> dict[str, Any]:
    """Measure every operation of a way on a tree of `size` nodes, alone in its tables."""
    trees = HierarchyRepository()
    costs: dict[str, Cost] = {}
    tree = dataset.tree_to_create(size)
    local.make_tables(endpoint)
    costs["create"] = way.cost_of(lambda: way.create(tree))
    local.make_tables(endpoint)
    project = trees.create(tree).id
    costs["load"] = way.cost_of(lambda: way.load(project))
    moved, parent = _move_of(trees.load(project))
    costs["move"] = way.cost_of(lambda: way.move(moved, parent))
    costs["copy"] = way.cost_of(lambda: way.copy(project))
    # The copy went into the same tables; what is deleted shall be alone in them again.
    local.make_tables(endpoint)
    project = trees.create(tree).id
    costs["delete"] = way.cost_of(lambda: way.delete(project))
    left = local.count_items(endpoint)
    if left:
        raise RuntimeError(f"{way.name} left {left} rows of a deleted tree of {size}")
    return {operation: asdict(costs[operation]) for operation in OPERATIONS}


def _move_of(tree: Any) -> tuple[str, str]:
    """Choose a test case, and another low-level requirement for it."""
    flows = tree.flows
    requirements = [
        low for flow in flows for high in flow.high_level_requirement_list for low in high.low_level_requirement_list
    ]
    return requirements[0].test_case_list[0].uiid, requirements[-1].uiid


def main() -> None:
    """Measure the sizes given, and print a line of JSON for each size and way."""
    endpoint, scan_limit, *sizes = sys.argv[1:]
    configure(region=REGION, endpoint=endpoint)
    schema.use(endpoint)
    local.make_tables(endpoint)
    scans, multiplied = Scans(), MultipliedScans()
    for size in map(int, sizes):
        for way in (Layer(), ParentIndexes(), scans if size <= int(scan_limit) else multiplied):
            costs = measure(endpoint, size, way)
            sys.stdout.write(json.dumps({"size": size, "way": way.name, "costs": costs}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
