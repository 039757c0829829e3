"""The layer's bill of materials: `make sbom`, from the security tools' virtual environment."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.required import cannot_run

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UNREACHABLE = re.compile(r"NewConnectionError|Temporary failure in name resolution|ConnectTimeoutError|ProxyError")


def bill(folder: Path, *options: str) -> bytes:
    """The file that the tool writes, which it has checked against CycloneDX's schema."""
    python = Path(os.environ.get("SECURITY_PYTHON", ROOT / ".venv-security" / "bin" / "python"))
    if not python.exists():
        cannot_run("the security tools are not installed; `make sbom` installs them")
    command = [python, "-W", "error", ROOT / "tools" / "sbom.py", "--output", folder, *options]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
    if result.returncode and UNREACHABLE.search(result.stderr):
        cannot_run("the package index cannot be reached")
    assert result.returncode == 0, result.stderr
    return Path(result.stdout.strip()).read_bytes()


def test_two_bills_are_the_same_bytes(tmp_path: Path) -> None:
    """No time, no random number, no path and no registry is in it."""
    first = bill(tmp_path / "a")
    assert first == bill(tmp_path / "b")
    assert b"timestamp" not in first
    assert str(ROOT).encode() not in first
    assert not re.search(rb"https?://(?!cyclonedx\.org/schema)", first)


def test_it_lists_what_is_in_the_layer(tmp_path: Path) -> None:
    """Every pin for that Python and architecture: one of its pinned hashes, a licence, and no more."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import layer  # noqa: PLC0415 - a script that is no package
    finally:
        sys.path.pop(0)
    found: dict[str, Any] = json.loads(bill(tmp_path, "--arch", "arm64", "--botocore", "bundled"))
    pins = {line.split("==")[0]: line for line in layer.requirements("3.13", "arm64", bundled=True)}
    components = {one["name"]: one for one in found["components"]}

    assert components.keys() == pins.keys()
    for name, one in components.items():
        assert f"{name}=={one['version']} " in pins[name]
        assert one["hashes"][0]["content"] in pins[name]
        assert one["licenses"]
        assert one["purl"] == f"pkg:pypi/{name}@{one['version']}"
    depends = {one["ref"].split("==")[0]: one.get("dependsOn", []) for one in found["dependencies"]}
    assert {ref.split("==")[0] for ref in depends["vishmaker-dynamodb"]} == {
        "email-validator",
        "orjson",
        "pydantic",
        "pynamodb",
    }
    assert depends["botocore"]
