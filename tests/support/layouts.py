"""Tests that are about one layout, each with its reason: they are not collected on another.

All others are the contract: the same tests, as many on each layout, and none of them skipped.
"""

import pytest

SIX, SINGLE = "six-table", "single-table"
#: While every write goes to both, the first of which is read.
SIX_AND_SINGLE, SINGLE_AND_SIX = f"{SIX} and {SINGLE}", f"{SINGLE} and {SIX}"


def only_six_tables(reason: str) -> pytest.MarkDecorator:
    """Mark a test of something that cannot be in one table."""
    return pytest.mark.only_layout(SIX, reason=reason)


only_single_table = pytest.mark.only_layout(SINGLE, reason="about the one table")
