"""The six tables in moto, inside the test's own process: what the fixture `vishmaker_tables` gives."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from moto import mock_aws

from dynamodb import _config, _connection, _tables
from dynamodb._config import TABLE_NAMES
from dynamodb.testing._metering import Meter, plain_client

__all__ = ["TablesInUseError", "mocked_tables"]

# Whatever of the developer's own could lead to a real account, or past moto.
_REMOVED = (
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "DYNAMODB_ENDPOINT_URL",
)
_SET = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class TablesInUseError(RuntimeError):
    """An enclosing `mock_aws` has the six tables already, with rows in them that would be lost."""


@contextmanager
def mocked_tables() -> Iterator[dict[str, str]]:
    """Have the six tables, empty, in moto; made-up credentials; and a client that knows of moto.

    moto answers inside this process, so that processes (pytest-xdist) share nothing. A client that this layer had made
    before is put away for the time; a `mock_aws` around it keeps what else is in it.

    Yields:
        The tables' names by their keys, as `TABLE_NAMES` has them: the configured ones, so that code which knows a name
        from elsewhere finds its table.

    Raises:
        TablesInUseError: if an enclosing `mock_aws` has one of the tables already, with rows in it.
    """
    with ExitStack() as ends:
        ends.enter_context(_environment())
        ends.callback(_config.without_endpoint())
        ends.enter_context(mock_aws())
        ends.callback(_connection.forget_client)
        _connection.forget_client()
        meter = Meter(_config.connection_settings().region)
        _connection.equip(meter.register)
        ends.callback(_connection.unequip, meter.register, meter.unregister)
        with _six_tables():
            yield dict(TABLE_NAMES)


@contextmanager
def _environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in _REMOVED:
            patch.delenv(name, raising=False)
        for name, value in _SET.items():
            patch.setenv(name, value)
        if "AWS_DEFAULT_REGION" not in os.environ:
            # boto3 reads this one only, and a test may use boto3 beside this layer.
            patch.setenv("AWS_DEFAULT_REGION", _config.connection_settings().region)
        yield


@contextmanager
def _six_tables() -> Iterator[None]:
    region = _config.connection_settings().region
    plain = plain_client(region)
    names = list(TABLE_NAMES.values())
    found = [name for name in names if name in _names_of_tables(plain)]
    used = [name for name in found if plain.scan(TableName=name, Limit=1)["Items"]]
    if used:
        raise TablesInUseError(
            f"there are rows in {', '.join(used)} of the mock_aws around this test: use the tables that are there, "
            "or fill them after asking for vishmaker_tables"
        )
    _tables.create_all()
    try:
        yield
    finally:
        # The mock_aws around this one, if there is one, gets its tables back as they were: empty, or not there.
        for name in _names_of_tables(plain) & set(names):
            if name in found:
                _empty(plain, name)
            else:
                plain.delete_table(TableName=name)


def _names_of_tables(plain: Any) -> set[str]:
    return {name for page in plain.get_paginator("list_tables").paginate() for name in page["TableNames"]}


def _empty(plain: Any, name: str) -> None:
    fields = [part["AttributeName"] for part in plain.describe_table(TableName=name)["Table"]["KeySchema"]]
    for page in plain.get_paginator("scan").paginate(TableName=name):
        for item in page["Items"]:
            plain.delete_item(TableName=name, Key={field: item[field] for field in fields})
