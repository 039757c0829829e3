"""`check`, `iam-policy` and `schema`: the tables as infrastructure."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dynamodb import TABLE_NAMES
from dynamodb._config import connection_settings, layout
from dynamodb._sending import send
from dynamodb._tables import describe
from dynamodb.cli import _statuses as status
from dynamodb.cli._app import app
from dynamodb.cli._command import FailedError, command
from dynamodb.cli._files import read_file
from dynamodb.cli._output import Output
from dynamodb.errors import AccessDeniedError, DataLayerError, TableNotFoundError, UnexpectedResponseError
from dynamodb.infrastructure import (
    FORMATS,
    ROLES,
    Difference,
    TableShape,
    UnreadableTerraformError,
    compare,
    live_shape,
    model_shapes,
    policy_document,
    render,
    terraform_shapes,
)


def _one_of(known: Sequence[str]) -> dict[str, Any]:
    """Return what makes an option take one of these words."""

    def check_word(value: str) -> str:
        if value not in known:
            raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}")
        return value

    return {"callback": check_word, "metavar": "|".join(known), "autocompletion": lambda: list(known)}


@command(app, "check")
def check(
    out: Output,
    *,
    terraform: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What `terraform show -json` prints of a plan or the state; - reads it."),
    ] = None,
    allow_unsorted: Annotated[
        bool, typer.Option("--allow-unsorted", help="Indexes without their sort key are no difference.")
    ] = False,
) -> int:
    """Compare the models with the live tables, and with Terraform where its JSON is given.

    Exit status 0: the same, 1: something differs, 2: a side could not be read.
    """
    try:
        planned = None if terraform is None else _planned(terraform)
        live = _live(out, with_backups=planned is not None)
    except DataLayerError as error:
        raise FailedError(f"cannot tell: {error}", code=error.code) from error
    except FailedError as error:
        raise FailedError(f"cannot tell: {error}", code=error.code) from error
    found = compare(model_shapes(TABLE_NAMES, layout()), live, planned)
    broken = [one for one in found if not (allow_unsorted and one.severity == "unsorted")]
    sides = ["models", "live", *(["terraform"] if planned is not None else [])]
    data = {"same": not broken, "sides": sides, "differences": [_as_json(one) for one in found]}
    out.result(data, _shown(out, found, sides))
    return status.NO if broken else status.OK


def _planned(file: Path) -> dict[str, TableShape]:
    try:
        return terraform_shapes(json.loads(read_file(file)))
    except (UnreadableTerraformError, json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
        said = (
            error if isinstance(error, UnreadableTerraformError) else "this is not what `terraform show -json` prints"
        )
        raise FailedError(f"{file}: {said}") from error


def _live(out: Output, *, with_backups: bool) -> dict[str, TableShape]:
    found = {}
    for name in TABLE_NAMES.values():
        try:
            table = describe(name)
        except TableNotFoundError:
            continue
        found[name] = live_shape(table, _backups(out, name) if with_backups else None)
    return found


def _backups(out: Output, name: str) -> Mapping[str, Any] | None:
    """Ask for a table's backups, which only Terraform says something about; local engines have none."""
    try:
        return send("DescribeContinuousBackups", {"TableName": name})
    except (AccessDeniedError, UnexpectedResponseError) as error:
        out.warn(f"point-in-time recovery of {name} is not compared: {error}")
        return None


def _as_json(one: Difference) -> dict[str, Any]:
    names = ("table", "what", "models", "live", "terraform", "severity", "advice")
    return {name: getattr(one, name) for name in names}


def _shown(out: Output, found: Sequence[Difference], sides: Sequence[str]) -> RenderableType:
    if not found:
        said = " and ".join([", ".join(sides[:-1]), sides[-1]])
        tables = "all six tables" if len(TABLE_NAMES) > 1 else f"the table {next(iter(TABLE_NAMES.values()))}"
        return Text(f"{said} agree on {tables}", style="green")
    parts: list[RenderableType] = []
    for one in found:
        if parts:
            parts.append(Text(""))
        word = "usable, unsorted" if one.severity == "unsorted" else "differs"
        style = "yellow" if one.severity == "unsorted" else "red"
        parts.append(Text.assemble((one.table, "bold"), f"  {one.what}  ", (word, style)))
        table = out.table("", "")
        for side in sides:
            table.add_row(f"  {side}", getattr(one, side) or "says nothing")
        parts += [table, Text(f"  → {one.advice}")]
    parts.append(Text(f"\n{len(found)} differences"))
    return Group(*parts)


@command(app, "iam-policy")
def iam_policy(
    out: Output,
    *,
    role: Annotated[str, typer.Option(help="Whose policy.", **_one_of(ROLES))],
    account: Annotated[str, typer.Option(metavar="NUMBER", help="The account of the tables; * is any.")] = "*",
    kms_key: Annotated[str | None, typer.Option(metavar="ARN", help="The tables' customer managed key.")] = None,
    partition: Annotated[str, typer.Option(help="aws, aws-cn or aws-us-gov.")] = "aws",
) -> None:
    """Print the IAM policy that a role needs, from the models. Nothing is asked of AWS."""
    document = policy_document(
        role,
        region=connection_settings().region,
        account=account,
        table_names=TABLE_NAMES,
        kms_key_arn=kms_key,
        partition=partition,
        layout=layout(),
    )
    out.result(document)


@command(app, "schema")
def schema(
    out: Output,
    *,
    form: Annotated[str, typer.Option("--format", help="For which deployer.", **_one_of(FORMATS))],
) -> None:
    """Print the tables in another deployer's language, from the models. Nothing is asked of AWS."""
    del out  # all formats are JSON, with and without --json
    sys.stdout.write(render(form, table_names=TABLE_NAMES, layout=layout()))
