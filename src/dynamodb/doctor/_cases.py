"""Findings that are looked at again before anything is done about them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from dynamodb.doctor import _standing
from dynamodb.doctor._attempts import CHANGED, leave
from dynamodb.doctor._by_id import Known
from dynamodb.doctor._findings import Finding, Problem
from dynamodb.doctor._standing import Diagnosis
from dynamodb.doctor._stored import Row
from models._kinds import Kind


class Case(NamedTuple):
    """A finding that still holds.

    Attributes:
        found: as it was found.
        now: as it is now: an orphan may be one on the wrong level by now, a half-created tree a half-deleted one.
        row: what it is about.
        diagnosis: of all rows with its id.
    """

    found: Finding
    now: Finding
    row: Row
    diagnosis: Diagnosis


#: Does something about cases of one kind of row, and tells of each what became of it, in their order.
Act = Callable[[Sequence[Case]], list[Finding]]


def settle_each(
    kind: Kind, problems: Collection[Problem], found: Sequence[Finding], *, grace: timedelta, known: Known, act: Act
) -> list[Finding]:
    """Look at findings again and do something about those that still hold.

    Args:
        kind: of the rows.
        problems: what the step is about.
        found: the findings.
        grace: how long a tree may take to be created before it counts as given up.
        known: where rows were seen that nothing may lead to.
        act: what is done.

    Returns:
        The findings, in their order, with what became of them.
    """
    diagnoses = _standing.diagnose(kind, (finding.names[0] for finding in found), grace, known)
    cases: list[Case] = []
    settled: dict[Finding, Finding] = {}
    for finding in found:
        diagnosis = diagnoses.get(finding.names[0])
        if diagnosis is None:
            settled[finding] = leave(finding, CHANGED)
            continue
        same = [one for one in diagnosis.findings if one.names == finding.names and one.kind in problems]
        # A step before may have put the row where it belongs.
        now = next((one for one in same if one.at == finding.at), same[0] if same else None)
        if now is None:
            settled[finding] = replace(finding, outcome="gone")
        else:
            cases.append(Case(finding, now, diagnosis.row_of(now), diagnosis))
    settled |= {case.found: finding for case, finding in zip(cases, act(cases), strict=True)}
    return [settled[finding] for finding in found]
