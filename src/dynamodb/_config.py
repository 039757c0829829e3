"""What can be set, and where a setting comes from: an argument of `configure()`, else the environment, else a default.

Nothing is read at import. The environment is looked at when a setting is used, so a changed variable takes effect.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from dynamodb import _environment as names
from dynamodb._printable import shown
from dynamodb.errors import InvalidInputError

DEFAULT_REGION = "us-east-1"
DEFAULT_PREFIX = "prod-vishmaker-"

SIX_TABLE, SINGLE_TABLE = "six-table", "single-table"
LAYOUTS = (SIX_TABLE, SINGLE_TABLE)

#: The key of the one table of the single-table layout in `TABLE_NAMES`.
ONE_TABLE = "vishmaker"

_VARIABLES = {**names.TABLES, **names.SINGLE_TABLE}

T = TypeVar("T", int, float)

#: Some thirty years in seconds: as long as forever, and no overflow to a socket or a clock.
_MAX_NUMBER = 1_000_000_000


@dataclass(frozen=True)
class ConnectionSettings:
    """Where DynamoDB is and how long to wait for it. Seconds throughout."""

    region: str
    #: `None`: AWS's own endpoint of the region.
    endpoint: str | None
    connect_timeout: float
    read_timeout: float
    #: Of one request, the first included (botocore's standard mode, full jitter).
    max_attempts: int
    #: Of one operation: how long leftovers and conflicts are sent again.
    time_limit: float


@dataclass(frozen=True)
class _Arguments:
    """What the last `configure()` said; `None` says nothing."""

    region: str | None = None
    endpoint: str | None = None
    table_prefix: str | None = None
    table_names: Mapping[str, str] = field(default_factory=dict)
    connect_timeout: float | None = None
    read_timeout: float | None = None
    max_attempts: int | None = None
    time_limit: float | None = None
    layout: str | None = None
    dual_write: str | None = None


_arguments = _Arguments()


def configure(
    *,
    region: str | None = None,
    endpoint: str | None = None,
    table_prefix: str | None = None,
    table_names: Mapping[str, str] | None = None,
    connect_timeout: float | None = None,
    read_timeout: float | None = None,
    max_attempts: int | None = None,
    time_limit: float | None = None,
    layout: str | None = None,
    dual_write: str | None = None,
) -> None:
    """Set the connection and the table names, from now on, for all models and repositories.

    Each call says everything: what is not given comes from the environment again, and `configure()` forgets what
    earlier calls said. It may be called at any time; the next request uses a new client where the connection changed.

    Args:
        region: AWS region. Else `AWS_REGION`, `AWS_DEFAULT_REGION`, us-east-1.
        endpoint: URL of a DynamoDB-compatible endpoint. Else `AWS_ENDPOINT_URL_DYNAMODB`, `DYNAMODB_ENDPOINT_URL`.
        table_prefix: what the table names start with, for example `dev-vishmaker-`. Default `prod-vishmaker-`. The
            one table of the single-table layout is named by it alone, without the dash: `dev-vishmaker`.
        table_names: names of single tables by their key in `TABLE_NAMES`. Else the `…_TABLE_NAME` variables; they beat
            the default prefix, but not one given here.
        connect_timeout: seconds until a connection must stand. Else `DYNAMODB_CONNECT_TIMEOUT`, 1.
        read_timeout: seconds until an answer must begin. Else `DYNAMODB_READ_TIMEOUT`, 5.
        max_attempts: tries of one request, the first included. Else `DYNAMODB_MAX_ATTEMPTS`, 4.
        time_limit: seconds in which an operation sends unprocessed leftovers and conflicting transactions again.
            Else `DYNAMODB_TIME_LIMIT`, 20.
        layout: `six-table` or `single-table`. Else `DYNAMODB_LAYOUT`, six-table.
        dual_write: the other layout, into whose tables every write goes, too, while rows are moved there. Else
            `DYNAMODB_DUAL_WRITE`, none.

    Raises:
        InvalidInputError: if a table key or a layout is unknown, or a number is not positive; nothing is changed
            then.

    Example:
        >>> from dynamodb import TABLE_NAMES, configure
        >>> configure(table_prefix="dev-vishmaker-")
        >>> TABLE_NAMES["user_flows"]
        'dev-vishmaker-user-flows'
        >>> configure()
    """
    global _arguments  # noqa: PLW0603 - the process has one configuration
    own_names = _own_names(table_names)
    for name, text in (("region", region), ("endpoint", endpoint), ("table_prefix", table_prefix)):
        if text is not None and not isinstance(text, str):
            raise InvalidInputError(f"{name}: {shown(text)} is no text")
    for name, text in (("layout", layout), ("dual_write", dual_write)):
        if text is not None:
            check_layout(name, text)
    numbers = {
        "connect_timeout": connect_timeout,
        "read_timeout": read_timeout,
        "max_attempts": max_attempts,
        "time_limit": time_limit,
    }
    for name, value in numbers.items():
        if value is not None and not _is_positive(value, whole=name == "max_attempts"):
            raise InvalidInputError(f"{name}: {shown(value)} is not a positive number")
    _arguments = _Arguments(
        region,
        endpoint,
        table_prefix,
        own_names,
        connect_timeout,
        read_timeout,
        max_attempts,
        time_limit,
        layout,
        dual_write,
    )


def _own_names(table_names: Any) -> dict[str, str]:
    try:
        given: dict[Any, Any] = dict(table_names or {})
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"table_names: {shown(table_names)} is no mapping of keys to names") from error
    for key, name in given.items():
        if key not in _VARIABLES:
            raise InvalidInputError(f"table_names: {shown(key)} is no table; known are {', '.join(_VARIABLES)}")
        if not isinstance(name, str) or not name:
            raise InvalidInputError(f"table_names: {key}: {shown(name)} is no name")
    return given


def without_endpoint() -> Callable[[], None]:
    """Forget the endpoint that `configure()` was given, for a test; keep the rest.

    Returns:
        A function that puts back what was configured before.
    """
    global _arguments  # noqa: PLW0603
    before = _arguments
    _arguments = replace(before, endpoint=None)

    def put_back() -> None:
        global _arguments  # noqa: PLW0603
        _arguments = before

    return put_back


def connection_settings() -> ConnectionSettings:
    """Return the settings that a client is made with."""
    given = _arguments
    return ConnectionSettings(
        region=given.region or _first(names.REGION) or DEFAULT_REGION,
        endpoint=given.endpoint or _first(names.ENDPOINT),
        connect_timeout=_number(given.connect_timeout, names.CONNECT_TIMEOUT, float, 1.0),
        read_timeout=_number(given.read_timeout, names.READ_TIMEOUT, float, 5.0),
        max_attempts=_number(given.max_attempts, names.MAX_ATTEMPTS, int, 4),
        time_limit=_number(given.time_limit, names.TIME_LIMIT, float, 20.0),
    )


def layout() -> str:
    """Return the layout as it is configured at the moment: one of `LAYOUTS`.

    Raises:
        InvalidInputError: if the environment names another one.
    """
    if _arguments.layout is not None:
        return _arguments.layout
    given = os.environ.get(names.LAYOUT)
    if not given:
        return SIX_TABLE
    check_layout(names.LAYOUT, given)
    return given


def dual_write() -> str | None:
    """Return the layout into which every write goes, too, as it is configured at the moment; `None`: there is none.

    Raises:
        InvalidInputError: if it is no layout, or the one that is configured anyway.
    """
    given = _arguments.dual_write or os.environ.get(names.DUAL_WRITE)
    if not given:
        return None
    check_layout(names.DUAL_WRITE, given)
    if given == layout():
        raise InvalidInputError(f"{names.DUAL_WRITE}: {given} is the layout itself; name the other one, or none")
    return given


def check_layout(name: str, value: str) -> None:
    """Refuse a name that is no layout's.

    Args:
        name: what the caller calls it, for the error.
        value: the name.

    Raises:
        InvalidInputError: if it is none of `LAYOUTS`.
    """
    if value not in LAYOUTS:
        raise InvalidInputError(f"{name}: {shown(value)} is no layout; known are {', '.join(LAYOUTS)}")


def table_name(key: str) -> str:
    """Return the name of a table by its key, whichever layout it belongs to."""
    given = _arguments
    if name := given.table_names.get(key):
        return name
    if given.table_prefix is not None:
        return prefixed(key, given.table_prefix)
    return os.environ.get(_VARIABLES[key]) or prefixed(key, DEFAULT_PREFIX)


def prefixed(key: str, prefix: str) -> str:
    """Return the name of a table under a prefix; that of the one table is the prefix, without the dash at its end."""
    if key == ONE_TABLE:
        return prefix.rstrip("-_.") or key
    return prefix + key.replace("_", "-")


class _TableNames(Mapping[str, str]):
    """The names of the layout's tables by their keys, as they are configured at the moment of asking.

    In the single-table layout that is one, `vishmaker`; the keys of the six lead to it as well.
    """

    def __getitem__(self, key: str) -> str:
        if key in _keys():
            return table_name(key)
        if key not in names.TABLES:
            raise KeyError(key)
        return table_name(next(iter(_keys())))

    def __iter__(self) -> Iterator[str]:
        return iter(_keys())

    def __len__(self) -> int:
        return len(_keys())

    def __repr__(self) -> str:
        return repr(dict(self))


def _keys() -> Mapping[str, str]:
    return names.SINGLE_TABLE if layout() == SINGLE_TABLE else names.TABLES


#: The names of the layout's tables by their keys, as they are configured at the moment of asking.
TABLE_NAMES: Mapping[str, str] = _TableNames()


def _first(variables: tuple[str, ...]) -> str | None:
    return next((value for name in variables if (value := os.environ.get(name))), None)


def _number(given: T | None, variable: str, read: Callable[[Any], T], default: T) -> T:
    if given is not None:
        return given
    text = os.environ.get(variable)
    if not text:
        return default
    try:
        number = read(text)
    except ValueError:
        number = read(0)
    if not _is_positive(number):
        raise InvalidInputError(f"{variable}: {text!r} is not a positive number")
    return number


def _is_positive(value: Any, *, whole: bool = False) -> bool:
    is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    return is_number and 0 < value <= _MAX_NUMBER
