"""What a release of the AWS provider lets a configuration say, and what is wrong with one.

The recorded schemas are written by `tools/provider_schema.py`: `required`, `optional` or `read-only` by name, for a
block a pair with what it holds; data sources are called `data.<type>`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "data" / "terraform-aws"

#: What every resource may say: https://developer.hashicorp.com/terraform/language/meta-arguments
META_ARGUMENTS = frozenset({"count", "depends_on", "dynamic", "for_each", "lifecycle", "provider", "provisioner"})

Schema = dict[str, Any]


def recorded_releases() -> list[str]:
    """The releases whose schema is recorded, oldest first."""
    return sorted((path.stem for path in DATA.glob("*.json")), key=lambda name: [int(part) for part in name.split(".")])


def recorded_schema(release: str) -> Schema:
    """The schema of a release: every resource and data source that `infra/` uses."""
    schema: Schema = json.loads((DATA / f"{release}.json").read_text(encoding="utf-8"))
    return schema


def schema_of_provider(document: dict[str, Any]) -> Schema:
    """The same of everything in `terraform providers schema -json`."""
    (provider,) = [found for name, found in document["provider_schemas"].items() if name.endswith("/hashicorp/aws")]
    resources = {name: _block(found["block"]) for name, found in provider["resource_schemas"].items()}
    return resources | {
        f"data.{name}": _block(found["block"]) for name, found in provider["data_source_schemas"].items()
    }


def _block(block: dict[str, Any]) -> Schema:
    words = {
        name: "required" if found.get("required") else "optional" if found.get("optional") else "read-only"
        for name, found in block.get("attributes", {}).items()
    }
    # A block that holds single values (`timeouts`) has no number of its own.
    return words | {
        name: ["required" if found.get("min_items") else "optional", _block(found["block"])]
        for name, found in block.get("block_types", {}).items()
    }


def settable(schema: Schema) -> Schema:
    """A schema without what is only told."""
    return {
        name: [says[0], settable(says[1])] if isinstance(says, list) else says
        for name, says in schema.items()
        if says != "read-only"
    }


def refused(body: dict[str, Any], schema: Schema, where: str) -> Iterator[str]:
    """What a release would refuse of a block's body, as python-hcl2 and Terraform's JSON write one."""
    given = {name: value for name, value in body.items() if name not in META_ARGUMENTS}
    for block in body.get("dynamic", ()):
        given |= {name: dynamic["content"] for name, dynamic in block.items()}
    for name, value in given.items():
        says = schema.get(name)
        if says is None or says == "read-only":
            yield f"{where}.{name} is {says or 'unknown'}"
        elif isinstance(says, list):
            for part in value if isinstance(value, list) else [value]:
                yield from refused(part, says[1], f"{where}.{name}")
    for name, says in schema.items():
        if "required" in says and name not in given:
            yield f"{where}.{name} is missing"
