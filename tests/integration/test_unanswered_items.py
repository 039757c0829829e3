"""Access by table name when an answer is lost: botocore asks again, and finds what its first try did."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dynamodb import create_item, delete_item
from support.fault_proxy import FaultProxy
from support.faults import drop_after, drop_before
from support.world import World

pytestmark = pytest.mark.engine

EMAIL = "ada@example.org"


@pytest.fixture
def key(world: World) -> dict[str, str]:
    return world.plain_key("waitlist", email=EMAIL)


@pytest.fixture
def entry(key: dict[str, str]) -> dict[str, Any]:
    fields = {"email": EMAIL, "status": "pending", "item_type": "waitlist", "numbers": {1.5, 2}}
    return {**fields, **key}


@pytest.fixture
def proxy(engine_endpoint: str, world: World, reconfigure: Callable[..., None]) -> Iterator[FaultProxy]:
    with FaultProxy(engine_endpoint) as proxy:
        reconfigure(endpoint=proxy.endpoint)
        yield proxy


def test_a_created_item_is_not_reported_as_somebody_elses(
    proxy: FaultProxy, world: World, entry: dict[str, Any]
) -> None:
    """The second try finds the first one's item, and says that it was created."""
    proxy.inject(drop_after(), operation="PutItem")
    assert create_item("waitlist", entry)["status"] == "success"
    assert len(world.rows("waitlist")) == 1


def test_an_item_that_was_there_stays_somebody_elses(proxy: FaultProxy, world: World, entry: dict[str, Any]) -> None:
    """A repeated try that finds another item with the key says so, and touches nothing."""
    before = world.put("waitlist", email=EMAIL, status="contacted")
    proxy.inject(drop_before(), operation="PutItem")
    assert create_item("waitlist", entry)["code"] == "already_exists"
    assert world.rows("waitlist") == [before]


def test_the_same_item_twice_is_refused_where_every_try_was_answered(proxy: FaultProxy, entry: dict[str, Any]) -> None:
    """Equal content alone does not make it this call's own."""
    assert create_item("waitlist", entry)["status"] == "success"
    assert create_item("waitlist", entry)["code"] == "already_exists"


def test_a_deleted_item_is_not_reported_as_absent(proxy: FaultProxy, world: World, key: dict[str, str]) -> None:
    """The first try deleted it: the second one cannot show it any more, but it is no `not_found`."""
    world.put("waitlist", email=EMAIL, status="pending")
    proxy.inject(drop_after(), operation="DeleteItem")
    assert delete_item("waitlist", key) == {"status": "success", "message": "item deleted"}
    assert delete_item("waitlist", key)["status"] == "not_found"
