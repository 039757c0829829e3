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

_LAYOUTS: dict[str, Layout] = {_config.SIX_TABLE: SixTables(), _config.SINGLE_TABLE: SingleTable()}

#: The layout that is read and written, and the other one that is written, too.
_chosen: ContextVar[tuple[Layout, Layout | None] | None] = ContextVar("layout", default=None)


def current() -> Layout:
    """Return the layout as it is configured at the moment, or as `using` says."""
    chosen = _chosen.get()
    return chosen[0] if chosen else _LAYOUTS[_config.layout()]


def named(layout: str) -> Layout:
    """Return a layout by its name, one of `_config.LAYOUTS`, whichever is configured."""
    return _LAYOUTS[layout]


def twin() -> Layout | None:
    """Return the layout into which every write goes, too; `None`: there is none."""
    chosen = _chosen.get()
    if chosen:
        return chosen[1]
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
def using(layout: Layout, *, twin: Layout | None = None) -> Iterator[None]:
    """Let a layout be the current one inside the block, for this context and what it runs with `at_once`.

    No generator may yield inside such a block: whoever goes on with it would not be in the same context.

    Args:
        layout: the current one.
        twin: into which every write goes, too.
    """
    token = _chosen.set((layout, twin))
    try:
        yield
    finally:
        _chosen.reset(token)


__all__ = [
    "Key",
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
