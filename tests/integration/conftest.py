"""Tables of its own for each contract test, in the layout under test, and the data layer pointed at them."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
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

plain_client = cache(make_client)


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
            pytest.skip("tables of other shapes, as earlier deployments made them, are those of the six-table layout")
        made.append(world)
        world.make_tables()
        return world

    settings: dict[str, Any] = {"endpoint": engine_endpoint, "table_prefix": table_prefix, "time_limit": TIME_LIMIT}
    settings["layout"] = layout
    configure(**settings)
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
        usual = {"endpoint": engine_endpoint, "table_prefix": table_prefix, "time_limit": TIME_LIMIT, "layout": layout}
        configure(**{**usual, **settings})

    return change
