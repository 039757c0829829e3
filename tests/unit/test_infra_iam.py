"""The policies of the three roles; tests/e2e compares them with what Terraform gives."""

import json
from typing import Any

import pytest

from dynamodb.infrastructure import ROLES, model_shapes, policy_document

TABLES = {f"arn:aws:dynamodb:r:1:table/{shape.name}" for shape in model_shapes().values()}
INDEXES = {
    f"arn:aws:dynamodb:r:1:table/{shape.name}/index/{index}"
    for shape in model_shapes().values()
    for index in shape.indexes
}
KEY = "arn:aws:kms:r:1:key/k"


def document(role: str, **options: Any) -> dict[str, Any]:
    return policy_document(role, region="r", account="1", **options)


def granted(role: str, **options: Any) -> dict[str, set[str]]:
    """The resources of each action."""
    resources: dict[str, set[str]] = {}
    for statement in document(role, **options)["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            resources.setdefault(action, set()).update(statement["Resource"])
    return resources


def test_runtime_reads_and_writes_items_and_no_more():
    """Item operations on the tables, queries on tables and indexes; no scan and no operation on a table as a whole."""
    items = ["BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"]

    assert granted("runtime") == {f"dynamodb:{name}": TABLES for name in [*items, "DescribeTable"]} | {
        "dynamodb:Query": TABLES | INDEXES
    }


def test_waitlist_admin_adds_a_scan_of_one_table():
    """Nothing but the waitlist can be scanned, and not through an index."""
    assert granted("waitlist_admin") == granted("runtime") | {
        "dynamodb:Scan": {"arn:aws:dynamodb:r:1:table/prod-vishmaker-waitlist"}
    }


def test_waitlist_admin_scans_no_project_of_the_one_table():
    """In the single-table layout it is the index that only waitlist entries are in; the other rights are the same."""
    table = "arn:aws:dynamodb:r:1:table/prod-vishmaker"
    indexes = {f"{table}/index/{name}" for name in ("name-index", "status-index", "user_id-index")}

    runtime = granted("runtime", layout="single-table")

    assert runtime.keys() == granted("runtime").keys()
    assert runtime.pop("dynamodb:Query") == {table} | indexes
    assert {frozenset(resources) for resources in runtime.values()} == {frozenset({table})}
    assert granted("waitlist_admin", layout="single-table")["dynamodb:Scan"] == {f"{table}/index/status-index"}
    assert granted("operations", layout="single-table")["dynamodb:Scan"] == {table} | indexes


def test_operations_adds_tables_and_scans():
    """Everything that making, migrating and repairing the tables takes; only listing tables has no resource."""
    of_tables = [
        "CreateTable",
        "DeleteTable",
        "DescribeContinuousBackups",
        "ListTagsOfResource",
        "TagResource",
        "UntagResource",
        "UpdateContinuousBackups",
        "UpdateTable",
    ]

    assert granted("operations") == granted("runtime") | {f"dynamodb:{name}": TABLES for name in of_tables} | {
        "dynamodb:Scan": TABLES | INDEXES,
        "dynamodb:ListTables": {"*"},
    }


@pytest.mark.parametrize("role", ROLES)
def test_no_role_may_do_anything_to_everything(role: str):
    """No action has a wildcard but KMS's own families, no resource but that of ListTables."""
    for action, resources in granted(role, kms_key_arn=KEY).items():
        assert "*" not in action or action in {"kms:GenerateDataKey*", "kms:ReEncrypt*"}
        assert not any("*" in resource for resource in resources) or action == "dynamodb:ListTables"


def test_customer_key_is_used_through_dynamodb_only():
    """Each statement on the key has the condition; runtime decrypts and does no more."""
    for role in ROLES:
        for statement in document(role, kms_key_arn=KEY)["Statement"]:
            if any(action.startswith("kms:") for action in statement["Action"]):
                assert statement["Resource"] == [KEY]
                assert statement["Condition"] == {"StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}}
    assert [action for action in granted("runtime", kms_key_arn=KEY) if action.startswith("kms:")] == ["kms:Decrypt"]
    assert "kms:CreateGrant" in granted("operations", kms_key_arn=KEY)


def test_partition_and_names():
    """China's ARNs and service names differ, and a table's own name is used."""
    policy = document("runtime", partition="aws-cn", kms_key_arn=KEY, table_names={"waitlist": "w"})

    text = json.dumps(policy)
    assert "arn:aws-cn:dynamodb:r:1:table/w/index/status-index" in text
    assert "dynamodb.*.amazonaws.com.cn" in text
    assert "prod-vishmaker-waitlist" not in text


@pytest.mark.parametrize("role", ROLES)
def test_longest_names_fit(role: str):
    """With the longest names that the Terraform module takes, a policy is within the 6144 characters IAM allows."""
    prefix = f"{'e' * 40}-{'p' * 40}"
    names = {key: f"{prefix}-{key}" for key in model_shapes()}
    key = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"

    policy = policy_document(
        role,
        region="us-gov-west-1",
        account="123456789012",
        partition="aws-us-gov",
        table_names=names,
        kms_key_arn=key,
    )

    assert len(json.dumps(policy, separators=(",", ":"))) <= 6144


def test_unknown_role():
    """A wrong role is answered with the right ones."""
    with pytest.raises(ValueError, match="runtime, waitlist_admin, operations"):
        document("admin")
