"""Doing before the first request what the first request would have to wait for."""

import logging

from dynamodb import _reading, _rows
from dynamodb._config import TABLE_NAMES
from dynamodb._decoding import decoder
from dynamodb._sending import send
from dynamodb.errors import DataLayerError
from models._kinds import HIERARCHY, PROJECT

log = logging.getLogger("dynamodb")


def warm() -> None:
    """Build the decoders, make the client and open its connection: for Lambda's init phase.

    One DescribeTable, whose answer does not matter: where it fails (no table, no permission, no network) the first
    request will say so. Call it at module level of the handler; Lambda gives the init phase a full CPU
    (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).

    Example:
        >>> from dynamodb import warm
        >>> warm()
    """
    for kind in HIERARCHY:
        decoder(kind.schema)
        _reading.whole_rows(kind)
    decoder(_rows.row_schema(PROJECT))
    try:
        send("DescribeTable", {"TableName": TABLE_NAMES["projects"]})
    except DataLayerError as error:
        log.debug("warming up did not reach the table: %s", error)
