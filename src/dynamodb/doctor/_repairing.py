"""Repairing what was found, step by step.

The order of the steps matters: a cascade goes by ids and by `project_id`. So doubles are resolved and wrong project ids
set right before one is finished, which else would take rows with it that belong elsewhere. Every step can be
interrupted at any request: what was written to the quarantine file and not deleted is found, and written, again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from dynamodb.doctor import _addresses, _completing, _placing, _removing
from dynamodb.doctor._by_id import Known
from dynamodb.doctor._cases import Act, settle_each
from dynamodb.doctor._findings import Finding, Problem, Progress, Report, Watch
from dynamodb.doctor._quarantine import Quarantine
from models._kinds import HIERARCHY, PROJECT, WAITLIST, Kind

#: Findings that are looked at again together.
_TOGETHER = 100

_LEADS: tuple[Problem, ...] = ("missing_lead", "lost_lead")
_PROJECT_ID: tuple[Problem, ...] = ("missing_project_id", "wrong_project_id")

#: Returns the findings it is given, in their order, with what became of them.
_Settle = Callable[[Sequence[Finding]], list[Finding]]


def repair(report: Report, path: Path, *, grace: timedelta, quarantine_unreadable: bool, watch: Watch) -> Report:
    """Repair what has one right answer.

    Args:
        report: what was found.
        path: of the quarantine file.
        grace: how long a tree may take to be created before it counts as given up.
        quarantine_unreadable: take out what readers cannot read, too.
        watch: told about the progress.
    """
    settled: dict[Finding, Finding] = {}
    with Quarantine(path) as file:
        repairs = _Repairs(report.left, settled, watch)
        # Without leads rows are not found by their ids, and what is under them would seem to hang on nothing.
        known = report.places
        for kind in HIERARCHY:
            repairs.run(kind, _LEADS, partial(_placing.leads, kind, grace=grace, known=known))
        _repair_hierarchy(repairs, file, grace, known, quarantine_unreadable=quarantine_unreadable)
        repairs.run(WAITLIST, ("misplaced",), _placing.entries)
        if quarantine_unreadable:
            repairs.run(WAITLIST, ("unreadable_row",), partial(_removing.unreadable_entries, file))
        repairs.run_addresses(partial(_addresses.repair, file))
        quarantined = file.rows
    return Report(
        findings=[settled.get(finding) or _untouched(finding) for finding in report.findings],
        rows=report.rows,
        quarantined=quarantined,
    )


def _untouched(finding: Finding) -> Finding:
    return replace(finding, outcome="left") if finding.outcome == "found" else finding


def _repair_hierarchy(
    repairs: "_Repairs", file: Quarantine, grace: timedelta, known: Known, *, quarantine_unreadable: bool
) -> None:
    def run(kinds: Sequence[Kind], problems: Sequence[Problem], act: Act) -> None:
        for kind in kinds:
            repairs.run(kind, problems, partial(settle_each, kind, problems, grace=grace, known=known, act=act))

    run(HIERARCHY, ("duplicate_id",), partial(_removing.doubles, file))
    run(HIERARCHY, ("wrong_project_id",), _completing.project_ids)
    run(HIERARCHY, ("misplaced",), _placing.places)
    # From the leaves up, so that an interruption leaves no more orphans than there were.
    run(HIERARCHY[::-1], ("orphan", "wrong_level"), partial(_removing.adrift, file))
    run(HIERARCHY, ("half_created", "half_deleted"), partial(_removing.half_trees, file))
    if quarantine_unreadable:
        run(HIERARCHY, ("unreadable_row",), partial(_removing.unreadable, file))
    run(HIERARCHY, ("missing_project_id",), _completing.project_ids)
    run((PROJECT,), ("missing_tree_format",), partial(_completing.tree_formats, is_safe=not repairs.left(_PROJECT_ID)))


class _Repairs:
    """The findings by kind of row and problem, and what became of those that were dealt with."""

    def __init__(self, findings: Sequence[Finding], settled: dict[Finding, Finding], watch: Watch) -> None:
        self._waiting: defaultdict[tuple[str, Problem], list[Finding]] = defaultdict(list)
        for finding in findings:
            self._waiting[finding.table, finding.kind].append(finding)
        self._settled = settled
        self._watch = watch

    def run(self, kind: Kind, problems: Sequence[Problem], settle: _Settle) -> None:
        """Settle the findings of some problems with one kind of row, some at a time."""
        found = [finding for problem in problems for finding in self._waiting[kind.key, problem]]
        for start in range(0, len(found), _TOGETHER):
            some = found[start : start + _TOGETHER]
            self._note(some, settle(some), start + len(some))

    def run_addresses(self, settle: Callable[[str, Sequence[Finding]], list[Finding]]) -> None:
        """Settle the findings about spellings of addresses, all of one address together."""
        by_address: defaultdict[str, list[Finding]] = defaultdict(list)
        for finding in self._of_spellings():
            by_address[_addresses.lower_case(finding.names[0])].append(finding)
        done = 0
        for address, found in by_address.items():
            done += len(found)
            self._note(found, settle(address, found), done)

    def _of_spellings(self) -> Iterator[Finding]:
        problems: tuple[Problem, ...] = ("email_case_duplicate", "email_not_lower_case")
        for problem in problems:
            yield from self._waiting[WAITLIST.key, problem]

    def _note(self, found: Sequence[Finding], settled: Sequence[Finding], done: int) -> None:
        self._settled.update(zip(found, settled, strict=True))
        self._watch(Progress("repair", found[0].table, done))

    def left(self, problems: Sequence[Problem]) -> bool:
        """Say whether something of these problems was left."""
        return any(
            (self._settled.get(finding) or finding).outcome in {"found", "left"}
            for (_, problem), found in self._waiting.items()
            if problem in problems
            for finding in found
        )
