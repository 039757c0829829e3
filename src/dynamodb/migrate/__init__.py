"""Migration from the PostgreSQL schema that these tables replace, and between the layouts: nothing lost, resumable.

Between layouts (`migrate_layout`, `verify_layout`) every row stays as it is. From PostgreSQL it is another one:

A source is read as one snapshot, table after table in the order of its serial ids, parents first, and each row is
converted by a pure function: the same source gives the same items, in every run. What cannot be stored is in a
quarantine file with its reason, and what is under it, too. `REASONS` has the reasons.

=====================  ===============================================================================================
`uiid`                 stays
project `id`           UUID version 5 of `projects/<id>` in `NAMESPACE`
`user_id`              from the owners that are given
`project_id`           on every level, from the rows above
`created_at`           UTC. Rows of one parent with the same time, as one transaction gives it, get a microsecond each,
                       in the order of their serial ids. NULL: the time of the row above; of a project or an entry:
                       its `updated_at`, or else 1970-01-01
`updated_at`           the same as `created_at` where the old table has none, or NULL
`email`                lower-cased, in Unicode's normal form
`version`              1
=====================  ===============================================================================================
"""

from dynamodb.migrate._changing_layout import count_about, migrate_layout
from dynamodb.migrate._converting import LAYOUT_REASONS, NAMESPACE, REASONS, project_id
from dynamodb.migrate._dump import dump
from dynamodb.migrate._files import Files, write_files
from dynamodb.migrate._layout_summary import summarize_layout
from dynamodb.migrate._loading import Loaded
from dynamodb.migrate._owners import Owners, read_owners
from dynamodb.migrate._plan import Refused
from dynamodb.migrate._rolling_back import RolledBack, count_written, rollback
from dynamodb.migrate._running import Migration, migrate
from dynamodb.migrate._source import Source, SourceRow
from dynamodb.migrate._summary import Summary, TableSummary, summarize
from dynamodb.migrate._verifying import Compared, Difference, Verification, verify
from dynamodb.migrate._verifying_layout import verify_layout

__all__ = [
    "LAYOUT_REASONS",
    "NAMESPACE",
    "REASONS",
    "Compared",
    "Difference",
    "Files",
    "Loaded",
    "Migration",
    "Owners",
    "Refused",
    "RolledBack",
    "Source",
    "SourceRow",
    "Summary",
    "TableSummary",
    "Verification",
    "count_about",
    "count_written",
    "dump",
    "migrate",
    "migrate_layout",
    "project_id",
    "read_owners",
    "rollback",
    "summarize",
    "summarize_layout",
    "verify",
    "verify_layout",
    "write_files",
]
