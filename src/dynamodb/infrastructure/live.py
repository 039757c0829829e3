"""Live tables in the normal form, from the answers of DescribeTable and DescribeContinuousBackups."""

from collections.abc import Mapping
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
    TableShape,
    read_attribute_types,
    read_index,
    read_key,
)


def live_shape(description: Mapping[str, Any], backups: Mapping[str, Any] | None = None) -> TableShape:
    """Read a live table.

    Args:
        description: what DescribeTable answers, or its `Table`.
        backups: what DescribeContinuousBackups answers, or its `ContinuousBackupsDescription`; without it nothing is
            known of point-in-time recovery.
    """
    table = description.get("Table", description)
    indexes = {
        index["IndexName"]: read_index(index["KeySchema"], index["Projection"])
        for index in table.get("GlobalSecondaryIndexes") or ()
    }
    return TableShape(
        name=table["TableName"],
        key=read_key(table["KeySchema"]),
        attribute_types=read_attribute_types(table["AttributeDefinitions"]),
        indexes=dict(sorted(indexes.items())),
        settings=_settings(table, backups),
    )


def _settings(table: Mapping[str, Any], backups: Mapping[str, Any] | None) -> dict[str, str]:
    # DescribeTable leaves the summary out for a table that was never on demand, and SSEDescription for the default key.
    encryption = table.get("SSEDescription") or {}
    uses_kms = encryption.get("Status") in {"ENABLED", "ENABLING", "UPDATING"}
    stream = table.get("StreamSpecification") or {}
    settings = {
        BILLING_MODE: (table.get("BillingModeSummary") or {}).get("BillingMode", PROVISIONED),
        DELETION_PROTECTION: ON if table.get("DeletionProtectionEnabled") else OFF,
        ENCRYPTION: KMS if uses_kms else AWS_OWNED_KEY,
        STREAM: stream.get("StreamViewType", OFF) if stream.get("StreamEnabled") else OFF,
    }
    if uses_kms and "KMSMasterKeyArn" in encryption:
        settings[KMS_KEY] = encryption["KMSMasterKeyArn"]
    if backups is not None:
        backups = backups.get("ContinuousBackupsDescription", backups)
        recovery = backups.get("PointInTimeRecoveryDescription") or {}
        settings[POINT_IN_TIME_RECOVERY] = ON if recovery.get("PointInTimeRecoveryStatus") == "ENABLED" else OFF
    return settings
