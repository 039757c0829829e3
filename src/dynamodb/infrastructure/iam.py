"""The IAM policies of three roles, from the models. `infra/iam.tf` makes the same in Terraform; a test compares them.

- `runtime`: what repositories and entities call. No scan, no operation on a table as a whole.
- `waitlist_admin`: runtime, and a scan of the waitlist (`WaitlistEntity.get_all` and `get_stats`). In the single-table
  layout that is a scan of `status-index`, in which no project is.
- `operations`: runtime, and what making tables, migration and `doctor` need.

Transactions have no action of their own: they need the action of each item they hold, and ConditionCheckItem. A query
on an index needs the index's own ARN. Ownership of a project cannot be expressed: `dynamodb:LeadingKeys` sees partition
keys, and those are random ids.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dynamodb._config import SIX_TABLE
from dynamodb.infrastructure.shapes import TableShape, model_shapes
from models.tables import StatusIndex

#: The roles that `policy_document` knows.
ROLES = ("runtime", "waitlist_admin", "operations")

_ITEM_ACTIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
_TABLE_ACTIONS = (
    "dynamodb:CreateTable",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:ListTagsOfResource",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
)
# Reading and writing decrypt the table's key; making a table needs the rest.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
_USE_KEY_ACTIONS = ("kms:Decrypt",)
_ENCRYPT_TABLE_ACTIONS = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)

Statement = dict[str, Any]


def policy_document(
    role: str,
    *,
    region: str,
    account: str,
    table_names: Mapping[str, str] | None = None,
    kms_key_arn: str | None = None,
    partition: str = "aws",
    layout: str = SIX_TABLE,
) -> dict[str, Any]:
    """Build the policy of a role.

    Args:
        role: one of `ROLES`.
        region: the Region of the tables.
        account: the number of the account that has them.
        table_names: the name of each table by its key in `TABLE_NAMES`; those left out have the one that is configured.
        kms_key_arn: the customer managed key of the tables, if they have one.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        layout: whose tables: `six-table` or `single-table`.

    Returns:
        The policy, ready for `json.dumps`.

    Raises:
        ValueError: if there is no such role or layout.
    """
    if role not in ROLES:
        raise ValueError(f"no role {role!r}: choose one of {', '.join(ROLES)}")
    shapes = model_shapes(table_names, layout)
    prefix = f"arn:{partition}:dynamodb:{region}:{account}:table/"
    tables = {key: prefix + shape.name for key, shape in shapes.items()}
    with_indexes = [arn for key, shape in shapes.items() for arn in _with_indexes(tables[key], shape)]

    if role == "operations":
        # Not put together from runtime's statements: each ARN twice would leave long names no room in a managed
        # policy's 6144 characters.
        statements = [
            _allow("ItemsAndTables", (*_ITEM_ACTIONS, *_TABLE_ACTIONS), tables.values()),
            _allow("QueryAndScan", ("dynamodb:Query", "dynamodb:Scan"), with_indexes),
            # ListTables has no resource to name:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
            _allow("ListTables", ("dynamodb:ListTables",), ("*",)),
        ]
    else:
        statements = [
            _allow("Items", _ITEM_ACTIONS, tables.values()),
            _allow("Query", ("dynamodb:Query",), with_indexes),
        ]
    if kms_key_arn:
        actions = _ENCRYPT_TABLE_ACTIONS if role == "operations" else _USE_KEY_ACTIONS
        statements.append(_allow_key("TableKey", actions, kms_key_arn, partition))
    if role == "waitlist_admin":
        statements.append(_allow("ScanWaitlist", ("dynamodb:Scan",), (_waitlist(tables),)))
    return {"Version": "2012-10-17", "Statement": statements}


def _with_indexes(table_arn: str, shape: TableShape) -> list[str]:
    return [table_arn, *(f"{table_arn}/index/{name}" for name in shape.indexes)]


def _waitlist(tables: Mapping[str, str]) -> str:
    """Return what holds all waitlist entries and nothing else: their own table, or the index that only they are in."""
    if "waitlist" in tables:
        return tables["waitlist"]
    (table,) = tables.values()
    return f"{table}/index/{StatusIndex.Meta.index_name}"


def _allow(sid: str, actions: Iterable[str], resources: Iterable[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _allow_key(sid: str, actions: Iterable[str], key_arn: str, partition: str) -> Statement:
    # Only through DynamoDB, in any Region: DynamoDB asks that the permission does not depend on one.
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    condition = {"StringLike": {"kms:ViaService": f"dynamodb.*.{suffix}"}}
    return {**_allow(sid, actions, (key_arn,)), "Condition": condition}
