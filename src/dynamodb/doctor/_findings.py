"""What the examination finds, as data."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from dynamodb import _layout
from models._kinds import KINDS

#: What can be wrong with a row.
Problem = Literal[
    "orphan",
    "wrong_level",
    "duplicate_id",
    "missing_project_id",
    "wrong_project_id",
    "missing_tree_format",
    "half_deleted",
    "half_created",
    "unknown_tree_state",
    "email_case_duplicate",
    "email_not_lower_case",
    "unreadable_row",
    "misplaced",
    "missing_lead",
    "lost_lead",
]

#: `found`: by `examine`. `repaired`. `left`: could not be repaired, `detail` says why. `gone`: was no longer so.
Outcome = Literal["found", "repaired", "left", "gone"]

_QUARANTINED = "moved to the quarantine file"

#: For each problem what is wrong, and what `repair` makes of it; `None` where a person has to decide.
_TEXTS: dict[Problem, tuple[str, str | None]] = {
    "orphan": ("the row it belongs to is missing, or one above that", _QUARANTINED),
    "wrong_level": ("the row it belongs to is on another level than the one above it", _QUARANTINED),
    "duplicate_id": ("its id is there under another parent too, and that row is the one that stays", _QUARANTINED),
    "missing_project_id": ("it does not say which project it belongs to", "project_id is set"),
    "wrong_project_id": ("its project_id is not that of the project it hangs under", "project_id is set"),
    "missing_tree_format": (
        "it is not known whether all rows under it carry project_id, so it is read row by row",
        "it is marked as complete when they all do",
    ),
    "half_deleted": ("its deletion was begun and not finished", "it is deleted with everything under it"),
    "half_created": (
        "its creation was begun and not finished",
        "it is moved to the quarantine file with everything under it",
    ),
    "unknown_tree_state": ("its tree_state is neither creating nor deleting, and hides it from every reader", None),
    "email_case_duplicate": (
        "its address is there in another case too",
        "the row written last stays, under the lower-case address; the others are moved to the quarantine file",
    ),
    "email_not_lower_case": ("its address is not lower-case", "it is moved to the lower-case address"),
    "unreadable_row": ("its schema refuses it, so readers fail on it", None),
    "misplaced": ("it is stored under another key than its fields say", "it is put where it belongs"),
    "missing_lead": ("no item leads from its id to it, so it is not found by its id", "the item is written"),
    "lost_lead": ("the item that leads from an id to its row leads nowhere", "the item is removed"),
}

_KIND_OF = {kind.key: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Finding:
    """One row with one thing wrong. The key can hold an e-mail address; the texts never do.

    Attributes:
        kind: what is wrong.
        table: what kind of row it is: the key of its table in the six, as in `TABLE_NAMES`.
        names: its id, and that of the row it belongs to.
        detail: more about it, or why it was left.
        outcome: what became of it.
        at: the values of its primary key: in the six tables its `names` once more.
    """

    kind: Problem
    table: str
    names: tuple[str, ...]
    detail: str = ""
    outcome: Outcome = "found"
    at: tuple[str, ...] = ()

    @property
    def key(self) -> dict[str, str]:
        """What tells it from others: its `names` by their fields."""
        return dict(zip(_layout.name_fields(_KIND_OF[self.table]), self.names, strict=False))

    @property
    def message(self) -> str:
        """What is wrong, for people."""
        text = _TEXTS[self.kind][0]
        return f"{text} ({self.detail})" if self.detail else text

    @property
    def repair(self) -> str | None:
        """What `repair` makes of it; `None` where a person has to decide."""
        return _TEXTS[self.kind][1]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        names = ("kind", "table", "key", "message", "repair", "outcome")
        return {name: getattr(self, name) for name in names}


@dataclass
class Report:
    """What an examination found, or a repair did.

    Attributes:
        findings: one for each thing wrong.
        rows: how many rows were looked at, by kind, as in `Finding.table`; empty where only a report was repaired.
        quarantined: rows written to the quarantine file. After an interruption a row can be in it twice.
        places: where rows were seen that are not found by their ids: the values of their primary keys, by
            `Finding.table` and id. `repair` looks there, too.
    """

    findings: list[Finding] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    places: dict[tuple[str, str], set[tuple[str, ...]]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind."""
        return dict(Counter[str](finding.kind for finding in self.findings))

    @property
    def left(self) -> list[Finding]:
        """What is still wrong."""
        return [finding for finding in self.findings if finding.outcome in {"found", "left"}]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {
            "rows": self.rows,
            "counts": self.counts,
            "quarantined": self.quarantined,
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True)
class Progress:
    """How far the work is.

    Attributes:
        step: `examine` or `repair`.
        table: the kind of row that is being looked at, as in `Finding.table`.
        done: rows of it that were read, or findings in it that were dealt with.
    """

    step: Literal["examine", "repair"]
    table: str
    done: int


#: Told about the progress, after each page and each group of repairs.
Watch = Callable[[Progress], None]
