"""Run the benchmark: `make bench`, or `python -m bench --help` in its report environment."""

import argparse
import os
import platform
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import chart, engine, goals, measuring, report
from bench.contenders import CONTENDERS
from bench.processes import canned_server
from bench.results import Results
from bench.works import READS, WRITES

_RESULTS = Path(__file__).parent / "results"
_SECTIONS = ("reads", "writes", "memory", "cold", "engine")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure this layer and its peers side by side.")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (default: 5)")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS), help="contenders")
    parser.add_argument("--sections", nargs="+", choices=_SECTIONS, default=list(_SECTIONS), help="what is measured")
    parser.add_argument("--endpoint", help="an engine that is running, for writes (default: DynamoDB Local if found)")
    parser.add_argument("--out", type=Path, default=_RESULTS, help="the folder for latest.json and the chart")
    return parser.parse_args()


def _machine() -> dict[str, Any]:
    processor = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        processor = names[0] if names else processor
    return {"processor": processor, "cores": os.cpu_count(), "system": platform.system()}


def _measure(arguments: argparse.Namespace, results: Results, console: Console) -> None:
    def say(text: str) -> None:
        console.print(f"[dim]{datetime.now(UTC):%H:%M:%S} {text}[/dim]")

    contenders, sections = arguments.only, arguments.sections
    works = [work for section, some in (("reads", READS), ("writes", WRITES)) if section in sections for work in some]
    with canned_server() as endpoint:
        if works:
            measuring.measure_cpu(endpoint, contenders, works, results, say)
            results.loads.append(os.getloadavg()[0])
        if "memory" in sections:
            measuring.measure_memory(endpoint, contenders, results, say)
            results.loads.append(os.getloadavg()[0])
        if "cold" in sections:
            environments = {CONTENDERS[name].environment for name in contenders}
            measuring.measure_cold(endpoint, environments, results, say)
            results.loads.append(os.getloadavg()[0])
    if "engine" in sections:
        with ExitStack() as stack:
            found = stack.enter_context(engine.find(arguments.endpoint))
            if found is None:
                say("no engine was found: writes are measured against the canned server only")
                return
            results.engine = found.name
            measuring.measure_engine(found.endpoint, contenders, results, say)


def main() -> None:
    arguments = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 160)
    results = Results(datetime.now(UTC).isoformat(timespec="seconds"), _machine(), arguments.rounds)
    results.loads.append(os.getloadavg()[0])
    try:
        _measure(arguments, results, console)
    except KeyboardInterrupt:
        console.print("[yellow]Interrupted: these are the figures until then.[/yellow]")
    evaluated = goals.evaluate(results)
    report.print_report(results, evaluated, console)
    results.write(arguments.out / "latest.json", goals=[goal.as_dict() for goal in evaluated])
    files = chart.draw(results, arguments.out)
    console.print("\nWritten: " + ", ".join(str(file) for file in (arguments.out / "latest.json", *files)))


if __name__ == "__main__":
    main()
