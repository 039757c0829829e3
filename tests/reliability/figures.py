"""What the runs counted, from all worker processes, and the lines that say it."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

#: A file that every worker process appends to.
FILE = "RELIABILITY_FIGURES"
#: Of each test's violations, so many are kept in words; all are counted.
_IN_WORDS = 5

Record = dict[str, Any]


def record(part: str, *, found: Sequence[str], **counted: Any) -> None:
    """Note what a test counted.

    Args:
        part: what it belongs to: `faults`, `crashes`, ...
        found: the violations.
        counted: numbers are added up, texts are collected; "slowest" is the greatest.
    """
    line = json.dumps({"part": part, **counted, "violations": len(found), "found": [*found[:_IN_WORDS]]}) + "\n"
    with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
        file.write(line)


def read(file: Path) -> list[Record]:
    """All that was noted."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def summed(records: Iterable[Record]) -> dict[str, dict[str, Any]]:
    """What was noted, added up by part."""
    parts: dict[str, dict[str, Any]] = {}
    for one in records:
        part = parts.setdefault(one["part"], defaultdict(int))
        for name, value in one.items():
            _add(part, name, value)
    return parts


def write(file: Path, parts: Mapping[str, Any], **run: Any) -> None:
    """Write what the documentation shows: at once or not at all, since a run may be broken off."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps({**run, "parts": parts}, indent=1, sort_keys=True) + "\n", "utf-8")
    new.replace(file)


def _add(part: dict[str, Any], name: str, value: Any) -> None:
    if name == "part":
        return
    if isinstance(value, Mapping):
        before = part.get(name) or {}
        part[name] = before | {one: before.get(one, 0) + number for one, number in value.items()}
    elif isinstance(value, list):
        part[name] = sorted({*(part.get(name) or []), *value})
    elif isinstance(value, str):
        part[name] = sorted({*(part.get(name) or []), value})
    elif name == "slowest":
        part[name] = max(part.get(name, 0), value)
    else:
        part[name] += value


def lines(parts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """One line for each part: how much was tried, and how many violations there were."""
    return [
        f"{name:12} {', '.join(_said(*one) for one in sorted(part.items(), key=_order) if one[0] != 'found')}"
        for name, part in parts.items()
    ]


def _order(named: tuple[str, Any]) -> tuple[bool, bool, str]:
    """Lists first, violations last."""
    name, value = named
    return name == "violations", not isinstance(value, list), name


def _said(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{name} ({', '.join(f'{value[one]:,} {one}' for one in sorted(value, key=value.get, reverse=True))})"  # type: ignore[arg-type]
    if isinstance(value, list):
        few = ", ".join(value) if len(value) <= 2 else ""
        return f"{name}: {few}" if few else f"{len(value)} {name}"
    return f"{name} {value:.1f} s" if name == "slowest" else f"{value:,} {name}"
