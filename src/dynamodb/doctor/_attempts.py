"""Writes that hold only while nothing has changed, and what became of a finding after one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from dynamodb import _transactions
from dynamodb._transactions import Action
from dynamodb._translation import ConditionFailedError, TransactionCanceledError
from dynamodb.doctor import _stored
from dynamodb.doctor._findings import Finding
from dynamodb.doctor._stored import Row
from dynamodb.errors import ThrottledError, UnexpectedResponseError

#: Reasons of a cancelled transaction that say no more than that something has changed.
_REFUSALS = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict"})
#: Why a finding was left.
CHANGED = "somebody changed it at the same moment; run again"


def holds(write: Callable[[], object]) -> bool:
    """Send a conditional write; say whether its condition held."""
    try:
        write()
    except ConditionFailedError:
        return False
    except TransactionCanceledError as error:
        codes = {str(reason.get("Code")) for reason in error.reasons}
        if not codes or codes - _REFUSALS:
            raise UnexpectedResponseError(f"a repair was cancelled: {error}") from error
        return False
    except ThrottledError as error:
        # A transaction of somebody else has the row at this moment.
        if error.dynamodb_code != "TransactionConflictException":
            raise
        return False
    return True


def remove(row: Row, also: Sequence[Action] = ()) -> bool:
    """Delete a row that is exactly as it was read; say whether it is gone.

    Args:
        row: the row as it was read.
        also: what else is to be written or to hold in that moment.
    """
    is_gone = holds(partial(_transactions.perform, [{"Delete": _stored.delete(row)}, *also]))
    # An unanswered try may have been the one that deleted it.
    return is_gone or _stored.get(row.kind, row.key) is None


def settle(finding: Finding, *, is_done: bool) -> Finding:
    """Say what became of a finding."""
    return replace(finding, outcome="repaired") if is_done else leave(finding, CHANGED)


def leave(finding: Finding, why: str) -> Finding:
    """Say why a finding was not repaired."""
    return replace(finding, outcome="left", detail=why)
