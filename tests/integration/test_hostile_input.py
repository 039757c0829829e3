"""Whatever a public call is given: facade and entities answer, repositories raise our errors, and nothing else happens.

The public names are walked, so that a new one is tried without being written down here.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

import models.requirement
import models.waitlist
from dynamodb import TABLE_NAMES, configure, format_timestamp, from_stream_record, parse_timestamp
from dynamodb.errors import DataLayerError
from support import hostile, public_calls
from support.clients import make_client
from support.world import Hierarchy, World

# An example may hold a text beyond the limit of an item.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore:Generating overly large repr")]

#: How often each call is tried: a few times each time the tests run, and more often with the slow ones.
often = pytest.mark.parametrize("examples", [3, pytest.param(60, marks=pytest.mark.slow)])

IDS = st.sampled_from(["p-project", "p-flow", "p-hlr", "p-llr", "p-test", "nobody"])
TABLES = st.sampled_from(["projects", "user_flows", "waitlist", "nothing", "x" * 256])
FIELDS = ["id", "uiid", "user_id", "project_id", "parent_uiid", "name", "description", "initial_prompt", "email"]
FIELDS += ["status", "notes", "version", "flows", "high_level_requirement_list", "tree_state", "created_at"]
ROWS = hostile.mappings(FIELDS)


def _spelled(row: Any) -> str:
    """Return a row as Python spells it. What is too deep or too large for that comes as itself in other examples."""
    try:
        return repr(row)
    except (RecursionError, ValueError):
        return "{"


LINES = st.one_of(
    st.just(b'{"kind":"projects","id":"i","name":"n","user_id":"ada"}'),
    ROWS.map(_spelled),
    st.binary(max_size=20),
    hostile.anything,
)

_GOOD: dict[str, st.SearchStrategy[Any]] = {
    "table_name": TABLES,
    "index_name": st.sampled_from([None, "user_id-index", "name-index", "status-index"]),
    "data": st.one_of(ROWS, st.lists(ROWS, max_size=3)),
    "tree": ROWS,
    "nodes": st.lists(ROWS, max_size=2),
    "changes": ROWS,
    "updates": ROWS,
    "item": ROWS,
    "key": st.one_of(IDS, ROWS, st.builds(dict, id=IDS, user_id=st.just("ada")), st.just("ada@example.org")),
    "lines": st.lists(LINES, max_size=3),
    "user_id": st.just("ada"),
    "email": st.sampled_from(["ada@example.org", "ADA@example.org"]),
    "emails": st.lists(st.one_of(st.just("ada@example.org"), hostile.anything), max_size=3),
    "status": st.sampled_from(["pending", "contacted", "done"]),
    "limit": st.integers(1, 3),
    "expected_version": st.integers(0, 2),
    "timeout": st.just(1.0),
    "deadline": st.floats(0, 5),
    "new_id": st.sampled_from(["n-project", "p-flow"]),
}


def known(name: str) -> st.SearchStrategy[Any] | None:
    if name == "progress":  # the caller's own code
        return None
    good = _GOOD.get(name, IDS)
    return st.one_of(good, good, hostile.anything)


@pytest.fixture(scope="module")
def tables(engine_endpoint: str) -> Iterator[World]:
    prefix = f"hostile-{os.getpid()}-"
    world = World(make_client(engine_endpoint), prefix)
    world.make_tables()
    yield world
    world.drop_tables()


@pytest.fixture
def world(tables: World, engine_endpoint: str) -> World:
    configure(endpoint=engine_endpoint, table_prefix=tables.prefix, time_limit=0.2, max_attempts=1)
    Hierarchy(tables)
    tables.put("waitlist", email="ada@example.org", status="pending")
    return tables


def said(error: Exception) -> None:
    """An error's message is one line of bounded length that can be written anywhere."""
    text = str(error)
    assert text
    assert len(text) <= 4001
    assert text.encode()
    assert "\n" not in text
    assert "\x1b" not in text


def is_told(error: ValueError) -> None:
    assert str(error)


def hides_what_was_given(error: ValidationError) -> None:
    assert "input_value" not in str(error)


def result_of(call: Callable[..., Any], positional: Any, named: Any) -> Any:
    """What a call gives; of what it gives piece by piece, all."""
    made = call(*positional, **named)
    return list(made) if isinstance(made, Iterator) else made


ANSWERING = {**public_calls.facade(), **public_calls.entities()}
RAISING = {
    **public_calls.constructors(),
    **public_calls.of_repositories(),
    **{f"{name} of ada": call for name, call in public_calls.of_repositories("ada").items()},
}


@often
@pytest.mark.parametrize("name", ANSWERING)
def test_facade_and_entities_always_answer(name: str, examples: int, world: World) -> None:
    """Never an exception; always a status and a message, ready to be written as JSON."""
    call = ANSWERING[name]

    @settings(max_examples=examples)
    @given(hostile.arguments(call, known))
    def tried(arguments: Any) -> None:
        answer = result_of(call, *arguments)
        assert answer["status"] in {"success", "not_found", "error"}
        assert isinstance(answer["message"], str)
        assert ("code" in answer) == (answer["status"] != "success")
        orjson.dumps(answer)

    tried()


@often
@pytest.mark.parametrize("name", RAISING)
def test_repositories_raise_our_errors_only(name: str, examples: int, world: World) -> None:
    """Neither Pydantic's, botocore's nor Python's own, and each with a message that can be printed."""
    call = RAISING[name]

    @settings(max_examples=examples)
    @given(hostile.arguments(call, known))
    def tried(arguments: Any) -> None:
        try:
            result_of(call, *arguments)
        except DataLayerError as error:
            said(error)

    tried()


SCHEMAS = [
    schema
    for module in (models.requirement, models.waitlist)
    for name in module.__all__
    if isinstance(schema := getattr(module, name), type) and issubclass(schema, BaseModel)
]


@often
@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
def test_schemas_raise_validation_errors_only(schema: type[BaseModel], examples: int) -> None:
    @settings(max_examples=examples * 6)
    @given(st.one_of(ROWS, hostile.anything))
    def tried(data: Any) -> None:
        try:
            schema.model_validate(data)
        except ValidationError as error:
            hides_what_was_given(error)

    tried()


IMAGES = st.dictionaries(
    st.one_of(st.sampled_from(FIELDS), hostile.texts),
    st.one_of(
        st.builds(dict, S=hostile.texts), st.builds(dict, S=st.just("0001-01-01T00:00:00+23:59")), hostile.anything
    ),
    max_size=6,
)
ARNS = st.one_of(st.just("arn:aws:dynamodb:us-east-1:1:table/prod-vishmaker-projects/stream/x"), hostile.anything)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "eventName": st.one_of(st.just("MODIFY"), hostile.anything),
        "eventSourceARN": ARNS,
        "tableName": st.one_of(st.just("prod-vishmaker-projects"), hostile.anything),
        "dynamodb": st.one_of(
            st.fixed_dictionaries(
                {"Keys": st.one_of(st.just({"id": {"S": "p"}, "user_id": {"S": "ada"}}), IMAGES, hostile.anything)},
                optional={
                    "OldImage": st.one_of(IMAGES, hostile.anything),
                    "NewImage": st.one_of(IMAGES, hostile.anything),
                    "SequenceNumber": hostile.anything,
                },
            ),
            hostile.anything,
        ),
    },
)


@settings(max_examples=200)
@given(st.one_of(RECORDS, RECORDS, hostile.anything))
def test_a_stream_record_is_read_or_refused(record: Any) -> None:
    try:
        from_stream_record(record)
    except DataLayerError as error:
        said(error)


@settings(max_examples=100)
@given(st.one_of(hostile.anything, st.datetimes().map(str), st.just("0001-01-01T00:00:00+23:59")))
def test_a_time_is_read_or_is_a_value_error(text: Any) -> None:
    for call in (parse_timestamp, format_timestamp):
        try:
            call(text)
        except ValueError as error:
            is_told(error)


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(
            ["region", "endpoint", "table_prefix", "table_names", "connect_timeout", "max_attempts", "time_limit"]
        ),
        st.one_of(hostile.anything, st.dictionaries(st.just("projects"), hostile.anything)),
        max_size=2,
    )
)
def test_settings_are_taken_or_refused(given_settings: dict[str, Any]) -> None:
    """What is taken is a configuration that names can be read from."""
    try:
        configure(**given_settings)
    except DataLayerError as error:
        said(error)
    assert all(isinstance(name, str) and name for name in TABLE_NAMES.values())
