"""Tables of its own for each contract test, in the layout under test, and the data layer pointed at them."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any

import pytest

from dynamodb import configure
from dynamodb._config import SIX_TABLE
from support.clients import make_client
from support.one_table import SingleTableWorld
from support.tables import SIX, Shape
from support.world import World

#: Seconds in which the data layer repeats what it may repeat; a test that waits for it sets less.
TIME_LIMIT = 10

#: moto copies the whole table for a transaction; a busy machine needs time for that.
READ_TIMEOUT = 30

plain_client = cache(partial(make_client, read_timeout=READ_TIMEOUT))


def _settings(endpoint: str, table_prefix: str, layout: str) -> dict[str, Any]:
    limits = {"time_limit": TIME_LIMIT, "read_timeout": READ_TIMEOUT}
    return {"endpoint": endpoint, "table_prefix": table_prefix, "layout": layout, **limits}


@pytest.fixture
def open_world(
    engine_endpoint: str, table_prefix: str, layout: str
) -> Iterator[Callable[[Mapping[str, Shape]], World]]:
    """Make tables of a chosen shape and point the data layer at them; they go with the test."""
    made: list[World] = []

    def make(shapes: Mapping[str, Shape] = SIX) -> World:
        if layout == SIX_TABLE:
            world = World(plain_client(engine_endpoint), table_prefix, shapes)
        elif shapes is SIX:
            world = SingleTableWorld(plain_client(engine_endpoint), table_prefix)
        else:
            pytest.fail("tables of other shapes are six: mark the test `only_six_tables`")
        made.append(world)
        world.make_tables()
        return world

    configure(**_settings(engine_endpoint, table_prefix, layout))
    yield make
    for world in made:
        world.drop_tables()


@pytest.fixture
def world(open_world: Callable[[], World]) -> World:
    """The six tables of the design, empty."""
    return open_world()


@pytest.fixture
def reconfigure(engine_endpoint: str, table_prefix: str, layout: str) -> Callable[..., None]:
    """Change settings for the rest of the test; endpoint and table names stay where they are not given."""

    def change(**settings: Any) -> None:
        configure(**{**_settings(engine_endpoint, table_prefix, layout), **settings})

    return change
