"""A project of 20,221 rows: created, loaded, copied and deleted, with no request more than batches and pages need."""

from collections.abc import Callable
from typing import Any

import pytest

from dynamodb import capacity
from dynamodb.repositories import HierarchyRepository
from models._hierarchy import ProjectTreeCreate
from support.clients import make_client
from support.layouts import only_six_tables
from support.tables import LEVELS
from support.trees import ids, outline, sample, size
from support.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SHAPE = (20, 10, 10, 9)
COUNTS = size(*SHAPE)
#: Of 25 rows; no two levels share one.
BATCHES = sum(-(-count // 25) for count in COUNTS[1:])


def pages(world: World, project_id: str) -> int:
    """How many pages of 1 MB the levels of a project have, as a plain client reads them."""
    query = world.client.get_paginator("query")
    return sum(
        len(
            list(
                query.paginate(
                    TableName=world.table(level),
                    Select="COUNT",
                    IndexName="project_id-index",
                    KeyConditionExpression="project_id = :p",
                    ExpressionAttributeValues={":p": {"S": project_id}},
                )
            )
        )
        for level in LEVELS[1:]
    )


@only_six_tables("the requests that are counted are those of the six")
def test_twenty_thousand_rows(world: World, reconfigure: Callable[..., None], engine_endpoint: str) -> None:
    reconfigure(read_timeout=300, time_limit=600)
    world.client = make_client(engine_endpoint, read_timeout=300)
    given = ProjectTreeCreate.model_validate(sample(*SHAPE))
    trees = HierarchyRepository()

    def counted(run: Callable[[], Any]) -> tuple[Any, int]:
        with capacity() as used:
            answer = run()
        assert used.retries == 0
        return answer, used.requests

    created, requests = counted(lambda: trees.create(given))
    assert requests == BATCHES + 2  # the project, hidden at first and shown at last
    of_levels = pages(world, created.id)
    assert of_levels > len(LEVELS)

    loaded, requests = counted(lambda: trees.load(created.id))
    assert requests == 1 + of_levels
    assert ids(loaded) == ids(created)
    assert outline(loaded) == outline(given)

    lines, requests = counted(lambda: sum(1 for _ in trees.export_lines(created.id)))
    assert (lines, requests) == (sum(COUNTS), 1 + of_levels)

    copy, requests = counted(lambda: trees.copy_project(created.id, name="copy"))
    assert requests == 1 + of_levels + BATCHES + 2
    assert outline(copy)[1:] == outline(given)[1:]
    assert world.counts() == tuple(2 * count for count in COUNTS)

    counts = dict(zip(LEVELS, COUNTS, strict=True))
    counted_only, requests = counted(lambda: trees.delete_project(created.id, dry_run=True))
    assert (counted_only.counts, requests) == (counts, 1 + of_levels)
    deleted, requests = counted(lambda: trees.delete_project(created.id))
    # Found, marked, its levels read, deleted, looked for once more, and itself deleted.
    assert (deleted.counts, requests) == (counts, 1 + 1 + of_levels + BATCHES + 4 + 1)
    assert world.counts() == COUNTS
    assert outline(trees.load(copy.id))[1:] == outline(given)[1:]
