"""The requests that a project repository for one owner makes."""

from collections.abc import Iterator
from typing import Any

import pytest

from dynamodb import _connection, configure, create_all_tables, get_table_info
from dynamodb.repositories import ProjectRepository

pytestmark = pytest.mark.engine


@pytest.fixture
def queries(engine_endpoint: str, table_prefix: str) -> Iterator[list[dict[str, Any]]]:
    """The parameters of every query from now on, on tables of the test's own."""
    configure(endpoint=engine_endpoint, table_prefix=table_prefix)
    assert create_all_tables()["status"] == "success"
    made: list[dict[str, Any]] = []
    _connection.client().meta.events.register(
        "provide-client-params.dynamodb.Query", lambda params, **_: made.append(params)
    )
    yield made
    _connection.forget_client()
    configure()


def test_an_owner_sees_his_own_projects_and_no_filter_names_a_key(queries: list[dict[str, Any]]) -> None:
    """By id, by owner and by name an owner finds his project and not another's; DynamoDB (not moto) refuses a filter
    on a key attribute of the table or index that is queried.
    """
    everyone = ProjectRepository()
    mine, others = (everyone.create({"name": "Same name", "user_id": user}) for user in ("me", "you"))
    repository = ProjectRepository(user_id="me")
    assert repository.get(mine.id) == mine
    assert repository.find(others.id) is None
    assert repository.list_by_user("me").items == list(repository.iter_by_user("me")) == [mine]
    assert repository.list_by_user("you").items == []
    assert repository.list_by_name("Same name").items == list(repository.iter_by_name("Same name")) == [mine]
    info = get_table_info("projects")["data"]
    keys = {None: info["key_schema"]}
    keys |= {index["index_name"]: index["key_schema"] for index in info["global_secondary_indexes"]}
    assert len(queries) == 6
    for query in queries:
        key = {part["AttributeName"] for part in keys[query.get("IndexName")]}
        named = {
            name for short, name in query["ExpressionAttributeNames"].items() if short in query["FilterExpression"]
        }
        assert not named & key, query
