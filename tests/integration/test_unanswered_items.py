"""Access by table name when an answer is lost: botocore asks again, and finds what its first try did."""

from collections.abc import Callable, Iterator

import pytest

from dynamodb import create_item, delete_item
from support.fault_proxy import FaultProxy
from support.faults import drop_after, drop_before
from support.world import World

pytestmark = pytest.mark.engine

ENTRY = {"email": "ada@example.org", "status": "pending", "numbers": {1.5, 2}}
KEY = {"email": "ada@example.org"}


@pytest.fixture
def proxy(engine_endpoint: str, world: World, reconfigure: Callable[..., None]) -> Iterator[FaultProxy]:
    with FaultProxy(engine_endpoint) as proxy:
        reconfigure(endpoint=proxy.endpoint)
        yield proxy


def test_a_created_item_is_not_reported_as_somebody_elses(proxy: FaultProxy, world: World) -> None:
    """The second try finds the first one's item, and says that it was created."""
    proxy.inject(drop_after(), operation="PutItem")
    assert create_item("waitlist", ENTRY)["status"] == "success"
    assert len(world.rows("waitlist")) == 1


def test_an_item_that_was_there_stays_somebody_elses(proxy: FaultProxy, world: World) -> None:
    """A repeated try that finds another item with the key says so, and touches nothing."""
    before = world.put("waitlist", email="ada@example.org", status="contacted")
    proxy.inject(drop_before(), operation="PutItem")
    assert create_item("waitlist", ENTRY)["code"] == "already_exists"
    assert world.rows("waitlist") == [before]


def test_the_same_item_twice_is_refused_where_every_try_was_answered(proxy: FaultProxy) -> None:
    """Equal content alone does not make it this call's own."""
    assert create_item("waitlist", ENTRY)["status"] == "success"
    assert create_item("waitlist", ENTRY)["code"] == "already_exists"


def test_a_deleted_item_is_not_reported_as_absent(proxy: FaultProxy, world: World) -> None:
    """The first try deleted it: the second one cannot show it any more, but it is no `not_found`."""
    world.put("waitlist", email="ada@example.org", status="pending")
    proxy.inject(drop_after(), operation="DeleteItem")
    assert delete_item("waitlist", KEY) == {"status": "success", "message": "item deleted"}
    assert delete_item("waitlist", KEY)["status"] == "not_found"
