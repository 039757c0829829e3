"""The table of what the last run of `make reliability` tried, from the data that it wrote."""

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


def table(data: Path) -> str:
    """Write the table, and the sentence above it."""
    run: dict[str, Any] = json.loads(data.read_text("utf-8"))
    parts: dict[str, dict[str, Any]] = run["parts"]
    rows = [
        (title, ", ".join(parts[name]["engines"]), _tried(name, parts[name]), str(parts[name]["violations"]))
        for name, title in _PARTS.items()
        if name in parts
    ]
    head = f"The last run (tier `{run['tier']}`) took {round(run['seconds'] / 60)} minutes{_remark(run)}."
    return f"{head}\n\n{marked.table(('', 'engines', 'tried', 'violations:'), rows)}\n\n{_latencies(parts)}"


def _remark(run: dict[str, Any]) -> str:
    return f" {run['remark']}" if run.get("remark") else ""


def _tried(name: str, part: dict[str, Any]) -> str:
    if name == "faults":
        return (
            f"{part['tried']:,} of {part['possible']:,} cases: {len(part['operations'])} operations, "
            f"{len(part['kinds'])} faults, every request; {part['repaired']:,} interrupted states given to the doctor"
        )
    if name == "late indexes":
        return f"{part['tried']:,} cases of {len(part['operations'])} operations"
    if name == "crashes":
        return f"{part['points']:,} points in {len(part['operations'])} operations"
    counted = [f"{value:,} {key}" for key, value in part.items() if isinstance(value, int) and key in _COUNTED]
    return ", ".join(counted)


_COUNTED = ("writers", "threads", "forks", "sequences", "calls")


def _latencies(parts: dict[str, dict[str, Any]]) -> str:
    load = parts.get("load")
    if not load:
        return ""
    rows = [(name, f"{load['p50'][name]:g}", f"{load['p99'][name]:g}") for name in sorted(load["p50"])]
    titles = ("call", "", "p50 (ms):", "p99 (ms):")
    table_ = marked.table(titles, [(name, "", p50, p99) for name, p50, p99 in rows])
    grown = f"{load['kib_more']:,} KiB more memory at its end than after its first fifth"
    return f"Under load {load['rate']:,} calls a second, {grown}; engine and client shared the machine:\n\n{table_}"
