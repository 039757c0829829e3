"""An argument beats the environment, the environment a default; both are looked at when they are used."""

import pytest

from dynamodb import TABLE_NAMES, configure
from dynamodb._config import connection_settings, layout
from dynamodb._environment import TABLES
from dynamodb.errors import InvalidInputError


def test_without_anything_set_the_defaults_hold(monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    settings = connection_settings()
    assert (settings.region, settings.endpoint) == ("us-east-1", None)
    assert (settings.connect_timeout, settings.read_timeout) == (1, 5)  # not PynamoDB's 15 and 30
    assert (settings.max_attempts, settings.time_limit) == (4, 20)
    assert TABLE_NAMES["user_flows"] == "prod-vishmaker-user-flows"
    assert len(TABLE_NAMES) == 6


def test_the_region_is_looked_for_in_order(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_REGION")
    assert connection_settings().region == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert connection_settings().region == "eu-central-1"
    configure(region="ap-south-1")
    assert connection_settings().region == "ap-south-1"
    configure()
    assert connection_settings().region == "eu-central-1"


def test_the_endpoint_is_looked_for_in_order(monkeypatch):
    monkeypatch.setenv("DYNAMODB_ENDPOINT_URL", "http://second")
    assert connection_settings().endpoint == "http://second"
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://first")
    assert connection_settings().endpoint == "http://first"
    configure(endpoint="http://argument")
    assert connection_settings().endpoint == "http://argument"


@pytest.mark.parametrize("key", TABLES)
def test_each_table_has_its_variable(key, monkeypatch):
    monkeypatch.setenv(TABLES[key], "from-environment")
    assert TABLE_NAMES[key] == "from-environment"
    assert sum(name == "from-environment" for name in TABLE_NAMES.values()) == 1
    configure(table_names={key: "from-argument"})
    assert TABLE_NAMES[key] == "from-argument"


def test_a_prefix_beats_the_variables_and_a_name_beats_the_prefix(monkeypatch):
    monkeypatch.setenv("PROJECTS_TABLE_NAME", "from-environment")
    configure(table_prefix="dev-", table_names={"waitlist": "mine"})
    assert TABLE_NAMES["projects"] == "dev-projects"
    assert TABLE_NAMES["high_level_requirements"] == "dev-high-level-requirements"
    assert TABLE_NAMES["waitlist"] == "mine"


def test_each_call_says_everything():
    configure(table_prefix="dev-", read_timeout=9)
    configure(region="eu-west-1")
    assert TABLE_NAMES["projects"] == "prod-vishmaker-projects"
    assert connection_settings().read_timeout == 5


NUMBERS = ["connect_timeout", "read_timeout", "max_attempts", "time_limit"]


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_come_from_the_environment_too(name, monkeypatch):
    monkeypatch.setenv(f"DYNAMODB_{name.upper()}", "7")
    assert getattr(connection_settings(), name) == 7
    configure(**{name: 3})
    assert getattr(connection_settings(), name) == 3


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["0", "-1", "many", "nan", "inf", "1e999"])
def test_a_number_that_is_none_is_named_with_its_variable(name, value, monkeypatch):
    variable = f"DYNAMODB_{name.upper()}"
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInputError, match=f"{variable}: '{value}'"):
        connection_settings()


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "5", True])
def test_a_wrong_argument_is_refused_and_nothing_changes(name, value):
    configure(table_prefix="dev-", time_limit=9)
    with pytest.raises(InvalidInputError, match=name):
        configure(table_prefix="other-", **{name: value})
    assert (TABLE_NAMES["projects"], connection_settings().time_limit) == ("dev-projects", 9)


def test_attempts_are_a_whole_number():
    with pytest.raises(InvalidInputError, match="max_attempts"):
        configure(max_attempts=2.5)


def test_an_unknown_table_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInputError, match=r"'flows'.*user_flows"):
        configure(table_names={"flows": "x"})


def test_table_names_is_a_mapping_that_cannot_be_written():
    assert dict(TABLE_NAMES) == {key: TABLE_NAMES[key] for key in TABLES}
    assert "flows" not in TABLE_NAMES
    assert "prod-vishmaker-waitlist" in repr(TABLE_NAMES)
    with pytest.raises(KeyError):
        TABLE_NAMES["flows"]
    with pytest.raises(TypeError):
        TABLE_NAMES["projects"] = "x"


def test_the_layout_is_an_argument_else_a_variable_else_six_tables(monkeypatch):
    assert layout() == "six-table"
    monkeypatch.setenv("DYNAMODB_LAYOUT", "single-table")
    assert layout() == "single-table"
    configure(layout="six-table")
    assert layout() == "six-table"


def test_an_unknown_layout_is_refused_with_the_known_ones(monkeypatch):
    with pytest.raises(InvalidInputError, match=r"layout: 'one'.*six-table, single-table"):
        configure(layout="one")
    monkeypatch.setenv("DYNAMODB_LAYOUT", "one")
    with pytest.raises(InvalidInputError, match="DYNAMODB_LAYOUT: 'one'"):
        dict(TABLE_NAMES)


@pytest.mark.parametrize(
    ("prefix", "name"), [("dev-vishmaker-", "dev-vishmaker"), ("dev", "dev"), ("dev-1.", "dev-1"), ("", "vishmaker")]
)
def test_the_one_table_is_named_by_the_prefix_alone(prefix, name):
    configure(layout="single-table", table_prefix=prefix)
    assert dict(TABLE_NAMES) == {"vishmaker": name}


def test_the_keys_of_the_six_lead_to_the_one_table(monkeypatch):
    configure(layout="single-table")
    assert dict(TABLE_NAMES) == {"vishmaker": "prod-vishmaker"}
    assert {TABLE_NAMES[key] for key in TABLES} == {"prod-vishmaker"}
    monkeypatch.setenv("VISHMAKER_TABLE_NAME", "from-environment")
    assert TABLE_NAMES["test_cases"] == "from-environment"
    configure(layout="single-table", table_names={"vishmaker": "mine"})
    assert TABLE_NAMES["vishmaker"] == "mine"
    with pytest.raises(KeyError):
        TABLE_NAMES["flows"]
