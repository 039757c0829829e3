"""Every public call that takes something from a caller, found by walking the public names."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import dynamodb
import models.requirement
import models.waitlist
from dynamodb import repositories

#: They take no data of a caller's, or are for the process as a whole: tested by themselves.
_OTHERS = frozenset({"capacity", "configure", "delete_all_tables", "on_request", "warm"})
#: They answer with a value instead of a dictionary, and say `ValueError` or one of our errors.
_HELPERS = frozenset({"format_timestamp", "from_stream_record", "generate_uuid", "parse_timestamp"})


def facade() -> dict[str, Callable[..., Any]]:
    """The functions that answer with dictionaries."""
    names = [name for name in dynamodb.__all__ if name.islower() and not name.startswith("_")]
    return {name: getattr(dynamodb, name) for name in names if name not in _OTHERS | _HELPERS}


def entities() -> dict[str, Callable[..., Any]]:
    """The methods of all entities."""
    return {
        f"{name}.{method}": call
        for module in (models.requirement, models.waitlist)
        for name in module.__all__
        if name.endswith("Entity")
        for method, call in _methods(getattr(module, name))
    }


def of_repositories(user_id: str | None = None) -> dict[str, Callable[..., Any]]:
    """The methods of all repositories, for one owner or for all."""
    return {
        f"{name}.{method}": call
        for name in repositories.__all__
        if name.endswith("Repository")
        for method, call in _methods(getattr(repositories, name)(user_id=user_id))
    }


def constructors() -> dict[str, Callable[..., Any]]:
    """The repositories themselves."""
    return {name: getattr(repositories, name) for name in repositories.__all__ if name.endswith("Repository")}


def _methods(owner: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in inspect.getmembers(owner, callable):
        if not name.startswith("_"):
            yield name, value
