"""Importing the package costs nothing until a name is used, and nobody notices."""

import subprocess
import sys

import pytest

import dynamodb

HEAVY = ("boto3", "botocore", "moto", "orjson", "polyfactory", "pydantic", "pynamodb")


@pytest.mark.parametrize("name", ["errors", "repositories", "streams"])
def test_the_public_modules_need_no_import_of_their_own(name: str) -> None:
    """`import dynamodb` is enough to say `dynamodb.errors`."""
    assert getattr(dynamodb, name).__name__ == f"dynamodb.{name}"


def test_an_unknown_name_is_an_attribute_error() -> None:
    """Looking for a name that is not there fails as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = dynamodb.nonsense


def test_the_names_are_listed_before_they_are_used() -> None:
    """Completion in a console sees every public name."""
    assert set(dynamodb.__all__) <= set(dir(dynamodb))


@pytest.mark.parametrize("module", ["dynamodb", "dynamodb.testing.plugin"])
def test_importing_costs_nothing_heavy(module: str) -> None:
    """What pytest imports at every start brings in none of the libraries that the layer or its tests need."""
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    command = [sys.executable, "-c", code]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own code
    assert printed.strip() == "[]"
