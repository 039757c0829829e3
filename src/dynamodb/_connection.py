"""The one botocore client of the process: made on first use under a lock, shared by all models and repositories."""

import logging
import os
import threading
import warnings
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from pynamodb.connection.base import Connection, MetaTable
from pynamodb.connection.table import TableConnection
from pynamodb.models import Model

from dynamodb import _capacity, _wire
from dynamodb._config import ONE_TABLE, ConnectionSettings, connection_settings, table_name
from dynamodb._session import make_session
from models import tables

log = logging.getLogger("dynamodb")

MAX_CONNECTIONS = 32


class _Shared:
    """What the process holds of its connection."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.settings: ConnectionSettings | None = None
        self.client: Any = None


_shared = _Shared()


def client() -> Any:
    """Return the botocore client for the current settings, making it if there is none yet.

    It validates no parameters (DynamoDB does), keeps up to 32 connections open and retries in botocore's standard mode:
    full jitter, at most `max_attempts` tries.
    """
    settings = connection_settings()
    if _shared.settings == settings:
        return _shared.client
    with _shared.lock:
        if _shared.settings != settings:
            _shared.client = _make_client(settings)
            _shared.settings = settings
        return _shared.client


def forget_client() -> None:
    """Make the next use make a new client: after a fork, and where the credentials were refused."""
    global _shared  # noqa: PLW0603 - a forked child must not wait for a lock that its parent's thread held
    _shared = _Shared()


# What wants to see the requests of the client, whichever it is: callbacks of users, faults of tests.
_equipment: list[Callable[[Any], None]] = []


def equip(register: Callable[[Any], None]) -> None:
    """Register event handlers with the client, and with each one made from now on.

    Args:
        register: is called with the client.
    """
    with _shared.lock:
        _equipment.append(register)
        if _shared.client is not None:
            register(_shared.client)


def unequip(register: Callable[[Any], None], unregister: Callable[[Any], None]) -> None:
    """Take back what `equip` did.

    Args:
        register: what `equip` was called with.
        unregister: is called with the client.
    """
    with _shared.lock:
        _equipment.remove(register)
        if _shared.client is not None:
            unregister(_shared.client)


def _make_client(settings: ConnectionSettings) -> Any:
    session = make_session()
    session.register_component("response_parser_factory", _wire.ItemParserFactory())
    made = session.create_client(
        "dynamodb",
        region_name=settings.region,
        endpoint_url=settings.endpoint,
        config=Config(
            parameter_validation=False,
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            max_pool_connections=MAX_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": settings.max_attempts},
            user_agent=_user_agent(session),
            user_agent_extra="vishmaker-dynamodb",
        ),
    )
    if hasattr(made, "_serializer"):
        made._serializer = _wire.ItemSerializer(made._serializer)
    else:
        warn_slow("the client has no serializer")
    _capacity.observe(made)
    for register in _equipment:
        register(made)
    log.debug("client made for %s, endpoint %s", settings.region, settings.endpoint or "of AWS")
    return made


def _user_agent(session: Any) -> str | None:
    """Return who asks, as botocore wrote it before it began to write it anew for each request, with what it used.

    That is a quarter of the CPU that a small request takes. An application id asks for the long form.
    """
    return None if session.get_config_variable("user_agent_appid") else session.user_agent()


_warned: set[str] = set()


def warn_slow(what: str) -> None:
    """Say, once in the process, that botocore's own way is used because a hook is gone."""
    if what not in _warned:
        _warned.add(what)
        warnings.warn(f"botocore has changed, {what}: its own, slower way is used", RuntimeWarning, stacklevel=2)


class _SharedConnection(Connection):
    """PynamoDB's connection on the one client."""

    @property
    def client(self) -> Any:
        return client()


_pynamodb = _SharedConnection(region="unused", host="unused")
_pynamodb_lock = threading.Lock()


def _after_fork() -> None:
    global _pynamodb_lock  # noqa: PLW0603 - as above
    _pynamodb_lock = threading.Lock()
    forget_client()


os.register_at_fork(after_in_child=_after_fork)

_key_of_model: dict[Any, str] = {model: key for key, model in tables.MODELS.items()}


def connection_for(model: type[Model]) -> TableConnection:
    """Return PynamoDB's connection of a model: its table's name as configured now, on the one client."""
    # Every type of item of the one table is in that.
    name = table_name(_key_of_model.get(model, ONE_TABLE))
    kept = model._connection
    if kept is not None and kept.table_name == name:
        return kept
    with _pynamodb_lock:
        model.Meta.table_name = name
        connection = TableConnection(name)
        connection.connection = _pynamodb
        if name not in _pynamodb._tables:
            _pynamodb.add_meta_table(_meta_table(model, name))
        model._connection = connection
        return connection


def _meta_table(model: type[Model], name: str) -> MetaTable:
    schema = model._get_schema()
    indexes = [
        {"IndexName": index["index_name"], "KeySchema": index["key_schema"]}
        for index in schema["global_secondary_indexes"]
    ]
    return MetaTable(
        {
            "TableName": name,
            "KeySchema": schema["key_schema"],
            "AttributeDefinitions": schema["attribute_definitions"],
            "GlobalSecondaryIndexes": indexes,
        }
    )


tables.bind(connection_for)
