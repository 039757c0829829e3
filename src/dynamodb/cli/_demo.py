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
from dynamodb.cli._tree_text import coverage, draw, nodes, summary
from dynamodb.repositories import HierarchyRepository
from models._kinds import PROJECT

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
    given = read_tree(text, str(file or "sample.json"))
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
    cost = {
        what: {"requests": used.requests, "read_units": used.read_units, "write_units": used.write_units}
        for what, used in (("write", writing), ("read", reading))
    }
    if out.as_json:
        out.result({"id": tree.id, **coverage(tree), "cost": cost})
        return
    out.show(draw(tree))
    out.show(summary(out, tree))
    out.show(Text("all of it was read back in the order of the file"))
    for title, used in (("Writing it", writing), ("Reading it back", reading)):
        out.show(Text(f"\n{title} cost", style="bold"))
        out.show(Text(used.table()))
    out.note("the units are those that DynamoDB charges; moto itself counts none by size")


def _names(tree: Any) -> list[tuple[str, str]]:
    return [(kind.key, node.name) for kind, node in nodes(PROJECT, tree)]
