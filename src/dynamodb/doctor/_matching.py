"""Rows and the items that lead to them, as a scan shows both: what has no match is looked at closely."""

from collections import defaultdict
from functools import cache

from dynamodb._layout import Lead
from dynamodb.doctor import _by_id
from dynamodb.doctor._stored import Row


class Matches:
    """What was seen and not matched: about half a table's rows at most, since their leads lie anywhere in it."""

    def __init__(self) -> None:
        self._rows: defaultdict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
        self._leads: dict[tuple[str, str], tuple[str, ...] | None] = {}
        self._is_needed = cache(_by_id.is_needed)

    def row(self, row: Row) -> None:
        """Take a row."""
        if not self._is_needed(row.kind):
            return
        name, at = (row.kind.key, row.row_id), row.at
        if self._leads.get(name) == at:
            del self._leads[name]
        else:
            self._rows[name].add(at)

    def lead(self, lead: Lead) -> None:
        """Take what leads to a row."""
        name = lead.kind.key, lead.row_id
        at = tuple(value["S"] for value in lead.key.values()) if lead.key else None
        if at and at in self._rows.get(name, ()):
            self._rows[name].discard(at)
            if not self._rows[name]:
                del self._rows[name]
        else:
            self._leads[name] = at

    def doubtful(self) -> dict[tuple[str, str], set[tuple[str, ...]]]:
        """Return the ids of what has no match, with the keys of such rows."""
        return {**{name: set() for name in self._leads}, **self._rows}
