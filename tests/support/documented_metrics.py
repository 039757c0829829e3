"""The DynamoDB metrics and the exact sets of dimensions under which CloudWatch has them.

Source: "DynamoDB metrics and dimensions" in the DynamoDB developer guide, each metric's "Dimensions" line:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

NAMESPACE = "AWS/DynamoDB"

TABLE = frozenset({"TableName"})
INDEX = frozenset({"TableName", "GlobalSecondaryIndexName"})
OPERATION = frozenset({"TableName", "Operation"})

#: "The TableName dimension returns the ... for the table, but not for any global secondary indexes. To view ... for a
#: global secondary index, you must specify both TableName and GlobalSecondaryIndexName."
_BY_TABLE_OR_INDEX = frozenset({TABLE, INDEX})

DIMENSIONS = {
    "ConsumedReadCapacityUnits": _BY_TABLE_OR_INDEX,
    "ConsumedWriteCapacityUnits": _BY_TABLE_OR_INDEX,
    "ReadThrottleEvents": _BY_TABLE_OR_INDEX,
    "WriteThrottleEvents": _BY_TABLE_OR_INDEX,
    "SystemErrors": frozenset({OPERATION}),
    # Documented with StreamLabel as well, which only GetRecords has, an operation of streams.
    "SuccessfulRequestLatency": frozenset({OPERATION}),
    "ConditionalCheckFailedRequests": frozenset({TABLE}),
    "TransactionConflict": frozenset({TABLE}),
}

#: The values of the dimension Operation, under "Dimensions for DynamoDB metrics", that are no streams' or PartiQL's.
OPERATIONS = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
