"""Tests that are about one layout, each with its reason."""

import os

import pytest

SIX, SINGLE = "six-table", "single-table"


def _layout() -> str:
    return os.environ.get("DYNAMODB_TEST_LAYOUT", SIX)


def only_six_tables(reason: str) -> pytest.MarkDecorator:
    """Mark a test of something that cannot be in one table."""
    return pytest.mark.skipif(_layout() != SIX, reason=f"six tables only: {reason}")


only_single_table = pytest.mark.skipif(_layout() != SINGLE, reason="about the one table: DYNAMODB_TEST_LAYOUT")
