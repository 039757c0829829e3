"""`project list`, `show`, `tree` and `export`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from dynamodb import scan_items
from dynamodb.cli import _statuses as status
from dynamodb.cli._asking import Yes, confirm, what_is_left
from dynamodb.cli._command import FailedError, command
from dynamodb.cli._files import is_lines, write_file
from dynamodb.cli._output import Output, clean, moment, one_line
from dynamodb.cli._progress import progress
from dynamodb.cli._project import ProjectId, project
from dynamodb.cli._tree_html import write_page
from dynamodb.cli._tree_text import coverage, draw, summary
from dynamodb.repositories import HierarchyRepository, ProjectRepository
from models.requirement import Project

User = Annotated[str | None, typer.Option("--user", metavar="ID", help="Of this owner.")]


#: Shown last.
_BOOKKEEPING = frozenset({"created_at", "updated_at", "version"})


@command(project, "list")
def list_projects(
    out: Output,
    *,
    user: User = None,
    name: Annotated[str | None, typer.Option(help="With exactly this name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them: reads the whole table.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    newest_first: Annotated[bool, typer.Option("--newest-first", help="The other way round.")] = False,
) -> None:
    """List the projects of an owner, or with a name, in the order they were created."""
    if [user is not None, name is not None, everything].count(True) != 1:
        raise FailedError("say which projects: give one of --user, --name and --all")
    if everything:
        if limit or cursor or newest_first:
            raise FailedError("--all cannot be combined with --limit, --cursor and --newest-first")
        _list(out, _all(), None)
        return
    repository = ProjectRepository()
    if limit is None and cursor is None:
        iterate = (
            partial(repository.iter_by_user, user) if user is not None else partial(repository.iter_by_name, name or "")
        )
        _list(out, list(iterate(newest_first=newest_first)), None)
        return
    find = partial(repository.list_by_user, user) if user is not None else partial(repository.list_by_name, name or "")
    page = find(limit=limit, cursor=cursor, newest_first=newest_first)
    _list(out, page.items, page.cursor)


def _list(out: Output, found: Sequence[Project], cursor: str | None) -> None:
    table = out.table("id", "name", "owner", "created")
    for one in found:
        table.add_row(one_line(one.id), one_line(one.name), one_line(one.user_id), moment(one.created_at))
    out.result({"items": [one.model_dump(mode="json") for one in found], "cursor": cursor}, table)
    if cursor:
        out.note(f"there are more: --cursor {cursor}")
    elif not found:
        out.note("none")


def _all() -> list[Project]:
    answer = scan_items("projects")
    if answer["status"] != "success":
        raise FailedError(answer["message"], code=answer["code"], exit_status=status.status_of_code(answer["code"]))
    shown = (Project.model_validate(item) for item in answer["data"] if "tree_state" not in item)
    return sorted(shown, key=lambda one: (one.created_at, one.id))


@command(project, "show")
def show(out: Output, project_id: ProjectId) -> None:
    """Show a project's own fields; `project tree` shows what is under it."""
    one = ProjectRepository().get(project_id)
    table = out.table("", "")
    fields = one.model_dump(mode="json")
    for field, value in sorted(fields.items(), key=lambda item: item[0] in _BOOKKEEPING):
        table.add_row(Text(field, style="bold"), "" if value is None else clean(str(value)))
    out.result(fields, table)


@command(project, "tree")
def tree(
    out: Output,
    project_id: ProjectId,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write it as one web page with search, collapse and a traceability table; - is standard output.",
        ),
    ] = None,
    *,
    yes: Yes = False,
) -> None:
    """Print a project with everything under it; low-level requirements without a test case are marked."""
    found = HierarchyRepository().load(project_id)
    data: dict[str, Any] = {"coverage": coverage(found)}
    if html:
        _ask_before_overwriting(out, html, yes=yes)
        write_file(html, write_page(found))
        if str(html) == "-":
            return
        out.result({"id": found.id, "file": str(html), **data}, Text(f"{html} written"))
        return
    if out.as_json:
        out.result({"project": found.model_dump(mode="json"), **data})
        return
    out.show(draw(found))
    out.show(summary(out, found))


@command(project, "export")
def export(
    out: Output,
    project_id: ProjectId,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="- is standard output.")],
    *,
    lines: Annotated[
        bool,
        typer.Option("--lines", help="A row a line, for projects too big for memory; so are .ndjson and .jsonl files."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Write a project with everything under it to a file that `project import` reads."""
    repository = HierarchyRepository()
    _ask_before_overwriting(out, file, yes=yes)
    count = 0

    def counted() -> Any:
        nonlocal count
        with progress(out, "exporting") as tell:
            for line in repository.export_lines(project_id):
                count += 1
                tell(1)
                yield line

    with what_is_left(out, f"{file} is as it was before"):
        if is_lines(file, asked=lines):
            write_file(file, counted())
        else:
            found = repository.load(project_id)
            count = 1 + sum(coverage(found)["counts"].values())
            write_file(file, found.model_dump_json(indent=2) + "\n")
    if str(file) != "-":
        out.result({"id": project_id, "file": str(file), "rows": count}, Text(f"{count} rows written to {file}"))


def _ask_before_overwriting(out: Output, file: Path, *, yes: bool) -> None:
    if file.is_file():
        confirm(out, f"{file} is there. Write over it?", yes=yes)
