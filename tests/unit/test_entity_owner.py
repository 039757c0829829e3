"""Entities that take an owner need one: without it a repository would see everybody's rows."""

from collections.abc import Callable
from typing import Any

import pytest

from models.requirement import ProjectEntity

CALLS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "get_by_id": lambda user_id: ProjectEntity.get_by_id("p", user_id),
    "update": lambda user_id: ProjectEntity.update("p", user_id, {"name": "new"}),
    "delete": lambda user_id: ProjectEntity.delete("p", user_id),
    "get_by_user_id": ProjectEntity.get_by_user_id,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("nobody", [None, "", 0, False, [], "x" * 256])
def test_no_owner_is_not_every_owner(call: Callable[[Any], dict[str, Any]], nobody: object) -> None:
    """Where the caller's identity got lost on its way, nothing is asked and nothing is answered."""
    assert call(nobody)["code"] == "invalid_input"
