"""Any sequence of calls on the hierarchy, some of them cut off and made again, beside a plain model of it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dynamodb import _requests
from support.tree_rules import TreeRules

pytestmark = pytest.mark.engine


@pytest.fixture
def run(world: Any, reconfigure: Any) -> Any:
    """Runs the machine; a process that has ended does not try again what was lost."""
    reconfigure(max_attempts=1)

    def run(examples: int, steps: int) -> None:
        chosen = settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            phases=set(Phase) - {Phase.explain},
            print_blob=True,
        )
        run_state_machine_as_test(lambda: TreeRules(world), settings=chosen)

    return run


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that trees of a few rows are written and deleted in several requests, as large ones are."""
    for name, limit in {"MAX_TRANSACTION_ACTIONS": 12, "MAX_BATCH_WRITE": 5, "MAX_BATCH_GET": 7}.items():
        monkeypatch.setattr(_requests, name, limit)


def test_trees_are_what_a_plain_model_says(run: Any, small_limits: None) -> None:
    run(examples=6, steps=12)


@pytest.mark.slow
def test_trees_are_what_a_plain_model_says_for_long(run: Any, small_limits: None) -> None:
    run(examples=300, steps=30)


@pytest.mark.slow
def test_trees_are_what_a_plain_model_says_with_the_limits_of_dynamodb(run: Any) -> None:
    run(examples=60, steps=20)
