"""Rows a second and memory of a migration as the database grows: `make bench-migration`.

A generated PostgreSQL is migrated into DynamoDB Local, each size in a process of its own, whose peak of memory is taken
from the kernel. Beside it stands what is written in an afternoon: a loop over the tables around boto3's `batch_writer`,
without checkpoint, checks, quarantine or order of siblings. The dry run goes over more rows: it shows what reading and
converting take, and that memory stays flat.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

Results = list[dict[str, object]]

_RESULTS = Path(__file__).parent / "results" / "migration.json"
#: Rows of a project: 1 + 4 + 16 + 64 + 256.
_ROWS_EACH = 1 + 4 + 16 + 64 + 256
_WRITTEN, _READ = (5_000, 50_000), (5_000, 50_000, 1_000_000)
_LEVELS = ("user_flows", "high_level_requirements", "low_level_requirements", "test_cases")


def _dry_run(url: str) -> None:
    from dynamodb.migrate import Owners, summarize  # noqa: PLC0415 - what is measured
    from dynamodb.migrate._postgres import snapshot  # noqa: PLC0415

    with snapshot(url) as source:
        summarize(source, Owners("bench"))


def _migrate(url: str) -> None:
    from dynamodb.migrate import Owners, migrate  # noqa: PLC0415 - what is measured
    from dynamodb.migrate._postgres import snapshot  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, snapshot(url) as source:
        migrate(source, Owners("bench"), state=Path(folder))


def _verify(url: str) -> None:
    from dynamodb.migrate import Owners, verify  # noqa: PLC0415 - what is measured
    from dynamodb.migrate._postgres import snapshot  # noqa: PLC0415

    with snapshot(url) as source:
        found = verify(source, Owners("bench"))
    assert found.wrong == 0, found.differences[:3]


def _plain(url: str) -> None:
    """Write the same rows with boto3's resource, as its documentation shows it."""
    import boto3  # noqa: PLC0415 - what is measured
    import psycopg  # noqa: PLC0415

    from dynamodb import TABLE_NAMES  # noqa: PLC0415

    resource = boto3.resource("dynamodb", endpoint_url=os.environ["DYNAMODB_ENDPOINT_URL"], region_name="us-east-1")
    project_of: dict[str, str] = {}
    with psycopg.connect(url) as connection:
        for table in ("projects", *_LEVELS, "waitlist"):
            with connection.cursor(table) as cursor, resource.Table(TABLE_NAMES[table]).batch_writer() as batch:
                cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - one of six names
                names = [column.name for column in cursor.description or ()]
                for values in cursor:
                    batch.put_item(Item=_plain_item(table, dict(zip(names, values, strict=True)), project_of))


def _plain_item(table: str, row: dict[str, object], project_of: dict[str, str]) -> dict[str, object]:
    serial, key = str(row.pop("id")), str(row.get("uiid"))
    if table == "projects":
        project_of[serial] = str(uuid.uuid5(uuid.NAMESPACE_URL, serial))
        row |= {"id": project_of[serial], "user_id": "bench"}
    elif table != "waitlist":
        above = row["project_id"] if table == "user_flows" else row["parent_uiid"]
        row["project_id"] = project_of[key] = project_of[str(above)]
    created = row["created_at"]
    for name, moment in (("created_at", created), ("updated_at", row.get("updated_at") or created)):
        row[name] = moment.isoformat(timespec="microseconds")  # type: ignore[attr-defined] # a datetime
    return {name: value for name, value in row.items() if value is not None} | {"version": 1}


_WORKS: dict[str, Callable[[str], None]] = {
    "dry run": _dry_run,
    "boto3 batch_writer": _plain,
    "migrate": _migrate,
    "verify": _verify,
}


def _work(what: str, url: str) -> None:
    """In a process of its own: do it, and print the seconds, of CPU, too, and the peak of memory."""
    _reset_peak()
    begun = time.perf_counter()
    _WORKS[what](url)
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


def _run(console: Console, written: list[int], read: list[int], keep: Callable[[Results], None]) -> Results:
    import dynamodb  # noqa: PLC0415 - not needed by a process that measures
    from support.migrating import fill, make_schema  # noqa: PLC0415 - of the tests
    from support.postgres import empty_database, postgres_server  # noqa: PLC0415

    results: Results = []
    with postgres_server() as server:
        for size in sorted({*written, *read}):
            with empty_database(server) as url:
                make_schema(url)
                rows = fill(url, projects=max(1, size // _ROWS_EACH), widths=(4, 4, 4, 4), entries=size // 100)
                for what in ["dry run"] * (size in read) + ["boto3 batch_writer", "migrate", "verify"] * (
                    size in written
                ):
                    if what in {"boto3 batch_writer", "migrate"}:
                        dynamodb.delete_all_tables()
                        dynamodb.create_all_tables()
                    results.append({"work": what, **_measure(what, url, rows), "load": os.getloadavg()[0]})
                    console.print(f"[dim]{what}, {rows:,} rows[/dim]")
                    keep(results)
    return results


def _keep(results: Results) -> None:
    """Write what was measured so far: a run that is interrupted leaves it."""
    content = {"ratios": _ratios(results), "measured": results}
    _RESULTS.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _ratios(results: Results) -> dict[str, float]:
    """What is compared: with boto3 in the same run, and the largest with the smallest."""
    by_work: dict[str, list[dict[str, float]]] = {}
    for one in results:
        by_work.setdefault(str(one["work"]), []).append({name: float(str(one[name])) for name in one if name != "work"})
    ratios = {}
    for plain, ours in zip(by_work.get("boto3 batch_writer", ()), by_work.get("migrate", ()), strict=False):
        rows = f"{ours['rows']:,.0f} rows"
        ratios[f"rows a second, migrate ÷ boto3 batch_writer, {rows}"] = plain["seconds"] / ours["seconds"]
        ratios[f"CPU, migrate ÷ boto3 batch_writer, {rows}"] = ours["cpu"] / plain["cpu"]
    for what, measured in by_work.items():
        for one, larger in itertools.pairwise(measured):
            rows = f"{larger['rows']:,.0f} rows ÷ {one['rows']:,.0f}"
            ratios[f"peak of memory, {what}, {rows}"] = larger["peak"] / one["peak"]
    return {name: round(ratio, 2) for name, ratio in ratios.items()}


def _table(results: Results) -> Table:
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
    parser.add_argument("--quick", action="store_true", help="the smallest size only, and nothing is kept")
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
    keep = _no_keeping if arguments.quick else _keep
    results = _run(console, list(_WRITTEN[sizes]), list(_READ[sizes]), keep)
    console.print(_table(results))
    for name, ratio in _ratios(results).items():
        console.print(f"{ratio:6.2f}  {name}")


def _no_keeping(_: Results) -> None:
    """A quick run proves that it runs."""


if __name__ == "__main__":
    main()
