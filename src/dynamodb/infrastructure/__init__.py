"""The tables as infrastructure: their shape, their policies, other deployers' languages, and what has drifted.

Pure functions over the models and over what DescribeTable and Terraform print; nothing here opens a connection.
"""

from dynamodb.infrastructure.drift import MISSING, Difference, compare
from dynamodb.infrastructure.iam import ROLES, policy_document
from dynamodb.infrastructure.live import live_shape
from dynamodb.infrastructure.schema import FORMATS, create_table_request, render
from dynamodb.infrastructure.shapes import IndexShape, Key, TableShape, model_shape, model_shapes
from dynamodb.infrastructure.terraform import UnreadableTerraformError, terraform_shapes

__all__ = [
    "FORMATS",
    "MISSING",
    "ROLES",
    "Difference",
    "IndexShape",
    "Key",
    "TableShape",
    "UnreadableTerraformError",
    "compare",
    "create_table_request",
    "live_shape",
    "model_shape",
    "model_shapes",
    "policy_document",
    "render",
    "terraform_shapes",
]
