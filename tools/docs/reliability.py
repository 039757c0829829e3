"""The tables of what the last runs of `make reliability` tried, from the data that they wrote."""

import json
from pathlib import Path
from typing import Any

import marked

_PARTS = {
    "faults": "faults",
    "late indexes": "late indexes",
    "crashes": "processes killed",
    "concurrency": "many writers",
    "one client": "32 threads, one client",
    "forks": "forked processes",
    "load": "sustained load",
    "tenancy": "sequences of calls for another owner",
}


def tables(folder: Path) -> str:
    """Write the tables: of each layout alone, and of both written at once."""
    runs = (
        ("The last run", "reliability.json"),
        ("The last run while every write went to both", "reliability-both.json"),
    )
    return "\n\n".join(_table(what, folder / data) for what, data in runs)


def _table(what: str, data: Path) -> str:
    run: dict[str, Any] = json.loads(data.read_text("utf-8"))
    parts: dict[str, dict[str, Any]] = run["parts"]
    rows = [
        (
            title,
            ", ".join(parts[name]["engines"]),
            ", ".join(parts[name]["layouts"]),
            _tried(name, parts[name]),
            str(parts[name]["violations"]),
        )
        for name, title in _PARTS.items()
        if name in parts
    ]
    took = f"{round(run['seconds'] / 60)} minutes on {run['cores']} cores"
    head = f"{what} (tier `{run['tier']}`) took {took}{'' if run['complete'] else ', and was broken off then'}."
    table_ = marked.table(("", "engines", "layouts", "tried", "violations:"), rows)
    return "\n\n".join(text for text in (head, table_, _violations(parts), _latencies(parts)) if text)


def _tried(name: str, part: dict[str, Any]) -> str:
    if name == "faults":
        return (
            f"{part['tried']:,} of {part['possible']:,} cases: {len(part['operations'])} operations, "
            f"{len(part['kinds'])} faults; {part['repaired']:,} interrupted states given to the doctor"
        )
    if name == "late indexes":
        return f"{part['tried']:,} cases of {len(part['operations'])} operations"
    if name == "crashes":
        return f"{part['points']:,} points in {len(part['operations'])} operations"
    counted = [f"{value:,} {key}" for key, value in part.items() if isinstance(value, int) and key in _COUNTED]
    return ", ".join(counted)


_COUNTED = ("writers", "forks", "sequences", "calls")


def _violations(parts: dict[str, dict[str, Any]]) -> str:
    return "\n".join(f"- `{one[:300]}`" for part in parts.values() for one in part["found"])


def _latencies(parts: dict[str, dict[str, Any]]) -> str:
    load = parts.get("load")
    if not load:
        return ""
    rows = [(name, f"{load['p50'][name]:g}", f"{load['p99'][name]:g}") for name in sorted(load["p50"])]
    table_ = marked.table(("call under load", "p50 (ms):", "p99 (ms):"), rows)
    rates = ", ".join(
        f"on {layout} {rate:,} calls a second, and {load['kib_more'][layout]:,} KiB more memory at the end than after "
        "the first fifth"
        for layout, rate in load["rate"].items()
    )
    return f"Load: {rates}. Engine and client shared the machine.\n\n{table_}"
