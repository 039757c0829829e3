"""Where rows lie: which table, key and index each kind of row is found under. Nothing else knows.

`current()` is the layout that is configured at the moment; everything above asks it and never which one it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from dynamodb import _config, _environment
from dynamodb._layout._base import Key, Layout, Lead, Place, Walk, name, name_fields
from dynamodb._layout._single_table import SingleTable
from dynamodb._layout._six_tables import SixTables
from dynamodb.errors import InvalidInputError
from models._kinds import Kind

_LAYOUTS: dict[str, Layout] = {_config.SIX_TABLE: SixTables(), _config.SINGLE_TABLE: SingleTable()}

_chosen: ContextVar[Layout | None] = ContextVar("layout", default=None)


def current() -> Layout:
    """Return the layout as it is configured at the moment, or as `using` says."""
    return _chosen.get() or _LAYOUTS[_config.layout()]


def named(layout: str) -> Layout:
    """Return a layout by its name, one of `_config.LAYOUTS`, whichever is configured."""
    return _LAYOUTS[layout]


def twin() -> Layout | None:
    """Return the layout into which every write goes, too; `None`: there is none, or a layout is set by `using`."""
    if _chosen.get() is not None:
        return None
    name = _config.dual_write()
    return None if name is None else _LAYOUTS[name]


def refuse_twin(what: str) -> None:
    """Refuse what writes into one layout alone.

    Raises:
        InvalidInputError: if every write goes to both.
    """
    if twin() is not None:
        raise InvalidInputError(
            f"{what} writes into one layout alone, while {_environment.DUAL_WRITE} says that every write goes to both; "
            "nothing was written"
        )


@contextmanager
def using(layout: Layout) -> Iterator[None]:
    """Let a layout be the current one inside the block, for this context and what it runs with `at_once`.

    No generator may yield inside such a block: whoever goes on with it would not be in the same context.
    """
    token = _chosen.set(layout)
    try:
        yield
    finally:
        _chosen.reset(token)


__all__ = [
    "Key",
    "Kind",
    "Layout",
    "Lead",
    "Place",
    "Walk",
    "current",
    "name",
    "name_fields",
    "named",
    "refuse_twin",
    "twin",
    "using",
]
