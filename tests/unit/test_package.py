"""What is installed: the names it promises, and where it comes from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import dynamodb
import models
from dynamodb import doctor, errors, repositories
from models import requirement, waitlist

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "module", [dynamodb, models, errors, doctor, repositories, requirement, waitlist], ids=lambda m: m.__name__
)
def test_every_promised_name_is_there(module) -> None:
    """`__all__` is the contract: each name in it exists, none twice."""
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name), name


def test_ci_tests_the_wheel() -> None:
    """In CI the packages come from the installed wheel, not from this folder's sources."""
    if not os.environ.get("TESTED_WHEEL"):
        pytest.skip("these tests run on the sources; `make test CI=1` tests the wheel, as CI does")
    for module in (dynamodb, models):
        assert "site-packages" in str(module.__file__), module.__file__
        assert (Path(str(module.__file__)).parent / "py.typed").is_file()


def run_python(code: str, **environment: str) -> str:
    """Run code in a fresh process whose environment holds nothing of AWS."""
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-P", "-W", "error", "-c", code],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_importing_does_nothing() -> None:
    """Importing makes no client and no thread, and needs neither region nor credentials."""
    out = run_python(
        "import threading, dynamodb, models.requirement, models.waitlist\n"
        "from dynamodb import _connection\n"
        "print(_connection._shared.client, threading.active_count())"
    )
    assert out.split() == ["None", "1"]


def test_the_lambda_path_imports_no_tools() -> None:
    """What a Lambda imports brings none of the tools along, nor email-validator before an address is checked."""
    out = run_python(
        "import sys, dynamodb, models.requirement, models.waitlist\n"
        "tools = 'typer rich click moto boto3 psycopg pytest flask hypothesis email_validator dns'.split()\n"
        "print([name for name in tools if name in sys.modules])"
    )
    assert out.strip() == "[]"
