"""The runtime policy grants what the layer asks for, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dynamodb._config import LAYOUTS, SIX_TABLE
from dynamodb.infrastructure import model_shapes, policy_document

ROOT = Path(__file__).parents[2]

#: What only maintenance asks for; the other two roles have it.
TABLE_OPERATIONS = {"CreateTable", "DeleteTable", "ListTables"}

#: One statement grants the item actions on all tables. A batch may do no more than the single requests beside it, and a
#: condition check shows no more than GetItem; the generic `get_item` of the facade reads any table.
NO_MORE_THAN_OTHERS = {
    *((action, table) for action in ("BatchGetItem", "BatchWriteItem") for table in ("projects", "waitlist")),
    ("ConditionCheckItem", "waitlist"),
    *(("GetItem", table) for table in model_shapes()),
}


def granted(role: str, layout: str) -> dict[str, set[str]]:
    """Return the actions that a role's policy grants, each with its tables and indexes."""
    names = {key: key for key in model_shapes(layout=layout)}
    policy = policy_document(role, region="us-east-1", account="123456789012", table_names=names, layout=layout)
    grants: dict[str, set[str]] = {}
    for statement in policy["Statement"]:
        for action in statement["Action"]:
            resources = {resource.rsplit("table/", 1)[-1] for resource in statement["Resource"]}
            grants.setdefault(action.removeprefix("dynamodb:"), set()).update(resources)
    return grants


@pytest.fixture(scope="module", params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> str:
    """Each layout in turn."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def asked(layout: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Run the whole contract suite in a layout, and return the actions it asked for, with their tables and indexes."""
    folder = tmp_path_factory.mktemp("iam")
    run = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "pytest",
            "-q",
            "-p",
            "support.iam_recorder",
            "-m",
            "engine and not slow",
            "-n",
            "2",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "IAM_RECORD": str(folder),
            "PYTHONPATH": str(ROOT / "tests"),
            "DYNAMODB_TEST_LAYOUT": layout,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:]
    requests: dict[str, set[str]] = {}
    for file in folder.glob("*.ndjson"):
        for line in file.read_text(encoding="utf-8").splitlines():
            action, resource = json.loads(line)
            # Tests of what only one layout has are in the suite whichever is asked for.
            if resource.partition("/")[0] in model_shapes(layout=layout):
                requests.setdefault(action, set()).add(resource)
    return requests


@pytest.mark.slow
def test_runtime_is_allowed_what_it_asks_for(asked: dict[str, set[str]], layout: str) -> None:
    """Every request of the contract suite, but scans and table operations, is granted to the runtime role."""
    grants = granted("runtime", layout)
    refused = {
        (action, resource)
        for action, resources in asked.items()
        if action not in {*TABLE_OPERATIONS, "Scan"}
        for resource in resources
        if resource not in grants.get(action, set())
    }
    assert not refused


@pytest.mark.slow
def test_runtime_is_allowed_nothing_else(asked: dict[str, set[str]], layout: str) -> None:
    """Every action that the runtime role is granted on a table or index is asked for by the contract suite there."""
    idle = {
        (action, resource)
        for action, resources in granted("runtime", layout).items()
        for resource in resources - asked.get(action, set())
    }
    if layout == SIX_TABLE:
        assert idle <= NO_MORE_THAN_OTHERS
    # Of the one table the doctor's reads and descriptions are not in the suite; it has no table to grant too much of.
    assert {action for action, _ in idle if action not in asked} <= {"BatchGetItem", "DescribeTable"}


@pytest.mark.slow
def test_the_waitlist_is_scanned_where_its_role_may(asked: dict[str, set[str]], layout: str) -> None:
    """What waitlist administration may scan is scanned by the contract suite: the right table or index is granted."""
    assert granted("waitlist_admin", layout)["Scan"] <= asked["Scan"]


def test_only_the_other_roles_may_scan(layout: str) -> None:
    """The runtime role scans nothing; waitlist administration scans one table or index; operations every table."""
    assert "Scan" not in granted("runtime", layout)
    assert len(granted("waitlist_admin", layout)["Scan"]) == 1
    assert set(model_shapes(layout=layout)) <= granted("operations", layout)["Scan"]
