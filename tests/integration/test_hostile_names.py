"""Names of attributes and their values are data: whatever they are, they are stored and found as they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodb import configure, create_item, get_item, query_items, update_item
from support import hostile
from support.clients import make_client, make_table

pytestmark = pytest.mark.engine

#: Words that an expression would take for its own, and names that it would take for paths and placeholders.
RESERVED = ("name", "status", "size", "SET", "and", "between", "null", "begins_with", "timestamp", "ABORT", "zone")
NAMES = st.sampled_from(
    [*RESERVED, *hostile.INJECTIONS, "a.b", "a[0]", "#n", ":v", "#", ":", " ", "-", "\u00e4", "\U0001f600", "x" * 255]
) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
VALUES = st.one_of(
    st.sampled_from([*hostile.INJECTIONS, "#0", ":0"]),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=6),
    st.integers(-(10**30), 10**30),
    st.booleans(),
)


@pytest.fixture
def table(engine_endpoint: str, table_prefix: str) -> Iterator[str]:
    configure(endpoint=engine_endpoint)
    client = make_client(engine_endpoint)
    make_table(client, f"{table_prefix}names")
    yield f"{table_prefix}names"
    client.delete_table(TableName=f"{table_prefix}names")


def attributes() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES.filter(lambda name: name not in {"id", "parent", "at"}), VALUES, max_size=4)


def test_whatever_attributes_are_called_they_are_stored_and_changed_as_they_are(table: str) -> None:
    """Set, replace and remove by hostile names: what was named changes, and nothing else."""
    numbers = iter(range(10**6))

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(attributes(), attributes(), st.data())
    def tried(first: dict[str, Any], second: dict[str, Any], data: st.DataObject) -> None:
        key = {"id": f"{next(numbers)} {data.draw(VALUES)}", "parent": str(data.draw(VALUES))}
        other = {**key, "parent": key["parent"] + "x", "kept": 1}
        assert create_item(table, other)["status"] == "success"
        assert create_item(table, {**key, **first})["data"] == {**key, **first}
        gone = data.draw(st.sets(st.sampled_from(sorted(first)))) if first else set()
        changes = {**second, **dict.fromkeys(gone - second.keys())}
        if changes:
            expected = {name: value for name, value in {**key, **first, **changes}.items() if value is not None}
            assert update_item(table, key, changes)["data"] == expected
            assert get_item(table, key)["data"] == expected
        assert get_item(table, {"id": other["id"], "parent": other["parent"]})["data"] == other
        assert query_items(table, {"id": key["id"]})["count"] == 2
        assert query_items(table, key)["count"] == 1

    tried()


@pytest.mark.parametrize("name", [*RESERVED, *hostile.INJECTIONS])
def test_a_key_by_a_hostile_name_finds_nothing_and_changes_nothing(name: str, table: str) -> None:
    """It is the name of no key: an error, not an expression of the caller's."""
    assert create_item(table, {"id": "a", "parent": "b", "kept": 1})["status"] == "success"
    for answer in (
        query_items(table, {name: "a"}),
        query_items(table, {"id": "a", name: "b"}),
        update_item(table, {"id": "a", "parent": "c"}, {name: "x"}),
        query_items(table, {"id": "a"}, index_name=name),
    ):
        assert answer["status"] != "success", answer
    assert get_item(table, {"id": "a", "parent": "b"})["data"] == {"id": "a", "parent": "b", "kept": 1}
    assert query_items(table, {"id": "a"})["count"] == 1


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "../x", "t;DROP", "t\n", "\ud800", "t#0", "x" * 1025, None, 5, b"t", ["projects"]]
)
def test_what_is_no_tables_name_is_not_asked_for(name: Any) -> None:
    configure(endpoint="http://nowhere.invalid:1")
    answer = get_item(name, {"id": "a"})
    assert (answer["status"], answer["code"]) == ("error", "invalid_input")
    assert "table_name" in answer["message"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (12345678901234567890123456789012345678901, "38 digits"),
        (10**5000, "beyond|38 digits|number"),
        (float("nan"), "no number"),
        (1e308, "beyond"),
        ("a\ud800", "lone surrogate"),
        ({"a\ud800": 1}, "lone surrogate"),
        ({1: "x"}, "no name"),
        ({"": "x"}, "no name"),
    ],
    ids=["digits", "int", "nan", "float", "text", "surrogate name", "number as name", "empty name"],
)
def test_what_cannot_be_stored_is_refused_before_a_request(value: Any, said: str) -> None:
    """Numbers of 29 to 38 digits are exact; beyond them nothing is rounded in silence."""
    configure(endpoint="http://nowhere.invalid:1")
    answer = create_item("projects", {"id": "a", "user_id": "b", "odd": value})
    assert answer["code"] == "invalid_input"
    assert any(part in answer["message"] for part in said.split("|")), answer
