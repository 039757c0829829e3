"""A large database with every kind of bad row, migrated and verified on AWS's own engine."""

import os

import pytest

from dynamodb.migrate import Owners, migrate, verify
from dynamodb.migrate._postgres import snapshot
from support.clients import make_client
from support.migrating import fill, fill_with_bad_rows
from support.required import cannot_run
from support.world import World

ENDPOINT = "DYNAMODB_TEST_ENDPOINT"

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_two_hundred_thousand_rows(world: World, engine_endpoint, loose, tmp_path, reconfigure):
    """Everything arrives, and is found from both sides; the bad rows are told one by one."""
    if ENDPOINT not in os.environ:
        cannot_run("moto reads a whole table for each query of an index: this needs DynamoDB Local (`make engine`)")
    reconfigure(read_timeout=120, time_limit=120)
    world.client = make_client(engine_endpoint, read_timeout=120)
    rows = fill(loose, projects=600, widths=(4, 4, 4, 4), entries=10_000)
    assert rows > 200_000
    bad = fill_with_bad_rows(loose)
    listed = {number: f"user-{number % 7}" for number in range(1, 9010) if number != 9003}
    owners = Owners(None, listed)
    with snapshot(loose) as source:
        done = migrate(source, owners, state=tmp_path / "state")
        found = verify(source, owners)
    assert {(key, reason): n for key, reasons in done.reasons.items() for reason, n in reasons.items()} == bad
    assert found.wrong == 0, found.differences[:5]
    assert sum(table.target for table in found.tables.values()) == sum(table.written for table in done.tables.values())
    assert sum(table.written for table in done.tables.values()) > 200_000
