"""Where rows lie: which table, key and index each kind of row is found under. Nothing else knows.

`current()` is the layout that is configured at the moment; everything above asks it and never which one it is.
"""

from dynamodb import _config
from dynamodb._layout._base import Key, Layout, Place, name, name_fields
from dynamodb._layout._single_table import SingleTable
from dynamodb._layout._six_tables import SixTables

_LAYOUTS: dict[str, Layout] = {_config.SIX_TABLE: SixTables(), _config.SINGLE_TABLE: SingleTable()}


def current() -> Layout:
    """Return the layout as it is configured at the moment."""
    return _LAYOUTS[_config.layout()]


__all__ = ["Key", "Layout", "Place", "current", "name", "name_fields"]
