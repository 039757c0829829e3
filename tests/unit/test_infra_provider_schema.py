"""What the Terraform files say, against the schema of the AWS provider's releases, old and new: no Terraform needed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynamodb._config import LAYOUTS
from dynamodb.infrastructure import render
from support.hcl import read_blocks
from support.provider_schema import META_ARGUMENTS, recorded_releases, recorded_schema, refused

INFRA = Path(__file__).resolve().parents[2] / "infra"
FOLDERS = [INFRA, *sorted(path.parent for path in INFRA.glob("examples/*/main.tf"))]

every_release = pytest.mark.parametrize("release", recorded_releases())


@pytest.fixture(scope="module")
def written() -> list[tuple[str, str, dict[str, Any]]]:
    """The type, name and body of every resource and data source of all Terraform files."""
    return list(_written_blocks())


def _written_blocks() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for folder in FOLDERS:
        blocks = read_blocks(folder)
        for kind, prefix in (("resource", ""), ("data", "data.")):
            for block in blocks.get(kind, ()):
                for name, bodies in block.items():
                    for label, body in bodies.items():
                        yield prefix + name, label, body


def test_releases_span_what_the_module_allows() -> None:
    """The oldest release that versions.tf allows, and the first and a late one of each major version."""
    releases = recorded_releases()

    assert releases[0] == "5.80.0"
    assert {release.split(".")[0] for release in releases} == {"5", "6"}
    assert "6.0.0" in releases
    # Past 6.29, where the words for an index's key were changed.
    assert int(releases[-1].split(".")[1]) > 29
    assert "key_schema" in recorded_schema(releases[-1])["aws_dynamodb_table"]["global_secondary_index"][1]


@every_release
def test_every_argument_is_known(release: str, written: list[tuple[str, str, dict[str, Any]]]) -> None:
    """Nothing is said that the release does not know, and nothing it requires is missing."""
    schema = recorded_schema(release)

    assert {name for name, _, _ in written} == schema.keys()
    assert [
        problem for name, label, body in written for problem in refused(body, schema[name], f"{name}.{label}")
    ] == []


@every_release
def test_everything_read_from_a_resource_is_there(release: str) -> None:
    """Each `aws_….….attribute` in an expression is an attribute of the release's resource."""
    schema = recorded_schema(release)
    text = "\n".join(path.read_text(encoding="utf-8") for folder in FOLDERS for path in folder.glob("*.tf"))
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))

    read = set(re.findall(r"\b((?:data\.)?aws_\w+)\.\w+(?:\[[^\]]*\])?\.(\w+)", code))

    assert ("aws_dynamodb_table", "arn") in read
    assert ("data.aws_region", "id") in read
    assert {f"{name}.{attribute}" for name, attribute in read if attribute not in schema[name]} == set()


@every_release
@pytest.mark.parametrize("layout", LAYOUTS)
def test_rendered_terraform_is_known(release: str, layout: str) -> None:
    """`schema --format terraform-json` writes nothing that the release would refuse."""
    schema = recorded_schema(release)["aws_dynamodb_table"]

    for key, table in json.loads(render("terraform-json", layout=layout))["resource"]["aws_dynamodb_table"].items():
        assert list(refused(table, schema, key)) == []


def test_what_a_release_refuses_is_noticed() -> None:
    """An unknown argument, one that is only told, and one that is missing, also in a dynamic block."""
    schema = recorded_schema("5.100.0")["aws_dynamodb_table"]
    table = {
        "name": "one",
        "arn": "two",
        "unknown": "three",
        "dynamic": [{"global_secondary_index": {"content": [{"name": "four", "key_schema": []}]}}],
    }

    assert sorted(refused(table, schema, "table")) == [
        "table.arn is read-only",
        "table.global_secondary_index.hash_key is missing",
        "table.global_secondary_index.key_schema is unknown",
        "table.global_secondary_index.projection_type is missing",
        "table.unknown is unknown",
    ]
    assert "for_each" in META_ARGUMENTS
