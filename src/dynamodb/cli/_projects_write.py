"""`project create`, `import`, `copy`, `move` and `delete`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from dynamodb import generate_uuid
from dynamodb.cli._asking import DryRun, Yes, confirm, what_is_left, where
from dynamodb.cli._command import FailedError, command
from dynamodb.cli._files import is_lines, read_file, read_lines, read_tree
from dynamodb.cli._output import Output
from dynamodb.cli._progress import progress
from dynamodb.cli._project import ProjectId, project
from dynamodb.cli._tree_text import counts, rows_of
from dynamodb.repositories import HierarchyRepository, ProjectRepository
from models._copying import derived_id
from models._kinds import HIERARCHY, PROJECT, Kind, child_kind
from models.requirement import ProjectTreeCreate

NewId = Annotated[
    str | None,
    typer.Option(
        "--id",
        metavar="ID",
        help="The new project's id; the same command with the same id finishes an interrupted one.",
    ),
]


@command(project, "create")
def create(
    out: Output,
    *,
    name: Annotated[str, typer.Option(help="1 to 255 characters.")],
    user: Annotated[str, typer.Option(metavar="ID", help="The owner.")],
    prompt: Annotated[str | None, typer.Option(help="The idea that it begins with.")] = None,
) -> None:
    """Create an empty project and print its id."""
    fields = {"name": name, "user_id": user, **({"initial_prompt": prompt} if prompt else {})}
    with what_is_left(out, "the project may have been created: `project list` tells"):
        made = ProjectRepository().create(fields)
    out.result(made.model_dump(mode="json"), Text(made.id))


@command(project, "import")
def import_project(
    out: Output,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `project export` writes; - is standard input.")],
    *,
    user: Annotated[str | None, typer.Option(metavar="ID", help="The owner; default: the file's.")] = None,
    name: Annotated[str | None, typer.Option(help="Default: the file's.")] = None,
    new_id: NewId = None,
    keep_ids: Annotated[
        bool, typer.Option("--keep-ids", help="Every row keeps the id that the file gives it.")
    ] = False,
    lines: Annotated[bool, typer.Option("--lines", help="A row a line; so are .ndjson and .jsonl files.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Create a project with everything under it from a file, and print its new id."""
    if keep_ids and new_id:
        raise FailedError("--id and --keep-ids exclude each other")
    if is_lines(file, asked=lines):
        _import_lines(out, file, user=user, name=name, new_id=new_id, keep_ids=keep_ids, dry_run=dry_run)
        return
    tree = read_tree(read_file(file), str(file), user_id=user, name=name)
    if not keep_ids:
        _give_ids(tree, new_id)
    found = {"id": tree.id, "dry_run": dry_run, "counts": counts(tree)}
    if dry_run:
        out.result(found, Text(f"would create {rows_of(counts(tree))} for {tree.user_id}"))
        return
    with (
        what_is_left(out, _half(tree.id, keep_ids=keep_ids)),
        progress(out, "importing", 1 + sum(counts(tree).values())) as tell,
    ):
        HierarchyRepository().create(tree, progress=tell)
    out.result(found, Text(tree.id))
    out.note(f"{rows_of(counts(tree))} for {tree.user_id}")


def _half(project_id: str, *, keep_ids: bool) -> str:
    again = "the same command again" if keep_ids else f"the same command with --id {project_id}"
    return (
        f"project {project_id} may be partly written and is then hidden: {again} finishes it, "
        f"`project delete {project_id}` takes it away"
    )


def _give_ids(tree: ProjectTreeCreate, new_id: str | None) -> None:
    """Give every node an id that follows from the project's and from its place, so that a second call gives the same.

    They stay out of the fields that were set: ids that follow from a new one are new, and need not be looked for.
    """
    project_id = new_id or generate_uuid()
    for kind, node, place in _places(PROJECT, tree, ""):
        setattr(node, kind.id_field, derived_id(project_id, place) if place else project_id)
        if place or not new_id:
            node.model_fields_set.discard(kind.id_field)


def _places(kind: Kind, node: Any, place: str) -> Iterator[tuple[Kind, Any, str]]:
    yield kind, node, place
    below = child_kind(kind)
    if below:
        for number, child in enumerate(getattr(node, str(kind.children_field)), start=1):
            yield from _places(below, child, f"{place}.{number}")


def _import_lines(
    out: Output, file: Path, *, user: str | None, name: str | None, new_id: str | None, keep_ids: bool, dry_run: bool
) -> None:
    if name or dry_run:
        raise FailedError("--name and --dry-run need the whole tree in memory: not with lines")
    project_id = None if keep_ids else new_id or generate_uuid()
    with (
        what_is_left(out, _half(project_id or "of the first line", keep_ids=keep_ids)),
        progress(out, "importing bytes", None if str(file) == "-" else lambda: file.stat().st_size) as tell,
        read_lines(file) as source,
    ):
        made = HierarchyRepository().import_lines(
            _told(source, tell), user_id=user, new_id=project_id, keep_ids=keep_ids
        )
    out.result({"id": made, "dry_run": False}, Text(made))


@command(project, "copy")
def copy(
    out: Output,
    project_id: ProjectId,
    *,
    name: Annotated[str | None, typer.Option(help="Of the copy; default: the same.")] = None,
    user: Annotated[str | None, typer.Option(metavar="ID", help="Owner of the copy; default: the same.")] = None,
    new_id: NewId = None,
    dry_run: DryRun = False,
) -> None:
    """Copy a project with everything under it, and print the copy's id."""
    repository = HierarchyRepository()
    if dry_run:
        found = counts(repository.load(project_id))
        out.result({"id": None, "dry_run": True, "counts": found}, Text(f"would copy {rows_of(found)}"))
        return
    copy_id = new_id or generate_uuid()
    with (
        what_is_left(out, _half(copy_id, keep_ids=False)),
        progress(out, "copying", lambda: repository.delete_project(project_id, dry_run=True).total) as tell,
    ):
        made = repository.copy_project(project_id, name=name, user_id=user, new_id=copy_id, progress=tell)
    out.result({"id": made.id, "dry_run": False, "counts": counts(made)}, Text(made.id))
    out.note(f"{rows_of(counts(made))} for {made.user_id}")


@command(project, "move")
def move(
    out: Output,
    uiid: Annotated[str, typer.Argument(metavar="UIID", help="Of a requirement or test case.")],
    parent: Annotated[str, typer.Argument(metavar="PARENT", help="Of a row one level above, in the same project.")],
) -> None:
    """Give a requirement or test case another parent; what is under it comes with it."""
    with what_is_left(out, f"{uiid} may have been moved; the same command again is safe"):
        moved = HierarchyRepository().move(uiid, parent)
    out.result(moved.model_dump(mode="json"), Text(f"{uiid} is now under {parent}"))


@command(project, "delete")
def delete(out: Output, project_id: ProjectId, *, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Delete a project with everything under it."""
    repository = HierarchyRepository()
    there = repository.delete_project(project_id, dry_run=True)
    below = {kind.key: there.counts[kind.key] for kind in HIERARCHY[1:]}
    if dry_run:
        out.result({"id": project_id, "dry_run": True, "deleted": there.counts}, Text(f"would delete {rows_of(below)}"))
        return
    confirm(out, f"Delete project {project_id} at {where()} with {rows_of(below)}?", yes=yes)
    left = f"project {project_id} is hidden and partly deleted; the same command again deletes the rest"
    with what_is_left(out, left), progress(out, "deleting", there.total) as tell:
        deleted = repository.delete_project(project_id, progress=tell)
    below = {kind.key: deleted.counts[kind.key] for kind in HIERARCHY[1:]}
    out.result(
        {"id": project_id, "dry_run": False, "deleted": deleted.counts},
        Text(f"project {project_id} deleted, with {rows_of(below)}"),
    )


def _told(lines: Iterator[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
    for line in lines:
        tell(len(line))
        yield line
