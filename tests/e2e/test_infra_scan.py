"""checkov on `infra/`, from its own virtual environment: `make infra-scan`."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dynamodb._config import LAYOUTS, SIX_TABLE
from dynamodb.infrastructure import model_shapes
from support.required import cannot_run
from support.terraform import INFRA, REPOSITORY

pytestmark = pytest.mark.slow

# Recovery, auto scaling or on demand, and a customer managed key.
TABLE_RULES = ("CKV_AWS_28", "CKV2_AWS_16", "CKV_AWS_119")


def scan(folder: Path, *flags: str) -> dict[str, list[dict[str, Any]]]:
    checkov = Path(os.environ.get("CHECKOV", REPOSITORY / ".venv-checkov" / "bin" / "checkov"))
    if not checkov.exists():
        cannot_run("checkov is not installed; `make infra-scan` installs it")
    result = subprocess.run(  # noqa: S603 - the arguments are this test's own
        # The scanner would ask its maker's server for texts otherwise.
        [checkov, "--directory", folder, "--framework", "terraform", "--skip-download", "--output", "json", *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    report: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(result.stdout)
    return report["results"]


def rules_on_tables(checks: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """The rules, each with the table that it was looked at for."""
    return {
        (check["check_id"], check["resource"].split('"')[1])
        for check in checks
        if "aws_dynamodb_table.this" in check["resource"]
    }


def copied(folder: Path, layout: str) -> Path:
    """A copy of the module with one layout's tables for good: checkov does not work out which tables are merged."""
    shutil.copytree(INFRA, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    tables = folder / "dynamodb.tf"
    fixed, lines = re.subn(r"(?m)^  tables = merge\(.*$", "  tables = local.layouts[var.layout]", tables.read_text())
    assert lines == 1
    tables.write_text(fixed)
    variables = folder / "variables.tf"
    text = variables.read_text()
    assert text.count('default     = "six-table"') == 1
    variables.write_text(text.replace('default     = "six-table"', f'default     = "{layout}"'))
    return folder


@pytest.fixture(scope="module")
def results() -> dict[str, list[dict[str, Any]]]:
    return scan(INFRA)


def test_nothing_fails(results: dict[str, list[dict[str, Any]]]):
    """No rule fails for the module as the production example uses it, with a customer key, or for the example."""
    failed = [f"{check['check_id']} {check['check_name']}: {check['resource']}" for check in results["failed_checks"]]

    assert failed == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_table_was_looked_at(tmp_path: Path, layout: str):
    """The rules on tables passed for each of them: nothing passes because nothing was found."""
    results = scan(copied(tmp_path / "infra", layout))

    assert rules_on_tables(results["passed_checks"]) >= {
        (rule, key) for rule in TABLE_RULES for key in model_shapes(layout=layout)
    }
    assert results["failed_checks"] == []


def test_exceptions_have_reasons(results: dict[str, list[dict[str, Any]]]):
    """What is skipped is skipped in the code, with a reason, and none of it is about a table."""
    reasons = {check["check_id"]: check["check_result"]["suppress_comment"] for check in results["skipped_checks"]}

    assert all(len(reason) > 20 for reason in reasons.values()), reasons
    assert not [check for check in results["skipped_checks"] if "aws_dynamodb_table" in check["resource"]]


def test_scan_would_notice(tmp_path: Path):
    """The rules are alive: without recovery and without the argument for a key they fail for every table.

    CKV_AWS_119 is content with the argument, whatever its value; that the example's key really is the tables' is shown
    where the example is applied.
    """
    tables = copied(tmp_path / "infra", SIX_TABLE) / "dynamodb.tf"
    weakened = tables.read_text().replace("kms_key_arn = var.kms_key_arn", "")
    tables.write_text(weakened.replace("enabled = var.point_in_time_recovery_enabled", "enabled = false"))

    failed = rules_on_tables(scan(tmp_path / "infra")["failed_checks"])

    assert failed == {(rule, key) for rule in ("CKV_AWS_28", "CKV_AWS_119") for key in model_shapes()}
