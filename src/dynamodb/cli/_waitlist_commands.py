"""`waitlist`: the sign-ups."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from dynamodb.cli import _statuses as status
from dynamodb.cli._app import app
from dynamodb.cli._asking import DryRun, Yes, confirm, what_is_left
from dynamodb.cli._command import FailedError, command
from dynamodb.cli._files import write_file
from dynamodb.cli._output import Output, moment, one_line
from dynamodb.cli._progress import progress
from dynamodb.errors import DataLayerError
from dynamodb.repositories import WaitlistRepository
from models.waitlist import Waitlist, WaitlistEntity

waitlist = typer.Typer(help="The waitlist: list, add, update, stats, export.", no_args_is_help=True)
app.add_typer(waitlist, name="waitlist")

_AT_ONCE = 100
_COLUMNS = ("email", "status", "notes", "created_at", "updated_at", "version")


class Status(StrEnum):
    """What a sign-up can be."""

    PENDING = "pending"
    CONTACTED = "contacted"
    CONVERTED = "converted"


class Format(StrEnum):
    """What an export can be."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


Of = Annotated[Status | None, typer.Option("--status", help="Only these; default: all, which reads the whole table.")]


@command(waitlist, "list")
def list_entries(
    out: Output,
    *,
    of: Of = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    newest_first: Annotated[bool, typer.Option("--newest-first", help="The other way round.")] = False,
) -> None:
    """List the entries in the order they signed up."""
    found = _entries(of, newest_first=newest_first)
    if of is None:
        found = iter(sorted(found, key=lambda entry: (entry.created_at, entry.email), reverse=newest_first))
    entries = list(islice(found, limit))
    table = out.table("email", "status", "signed up", "notes")
    for entry in entries:
        table.add_row(
            one_line(entry.email), one_line(entry.status), moment(entry.created_at), one_line(entry.notes or "")
        )
    out.result([entry.model_dump(mode="json") for entry in entries], table)


@command(waitlist, "add")
def add(
    out: Output,
    email: Annotated[str, typer.Argument(metavar="EMAIL")],
    *,
    of: Annotated[Status, typer.Option("--status", help="Its status.")] = Status.PENDING,
    notes: Annotated[str | None, typer.Option(help="Up to 500 characters.")] = None,
) -> None:
    """Add an address; one that is there, in whatever case, is refused."""
    fields = {"email": email, "status": of.value, **({"notes": notes} if notes else {})}
    with what_is_left(out, f"{email} may have been added"):
        made = WaitlistRepository().create(fields)
    out.result(made.model_dump(mode="json"), Text(f"{made.email} is {made.status}"))


@command(waitlist, "update")
def update(
    out: Output,
    emails: Annotated[list[str], typer.Argument(metavar="EMAIL...", help="- reads them from standard input.")],
    *,
    to: Annotated[Status | None, typer.Option("--status", help="The new status.")] = None,
    notes: Annotated[str | None, typer.Option(help="New notes, of a single entry; an empty text removes them.")] = None,
    dry_run: DryRun = False,
) -> int:
    """Change the status of entries, or the notes of one."""
    addresses = [line.strip() for line in sys.stdin if line.strip()] if emails == ["-"] else emails
    if to is None and notes is None:
        raise FailedError("say what to change: --status, --notes")
    if notes is not None and len(addresses) != 1:
        raise FailedError("--notes is for a single entry")
    if dry_run:
        return _report(out, [(email, WaitlistRepository().find(email)) for email in addresses], "would be changed")
    if notes is not None:
        changes = {"notes": notes or None, **({"status": to.value} if to else {})}
        with what_is_left(out, f"{addresses[0]} may have been changed"):
            changed = WaitlistRepository().update(addresses[0], changes)
        return _report(out, [(addresses[0], changed)], "changed")
    done: list[tuple[str, Waitlist | DataLayerError | None]] = []
    left = "some entries may be changed; the same command again changes the rest"
    with what_is_left(out, left), progress(out, "updating", len(addresses)) as tell:
        for start in range(0, len(addresses), _AT_ONCE):
            some = addresses[start : start + _AT_ONCE]
            done += zip(some, WaitlistRepository().update_status(some, str(to)), strict=True)
            tell(len(some))
    return _report(out, done, "changed")


def _report(out: Output, done: Iterable[tuple[str, Waitlist | DataLayerError | None]], said: str) -> int:
    results = []
    table = out.table("email", "", "status")
    for email, entry in done:
        if isinstance(entry, Waitlist):
            results.append({"email": entry.email, "ok": True, "status": entry.status})
            table.add_row(one_line(entry.email), said, one_line(entry.status))
        else:
            code = entry.code if entry else "not_found"
            results.append({"email": email, "ok": False, "code": code})
            table.add_row(one_line(email), Text(code, style="red"), "")
    out.result(results, table)
    failed = [result for result in results if not result["ok"]]
    if failed:
        out.warn(f"{len(failed)} of {len(results)} were not changed")
        return status.status_of_code(str(failed[0]["code"]))
    return status.OK


@command(waitlist, "stats")
def stats(out: Output) -> None:
    """Count the entries by status. Reads the whole table."""
    answer = WaitlistEntity.get_stats()
    if answer["status"] != "success":
        raise FailedError(answer["message"], code=answer["code"], exit_status=status.status_of_code(answer["code"]))
    data = answer["data"]
    table = out.table("status", "entries", numbers=("entries",))
    for name in dict.fromkeys((*Status, *data["status_counts"])):
        table.add_row(one_line(name), str(data["status_counts"].get(name, 0)))
    table.add_row(Text("all", style="bold"), str(data["total_count"]))
    out.result(data, table)


@command(waitlist, "export")
def export(
    out: Output,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="- is standard output.")],
    *,
    form: Annotated[Format | None, typer.Option("--format", help="Default: what the file is called, else csv.")] = None,
    of: Of = None,
    yes: Yes = False,
) -> None:
    """Write all entries, or those of a status, to a file. It holds e-mail addresses: keep it accordingly."""
    chosen = form or _form_of(file)
    if file.is_file():
        confirm(out, f"{file} is there. Write over it?", yes=yes)
    count = 0
    with what_is_left(out, f"{file} is as it was before"), progress(out, "exporting") as tell:

        def counted() -> Iterator[Waitlist]:
            nonlocal count
            for entry in _entries(of, newest_first=False):
                count += 1
                tell(1)
                yield entry

        write_file(file, _WRITERS[chosen](counted()))
    if str(file) != "-":
        out.result(
            {"file": str(file), "format": chosen.value, "rows": count}, Text(f"{count} entries written to {file}")
        )


def _form_of(file: Path) -> Format:
    names = {".json": Format.JSON, ".ndjson": Format.NDJSON, ".jsonl": Format.NDJSON}
    return names.get(file.suffix.lower(), Format.CSV)


def _entries(of: Status | None, *, newest_first: bool) -> Iterator[Waitlist]:
    repository = WaitlistRepository()
    return repository.iter_by_status(of.value, newest_first=newest_first) if of else repository.iter_all()


def _csv(entries: Iterable[Waitlist]) -> Iterator[bytes]:
    yield _line(_COLUMNS)
    for entry in entries:
        fields = entry.model_dump(mode="json")
        yield _line(_harmless(fields[name]) for name in _COLUMNS)


def _line(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode("utf-8")


def _harmless(value: object) -> object:
    """Keep a spreadsheet from taking what somebody typed for a formula: OWASP's "CSV Injection"."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _ndjson(entries: Iterable[Waitlist]) -> Iterator[bytes]:
    for entry in entries:
        yield entry.model_dump_json().encode("utf-8") + b"\n"


def _json(entries: Iterable[Waitlist]) -> Iterator[bytes]:
    yield json.dumps([entry.model_dump(mode="json") for entry in entries], ensure_ascii=False, indent=2).encode("utf-8")
    yield b"\n"


_WRITERS = {Format.CSV: _csv, Format.NDJSON: _ndjson, Format.JSON: _json}
