"""Terraform's tables in the normal form, from `terraform show -json` of a plan or of the state."""

from collections.abc import Iterator, Mapping
from typing import Any

from dynamodb.infrastructure.shapes import (
    AWS_OWNED_KEY,
    BILLING_MODE,
    DELETION_PROTECTION,
    ENCRYPTION,
    KMS,
    KMS_KEY,
    OFF,
    ON,
    POINT_IN_TIME_RECOVERY,
    PROVISIONED,
    STREAM,
    IndexShape,
    Key,
    TableShape,
)


class UnreadableTerraformError(ValueError):
    """The document is not what `terraform show -json` prints."""


def terraform_shapes(document: Mapping[str, Any]) -> dict[str, TableShape]:
    """Read every DynamoDB table of a plan or state, whatever module it is in.

    Args:
        document: the parsed output of `terraform show -json [PLANFILE]`. Of a plan, what it would lead to is read.

    Returns:
        The shapes by table name. Tables whose name is not known before they are made are left out.

    Raises:
        UnreadableTerraformError: if the document is something else, for example a terraform.tfstate file.
    """
    if "format_version" not in document:
        raise UnreadableTerraformError(
            "this is not the output of `terraform show -json`. For the state run `terraform show -json > state.json`; "
            "for a plan `terraform plan -out=plan && terraform show -json plan > plan.json`"
        )
    # A plan has both: what it leads to, and in prior_state what was there. An empty state has neither.
    values = document.get("planned_values") or document.get("values") or {}
    tables = (_shape(table) for table in _tables(values.get("root_module") or {}) if table.get("name"))
    return {shape.name: shape for shape in tables}


def _tables(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in module.get("resources") or ():
        if resource["type"] == "aws_dynamodb_table" and resource["mode"] == "managed":
            yield resource["values"]
    for child in module.get("child_modules") or ():
        yield from _tables(child)


def _shape(table: Mapping[str, Any]) -> TableShape:
    indexes = {
        index["name"]: IndexShape(
            _index_key(index), index["projection_type"], tuple(sorted(index.get("non_key_attributes") or ()))
        )
        for index in table.get("global_secondary_index") or ()
    }
    attributes = {attribute["name"]: attribute["type"] for attribute in table.get("attribute") or ()}
    return TableShape(
        name=table["name"],
        key=Key(table["hash_key"], table.get("range_key") or None),
        attribute_types=dict(sorted(attributes.items())),
        indexes=dict(sorted(indexes.items())),
        settings=_settings(table),
    )


def _index_key(index: Mapping[str, Any]) -> Key:
    # From provider 6.29 an index may be written with key_schema blocks instead.
    if index.get("hash_key"):
        return Key(index["hash_key"], index.get("range_key") or None)
    names = {block["key_type"]: block["attribute_name"] for block in index.get("key_schema") or ()}
    return Key(names["HASH"], names.get("RANGE"))


def _settings(table: Mapping[str, Any]) -> dict[str, str]:
    encryption = _block(table, "server_side_encryption")
    settings = {
        BILLING_MODE: table.get("billing_mode") or PROVISIONED,
        DELETION_PROTECTION: ON if table.get("deletion_protection_enabled") else OFF,
        ENCRYPTION: KMS if encryption.get("enabled") else AWS_OWNED_KEY,
        STREAM: (table.get("stream_view_type") or OFF) if table.get("stream_enabled") else OFF,
        POINT_IN_TIME_RECOVERY: ON if _block(table, "point_in_time_recovery").get("enabled") else OFF,
    }
    # Without an ARN the AWS managed key is used, whose ARN Terraform does not state.
    if encryption.get("enabled") and encryption.get("kms_key_arn"):
        settings[KMS_KEY] = encryption["kms_key_arn"]
    return settings


def _block(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    blocks: list[Mapping[str, Any]] = table.get(name) or []
    return blocks[0] if blocks else {}
