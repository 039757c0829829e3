"""The exit statuses.

| status | meaning |
|---|---|
| 0 | done; for `check`, `doctor` and `verify`: nothing to report |
| 1 | no: `check`, `doctor`, `verify` found something, `migrate` left rows out, tables are missing; a failure |
| 2 | wrong usage or input; nothing was changed. For `check`: a side could not be read |
| 3 | there is no such project, node, entry, table or file |
| 4 | refused: it exists already, was changed meanwhile, or was not confirmed |
| 5 | DynamoDB was not reached or had no capacity; the same command again is safe |
| 6 | no credentials, or they do not allow this |
| 7 | some of it was done; the same command again finishes it |
| 130 | interrupted with Ctrl-C |
| 141 | the program that read the output went away (a closed pipe) |
"""

from typing import Final

from dynamodb.errors import DataLayerError

OK: Final = 0
NO: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
REFUSED: Final = 4
UNAVAILABLE: Final = 5
DENIED: Final = 6
PARTIAL: Final = 7
INTERRUPTED: Final = 130
CLOSED_PIPE: Final = 141

#: Below the help of the root.
EPILOG: Final = (
    "Exit status: 0 done, 1 the answer is no, 2 usage or input, 3 not found, 4 refused, 5 not reached or throttled, "
    "6 access denied, 7 partly done, 130 Ctrl-C, 141 closed pipe."
)

_OF_CODE = {
    "invalid_input": USAGE,
    "invalid_cursor": USAGE,
    "item_too_large": USAGE,
    "cross_project_move": USAGE,
    "not_found": NOT_FOUND,
    "parent_not_found": NOT_FOUND,
    "table_not_found": NOT_FOUND,
    "already_exists": REFUSED,
    "version_conflict": REFUSED,
    "table_mismatch": REFUSED,
    "throttled": UNAVAILABLE,
    "connection_failed": UNAVAILABLE,
    "access_denied": DENIED,
    "partial_write": PARTIAL,
}


def status_of(error: DataLayerError) -> int:
    """Return the exit status for an error of the data layer."""
    return status_of_code(error.code)


def status_of_code(code: str) -> int:
    """Return the exit status for the code of an error of the data layer."""
    return _OF_CODE.get(code, NO)
