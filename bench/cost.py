"""Requests and capacity units of whole-tree operations as a tree grows: `make bench-cost`.

These are exact figures, not timings: DynamoDB Local reports them as DynamoDB charges them.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import engine, environments
from bench.processes import environment

_SIZES = (10, 100, 1_000, 10_000)
_BIGGEST = 100_000
#: Scanning for every node of a bigger tree is not done but computed: it is millions of units.
_SCAN_LIMIT = 1_000
_RESULTS = Path(__file__).parent / "results" / "cost.json"
_OPERATIONS = ("load", "create", "copy", "move", "delete")
_LAYOUT_RESULTS = _RESULTS.with_name("cost_layouts.json")
_LAYOUT_OPERATIONS = ("create", "load", "load a flow", "append one", "update one", "delete one", "delete")

Measured = dict[str, dict[str, dict[str, Any]]]  # size, then way, then operation


def _measure(module: str, arguments: list[str], sizes: list[int], console: Console) -> Measured:
    measured: Measured = {}
    command = [environments.python("ours"), "-m", module, *arguments, *map(str, sizes)]
    with subprocess.Popen(
        command, cwd=environments.ROOT, env=environment(ours=True), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            found = json.loads(line)
            measured.setdefault(str(found["size"]), {})[found["way"]] = found["costs"]
            console.print(f"[dim]{found['size']} nodes, {found['way']}[/dim]")
    if process.returncode:
        sys.exit(f"measuring ended with {process.returncode}")
    return measured


def _table(operation: str, measured: Measured) -> Table:
    table = Table(title=f"{operation}: requests, read units, write units", title_justify="left")
    table.add_column("nodes", justify="right")
    for way in next(iter(measured.values())):
        table.add_column(way, justify="right")
    for size, ways in measured.items():
        table.add_row(f"{int(size):,}", *(_cell(costs[operation]) for costs in ways.values()))
    return table


def _cell(cost: dict[str, Any]) -> str:
    figures = f"{cost['requests']:,} / {cost['read_units']:,.1f} / {cost['write_units']:,.0f}"
    return figures if cost.get("counted", True) else f"[dim]{figures}*[/dim]"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.cost", description="Count what whole-tree operations cost.")
    parser.add_argument("--all", action="store_true", help=f"also a tree of {_BIGGEST:,} nodes: many minutes")
    parser.add_argument("--layouts", action="store_true", help="only this layer, in both layouts")
    parser.add_argument("--endpoint", help="an engine that is running (default: DynamoDB Local)")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    with engine.find(arguments.endpoint) as found:
        if found is None:
            sys.exit("capacity is counted on DynamoDB Local: `make engine` installs it, or give an --endpoint")
        sizes = [*_SIZES, *([_BIGGEST] if arguments.all else [])]
        of_layouts = _measure("bench.cost_layouts", [found.endpoint], sizes, console)
        if not arguments.layouts:
            measured = _measure("bench.cost_ways", [found.endpoint, str(_SCAN_LIMIT)], sizes, console)
            _tell(measured, _OPERATIONS, _RESULTS, console)
            console.print("* one scan of each table was measured, and multiplied by the nodes that need one")
    _tell(of_layouts, _LAYOUT_OPERATIONS, _LAYOUT_RESULTS, console)


def _tell(measured: Measured, operations: tuple[str, ...], file: Path, console: Console) -> None:
    for operation in operations:
        console.print(_table(operation, measured))
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
