"""Rows a second and memory of a migration as the database grows: `make bench-migration`.

A generated PostgreSQL is migrated into DynamoDB Local, each size in a process of its own, whose peak of memory is taken
from the kernel. The dry run goes over more rows: it shows what reading and converting take, and that memory stays flat.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

_RESULTS = Path(__file__).parent / "results" / "migration.json"
#: Projects of 340 rows each: 1 + 4 + 16 + 64 + 256, less one level's remainder.
_ROWS_EACH = 1 + 4 + 16 + 64 + 256
_WRITTEN, _READ = (20_000, 200_000), (20_000, 200_000, 1_000_000)


def _work(what: str, url: str) -> None:
    """In a process of its own: do it, and print the seconds and the peak of memory."""
    from dynamodb.migrate import Owners, migrate, summarize, verify  # noqa: PLC0415 - what is measured
    from dynamodb.migrate._postgres import snapshot  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, snapshot(url) as source:
        _reset_peak()
        begun = time.perf_counter()
        if what == "dry run":
            summarize(source, Owners("bench"))
        elif what == "migrate":
            migrate(source, Owners("bench"), state=Path(folder))
        else:
            found = verify(source, Owners("bench"))
            assert found.wrong == 0, found.differences[:3]
        seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "cpu": time.process_time(), "peak": _peak()}))


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _measure(what: str, url: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.migration", "--work", what, url]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {"rows": rows, **json.loads(done.stdout)}


def _run(console: Console, written: list[int], read: list[int]) -> list[dict[str, object]]:
    import dynamodb  # noqa: PLC0415 - not needed by a process that measures
    from support.migrating import fill, make_schema  # noqa: PLC0415 - of the tests
    from support.postgres import empty_database, postgres_server  # noqa: PLC0415

    results: list[dict[str, object]] = []
    with postgres_server() as server:
        for size in sorted({*written, *read}):
            with empty_database(server) as url:
                make_schema(url)
                rows = fill(url, projects=max(1, size // _ROWS_EACH), widths=(4, 4, 4, 4), entries=size // 100)
                works = ["dry run"] * (size in read) + ["migrate", "verify"] * (size in written)
                if size in written:
                    dynamodb.create_all_tables()
                for what in works:
                    results.append({"work": what, **_measure(what, url, rows)})
                    console.print(f"[dim]{what}, {rows:,} rows[/dim]")
                if size in written:
                    dynamodb.delete_all_tables()
    return results


def _table(results: list[dict[str, object]]) -> Table:
    table = Table(title="Migration", title_justify="left")
    for column in ("work", "rows", "rows/s", "CPU µs/row", "peak MB"):
        table.add_column(column, justify="left" if column == "work" else "right")
    for one in results:
        rows, seconds, cpu, peak = (float(str(one[name])) for name in ("rows", "seconds", "cpu", "peak"))
        figures = (f"{rows:,.0f}", f"{rows / seconds:,.0f}", f"{cpu / rows * 1e6:,.0f}", f"{peak / 1e6:,.0f}")
        table.add_row(str(one["work"]), *figures)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.migration", description="Measure a migration from PostgreSQL.")
    parser.add_argument("--work", nargs=2, metavar=("WHAT", "URL"), help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="the smallest size only")
    arguments = parser.parse_args()
    if arguments.work:
        _work(*arguments.work)
        return
    endpoint = os.environ.get("DYNAMODB_TEST_ENDPOINT")
    if not endpoint:
        sys.exit("it needs an engine: `make bench-migration` starts DynamoDB Local")
    os.environ |= {
        "DYNAMODB_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "DYNAMODB_READ_TIMEOUT": "30",
    }
    console = Console(width=None if sys.stdout.isatty() else 160)
    sizes = slice(1 if arguments.quick else None)
    results = _run(console, list(_WRITTEN[sizes]), list(_READ[sizes]))
    console.print(_table(results))
    _RESULTS.parent.mkdir(exist_ok=True)
    _RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
