"""Records of DynamoDB Streams become typed objects."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from dynamodb import TABLE_NAMES, configure, from_stream_record
from dynamodb.errors import InvalidInputError, UnexpectedResponseError
from models.requirement import HighLevelRequirement, LowLevelRequirement, Project, TestCase, UserFlow
from models.waitlist import Waitlist

WHEN = "2025-08-25T02:07:57.123456+00:00"
MOMENT = datetime(2025, 8, 25, 2, 7, 57, 123456, tzinfo=UTC)

NODE = {"uiid": {"S": "n-1"}, "parent_uiid": {"S": "up"}, "name": {"S": "Node"}, "created_at": {"S": WHEN}}
ROWS: dict[str, tuple[type, tuple[str, ...], dict[str, Any]]] = {
    "projects": (
        Project,
        ("id", "user_id"),
        {"id": {"S": "n-1"}, "user_id": {"S": "u-1"}, "name": {"S": "Project"}, "created_at": {"S": WHEN}},
    ),
    "user_flows": (
        UserFlow,
        ("uiid", "project_id"),
        {"uiid": {"S": "n-1"}, "project_id": {"S": "p-1"}, "name": {"S": "Flow"}, "created_at": {"S": WHEN}},
    ),
    "high_level_requirements": (HighLevelRequirement, ("uiid", "parent_uiid"), NODE),
    "low_level_requirements": (LowLevelRequirement, ("uiid", "parent_uiid"), NODE),
    "test_cases": (TestCase, ("uiid", "parent_uiid"), NODE),
    "waitlist": (Waitlist, ("email",), {"email": {"S": "n-1"}, "status": {"S": "pending"}, "created_at": {"S": WHEN}}),
}


def record(table: str | None, event: str = "INSERT", **change: Any) -> dict[str, Any]:
    """A record as Lambda's event has it."""
    return {
        "eventID": "1",
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1756087677,
            "SequenceNumber": "111",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **change,
        },
        **(
            {"eventSourceARN": f"arn:aws:dynamodb:eu-west-1:123456789012:table/{table}/stream/2025-01-01T00:00:00.000"}
            if table
            else {}
        ),
    }


def key_of(kind: str) -> dict[str, Any]:
    _, fields, item = ROWS[kind]
    return {field: item[field] for field in fields}


@pytest.mark.parametrize("kind", ROWS)
def test_a_record_of_each_table_becomes_its_schema(kind: str) -> None:
    """The table in the ARN says what the row is, also where three tables have the same key."""
    schema, _, item = ROWS[kind]

    change = from_stream_record(record(TABLE_NAMES[kind], Keys=key_of(kind), NewImage=item))

    assert (change.kind, change.event, change.key, change.old) == (kind, "INSERT", "n-1", None)
    assert type(change.new) is schema
    assert change.new is not None
    assert change.new.created_at == MOMENT
    assert change.sequence_number == "111"


def test_a_change_has_the_row_before_and_after() -> None:
    """A MODIFY record gives both rows, a REMOVE record the old one."""
    _, _, item = ROWS["projects"]
    renamed = {**item, "name": {"S": "Renamed"}, "version": {"N": "2"}}
    keys = key_of("projects")
    table = TABLE_NAMES["projects"]

    modified = from_stream_record(record(table, "MODIFY", Keys=keys, OldImage=item, NewImage=renamed))
    removed = from_stream_record(record(table, "REMOVE", Keys=keys, OldImage=renamed))

    assert isinstance(modified.old, Project)
    assert isinstance(modified.new, Project)
    assert (modified.old.name, modified.old.version) == ("Project", 0)
    assert (modified.new.name, modified.new.version) == ("Renamed", 2)
    assert isinstance(removed.old, Project)
    assert (removed.old.name, removed.new) == ("Renamed", None)


def test_a_stream_of_keys_alone_gives_the_key() -> None:
    """With the view type KEYS_ONLY there are no rows, but it is known which one changed."""
    change = from_stream_record(record(TABLE_NAMES["user_flows"], "MODIFY", Keys=key_of("user_flows")))

    assert (change.kind, change.key, change.old, change.new) == ("user_flows", "n-1", None, None)


def test_the_rows_of_earlier_writers_are_read() -> None:
    """NULL, other spellings of a moment, unknown attributes and binary values as text do no harm."""
    item = {
        **NODE,
        "created_at": {"S": "2025-08-25T02:07:57.123456Z"},
        "description": {"NULL": True},
        "attachment": {"B": base64.b64encode(b"\x00\xff").decode()},
        "digests": {"BS": [base64.b64encode(b"one").decode()]},
        "more": {"M": {"list": {"L": [{"N": "1.5"}, {"BOOL": False}]}}},
    }

    change = from_stream_record(record(TABLE_NAMES["test_cases"], Keys=key_of("test_cases"), NewImage=item))

    assert isinstance(change.new, TestCase)
    assert (change.new.description, change.new.project_id, change.new.created_at) == (None, None, MOMENT)


def test_binary_values_may_be_bytes() -> None:
    """boto3's stream client gives bytes where Lambda gives base64 text."""
    item = {**NODE, "attachment": {"B": b"\x00\xff"}}

    change = from_stream_record(record(TABLE_NAMES["test_cases"], Keys=key_of("test_cases"), NewImage=item))

    assert isinstance(change.new, TestCase)


def test_the_names_are_those_configured_now() -> None:
    """A table under another name is recognised once that name is configured."""
    configure(table_prefix="dev-")
    try:
        change = from_stream_record(record("dev-waitlist", Keys=key_of("waitlist"), NewImage=ROWS["waitlist"][2]))
    finally:
        configure()

    assert change.kind == "waitlist"


def test_a_table_that_is_none_of_the_six_is_refused() -> None:
    """The error names the table and those that are known; the row is not guessed at from its key."""
    with pytest.raises(InvalidInputError, match=r"orders, which is none of prod-vishmaker-projects, .*-waitlist"):
        from_stream_record(record("orders", Keys=key_of("projects"), NewImage=ROWS["projects"][2]))


def test_a_record_from_kinesis_names_its_table_itself() -> None:
    """A record that came through a Kinesis stream has the table's name in `tableName`."""
    given = {**record(None, Keys=key_of("test_cases"), NewImage=NODE), "tableName": TABLE_NAMES["test_cases"]}

    assert from_stream_record(given).kind == "test_cases"


@pytest.mark.parametrize("kind", ["projects", "user_flows", "waitlist"])
def test_a_record_without_a_table_is_known_by_its_key(kind: str) -> None:
    """GetRecords names no table; three of the tables have a key of their own."""
    change = from_stream_record(record(None, Keys=key_of(kind), NewImage=ROWS[kind][2]))

    assert change.kind == kind


def test_a_key_that_three_tables_have_is_not_guessed_at() -> None:
    """Without the table's name a requirement could be of any of three levels: the error says which and what to do."""
    with pytest.raises(InvalidInputError, match=r"high-level-requirements or .*low-level-.* or .*test-cases: add"):
        from_stream_record(record(None, Keys=key_of("test_cases"), NewImage=NODE))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"eventName": "INSERT", "dynamodb": None},
        {"eventName": "INSERT", "dynamodb": {}},
        {"eventName": "INSERT", "dynamodb": {"Keys": "n-1"}},
        {"eventName": "ObjectCreated:Put", "dynamodb": {"Keys": {}}},
        {"eventName": "INSERT", "dynamodb": {"Keys": {}}, "eventSourceARN": "arn:aws:sqs:eu-west-1:1:queue"},
        {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": "1"}}}, "tableName": "prod-vishmaker-waitlist"},
        {"eventName": "INSERT", "dynamodb": {"Keys": {"email": {"N": "1"}}}, "tableName": "prod-vishmaker-waitlist"},
        "a text",
        None,
    ],
)
def test_what_is_no_record_is_refused(given: Any) -> None:
    """An event of another source is an input error with a message, not a KeyError."""
    with pytest.raises(InvalidInputError, match=r"record|stream"):
        from_stream_record(given)


def test_a_damaged_row_is_told_from_a_wrong_record() -> None:
    """A row without its name is an unexpected response, as when a repository reads it."""
    damaged = {name: value for name, value in NODE.items() if name != "name"}

    with pytest.raises(UnexpectedResponseError, match="TestCase cannot be read: name"):
        from_stream_record(record(TABLE_NAMES["test_cases"], Keys=key_of("test_cases"), NewImage=damaged))
