"""`tables`: the tables themselves, of either layout."""

from typing import Annotated, Any

import typer
from rich.text import Text

from dynamodb import TABLE_NAMES, get_table_info, list_all_tables
from dynamodb._answers import Answer
from dynamodb._tables import create_all, delete_all, existing, require_consent
from dynamodb.cli import _statuses as status
from dynamodb.cli._app import app
from dynamodb.cli._asking import DryRun, Yes, confirm, what_is_left, where
from dynamodb.cli._command import FailedError, command
from dynamodb.cli._output import Output

tables = typer.Typer(help="The tables: create, delete, describe, list.", no_args_is_help=True)
app.add_typer(tables, name="tables")


@command(tables, "create")
def create(out: Output, *, dry_run: DryRun = False) -> None:
    """Create the tables that are missing, from the models, and wait until they are active."""
    if dry_run:
        made = {name: not is_there for name, is_there in existing().items()}
    else:
        with what_is_left(out, "some tables may be created; the same command again creates the rest"):
            made = create_all()
    new = [name for name, is_new in made.items() if is_new]
    table = out.table("table", "")
    for name, is_new in made.items():
        table.add_row(name, ("would be created" if dry_run else "created") if is_new else "was there")
    out.result({"dry_run": dry_run, "created": new, "existing": [name for name in made if name not in new]}, table)


@command(tables, "delete")
def delete(out: Output, *, yes: Yes = False, dry_run: DryRun = False, prefix: str | None = None) -> None:
    """Delete the tables of the layout with everything in them.

    Anywhere but on this machine, --prefix must say exactly what the names of all tables start with.
    """
    require_consent(prefix)
    there = [name for name, is_there in existing().items() if is_there]
    if not dry_run and there:
        question = f"Delete {len(there)} tables at {where()} with everything in them ({', '.join(there)})?"
        confirm(out, question, yes=yes)
        with what_is_left(out, "some tables may be deleted; the same command again deletes the rest"):
            there = delete_all(table_prefix=prefix)
    said = (
        "no table was there"
        if not there
        else "\n".join(f"{name}  {'would be deleted' if dry_run else 'deleted'}" for name in there)
    )
    out.result({"dry_run": dry_run, "deleted": there}, Text(said))


@command(tables, "describe")
def describe(
    out: Output,
    name: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="Its name, or for example user_flows.")] = None,
) -> None:
    """Describe the tables of the layout, or one: state, items, keys, indexes."""
    found = [_data(get_table_info(one)) for one in ([name] if name else TABLE_NAMES.values())]
    table = out.table("table / index", "state", "items", "billing", "keys", numbers=("items",))
    for one in found:
        table.add_row(
            Text(one["table_name"], style="bold"),
            one["table_status"],
            str(one["item_count"]),
            one["billing_mode"],
            _keys(one["key_schema"]),
        )
        for index in one["global_secondary_indexes"]:
            keys = _keys(index["key_schema"])
            table.add_row(Text(f"  {index['index_name']}"), index["index_status"] or "", "", "", keys)
    out.result(found[0] if name else found, table)
    out.note("DynamoDB refreshes the number of items every six hours or so")


@command(tables, "list")
def list_tables(
    out: Output,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="All tables of the account and region (needs dynamodb:ListTables).")
    ] = False,
) -> None:
    """List the tables of the layout and whether they are there."""
    if everything:
        names = sorted(_data(list_all_tables()))
        out.result(names, Text("\n".join(names)))
        return
    rows = [_listed(key, name, is_there=is_there) for (key, name), is_there in _known()]
    table = out.table("table", "state", "items", numbers=("items",))
    for row in rows:
        table.add_row(row["table_name"], row["table_status"] or "missing", str(row.get("item_count", "")))
    out.result(rows, table)


def _known() -> list[tuple[tuple[str, str], bool]]:
    found = existing()
    return [((key, name), found[name]) for key, name in TABLE_NAMES.items()]


def _listed(key: str, name: str, *, is_there: bool) -> dict[str, Any]:
    if not is_there:
        return {"key": key, "table_name": name, "exists": False, "table_status": None}
    info = _data(get_table_info(name))
    return {
        "key": key,
        "table_name": name,
        "exists": True,
        "table_status": info["table_status"],
        "item_count": info["item_count"],
    }


def _keys(schema: list[dict[str, str]]) -> str:
    names = {part["KeyType"]: part["AttributeName"] for part in schema}
    return " / ".join(names[kind] for kind in ("HASH", "RANGE") if kind in names)


def _data(answer: Answer) -> Any:
    """Return what the facade found.

    Raises:
        FailedError: if it says that something went wrong.
    """
    if answer["status"] == "success":
        return answer["data"]
    raise FailedError(answer["message"], code=answer["code"], exit_status=status.status_of_code(answer["code"]))
