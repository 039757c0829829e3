"""`demo`: a requirement hierarchy through the embedded engine, with what it costs."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from dynamodb import capacity
from dynamodb._tables import create_all
from dynamodb.cli import _statuses as status
from dynamodb.cli._app import app
from dynamodb.cli._command import FailedError, command
from dynamodb.cli._embedded import embedded_engine
from dynamodb.cli._files import read_file, read_tree
from dynamodb.cli._output import Output
from dynamodb.cli._tree_text import counts, draw, nodes, untested
from dynamodb.repositories import HierarchyRepository
from models._kinds import HIERARCHY, PROJECT
from models.requirement import ProjectTree

_PREFIX = "demo-vishmaker-"


@command(app, "demo")
def demo(
    out: Output,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A tree as JSON; default: a small sample.")
    ] = None,
) -> None:
    """Load a requirement hierarchy into an engine inside this process, read it back, and print it with its cost.

    Whatever endpoint, region, table names or credentials are set: only this machine's loopback is used.
    """
    text = read_file(file) if file else files("dynamodb.cli").joinpath("sample.json").read_text(encoding="utf-8")
    given = read_tree(text, str(file or "sample.json"), user_id=None)
    with embedded_engine(prefix=_PREFIX) as endpoint:
        out.note(f"moto's server at {endpoint}, in this process; nothing else is reached")
        create_all()
        repository = HierarchyRepository()
        with capacity() as writing:
            repository.create(given)
        with capacity() as reading:
            tree = repository.load(given.id)
    if _names(tree) != _names(given):
        raise FailedError("what was read is not what was written", code="unexpected", exit_status=status.NO)
    found = counts(tree)
    cost = {
        what: {"requests": used.requests, "read_units": used.read_units, "write_units": used.write_units}
        for what, used in (("write", writing), ("read", reading))
    }
    out.show(draw(tree))
    _summarise(out, tree)
    for title, used in (("Writing it", writing), ("Reading it back", reading)):
        out.show(Text(f"\n{title} cost", style="bold"))
        out.show(Text(used.table()))
    out.note("moto counts whole units, and none for transactions; DynamoDB counts by size")
    if out.as_json:
        out.result({"id": tree.id, "counts": found, "without_test_case": len(untested(tree)), "cost": cost})


def _summarise(out: Output, tree: ProjectTree) -> None:
    found = counts(tree)
    table = out.table("level", "rows", numbers=("rows",))
    for kind in HIERARCHY[1:]:
        table.add_row(f"{kind.label}s", str(found[kind.key]))
    out.show(Text(""))
    out.show(table)
    out.show(
        Text(f"read back in the order of the file; {len(untested(tree))} low-level requirements have no test case")
    )


def _names(tree: Any) -> list[tuple[str, str]]:
    return [(kind.key, node.name) for kind, node in nodes(PROJECT, tree)]
