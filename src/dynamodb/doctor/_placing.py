"""Rows that are stored under another key than they belong to, and what leads to rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from dynamodb import _requests, _transactions
from dynamodb._sending import at_once, send
from dynamodb._transactions import Action
from dynamodb.doctor import _by_id, _standing, _stored
from dynamodb.doctor._attempts import CHANGED, holds, leave, settle
from dynamodb.doctor._by_id import Known
from dynamodb.doctor._cases import Case
from dynamodb.doctor._findings import Finding
from dynamodb.doctor._stored import Row
from models._kinds import PROJECT, WAITLIST, Kind

_NO_KEY = "it lacks what its key is made of"


def places(cases: Sequence[Case]) -> list[Finding]:
    """Put rows where they belong. That is bookkeeping: the version stays."""
    done = at_once(partial(_put_right, case) for case in cases)
    return [settle(case.found, is_done=is_done) for case, is_done in zip(cases, done, strict=True)]


def _put_right(case: Case) -> bool:
    row, project_id = case.row, case.diagnosis.footing_of(case.row).project_id
    fields = {} if row.kind is PROJECT else {"project_id": {"S": str(project_id)}}
    return rewrite(row, {**row.item, **fields}, lead=case.diagnosis.lead)


def rewrite(row: Row, fields: _requests.Item, *, lead: _requests.Item | None) -> bool:
    """Store a row with other fields, where it belongs then, while it is as it was read; say whether that is done.

    Args:
        row: the row as it was read.
        fields: all its fields.
        lead: what leads to a row of its id.
    """
    new = _standing.stored(row.kind, fields)
    if new is None:
        return False
    changes = {name: value for name, value in new.items() if row.item.get(name) != value}
    if not changes.keys() & row.key.keys():
        return not changes or holds(partial(send, "UpdateItem", _stored.change(row, changes)))
    actions: list[Action] = [{"Put": _requests.put(row.kind, new)}, {"Delete": _stored.delete(row)}]
    actions += _by_id.leading(row.kind, new, lead)
    moved = Row(row.kind, new)
    # An unanswered try may have been the one that did it.
    return holds(partial(_transactions.transact, actions)) or _stored.get(row.kind, moved.key) == moved


def entries(found: Sequence[Finding]) -> list[Finding]:
    """Put waitlist entries where they belong."""
    return at_once(partial(_entry, finding) for finding in found)


def _entry(finding: Finding) -> Finding:
    row = _stored.get(WAITLIST, _stored.key_at(WAITLIST, finding.at))
    if row is None or not _standing.is_misplaced(row):
        return replace(finding, outcome="gone")
    return settle(finding, is_done=rewrite(row, row.item, lead=None))


def leads(kind: Kind, found: Sequence[Finding], grace: timedelta, known: Known) -> list[Finding]:
    """Let the items that lead to rows lead to those that are there, and remove those that lead to nothing."""
    diagnoses = _standing.diagnose(kind, (finding.names[0] for finding in found), grace, known)
    return at_once(partial(_lead, kind, finding, diagnoses.get(finding.names[0])) for finding in found)


def _lead(kind: Kind, finding: Finding, diagnosis: _standing.Diagnosis | None) -> Finding:
    if diagnosis is None:
        return leave(finding, CHANGED)
    now = {one.kind for one in diagnosis.findings}
    if "missing_lead" in now and (row := diagnosis.stays) is not None:
        actions = [*_by_id.leading(kind, row.item, diagnosis.lead), _by_id.still_there(row)]
        return settle(finding, is_done=holds(partial(_transactions.transact, actions)))
    if "lost_lead" in now and diagnosis.lead is not None:
        params = _by_id.unleading(kind, diagnosis.lead)
        return settle(finding, is_done=holds(partial(send, "DeleteItem", params)))
    return replace(finding, outcome="gone")
