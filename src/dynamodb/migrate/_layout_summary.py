"""What a dry run between two layouts tells."""

from collections.abc import Callable

from dynamodb import _requests
from dynamodb.migrate import _copying
from dynamodb.migrate._converting import RefusedError
from dynamodb.migrate._loading import Tell
from dynamodb.migrate._plan import Refused
from dynamodb.migrate._summary import NEW_TABLE_UNITS, Summary, TableSummary
from models._kinds import KINDS, Kind


def summarize_layout(
    source: str,
    target: str,
    *,
    max_write_units: float | None = None,
    tell: Tell = lambda _: None,
    see: Callable[[Refused], None] = lambda _: None,
) -> Summary:
    """Go through the rows of a layout without writing anything; what the target has is not looked at.

    Args:
        source: the layout that would be read.
        target: the one that would be written.
        max_write_units: the limit that the run would have.
        tell: told of rows that were looked at.
        see: shown every row that would not be migrated.

    Raises:
        InvalidInputError: if the layouts are no two.
        TableNotFoundError: if a table of the source is missing.
    """
    move = _copying.move_between(source, target)
    tables = {kind.key: TableSummary() for kind in KINDS}
    refused: set[tuple[Kind, str | None]] = set()
    for kind in KINDS:
        table = tables[kind.key]
        for rows, _ in _copying.pages(move, kind):
            for row in rows:
                table.rows += 1
                try:
                    moved = _copying.as_there(move, row, lambda *name: name in refused)
                except RefusedError as error:
                    refused.add((kind, row.row_id))
                    table.quarantined[error.reason] += 1
                    see(Refused(kind, row.names, error.reason, error.detail, row.item))
                    continue
                table.migrated += 1
                table.bytes += _requests.item_size(moved.item)
                table.write_units += moved.units(move.target)
            tell(len(rows))
    rate = min(max_write_units or NEW_TABLE_UNITS, NEW_TABLE_UNITS)
    return Summary(tables, {}, rate)
