"""The pytest plugin: fixtures for tests of code that uses this layer. The extra `testing` installs what it needs.

pytest imports this module at every start, also where none of the fixtures is used: what they need is imported in them.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dynamodb import Capacity
    from dynamodb.testing.faults import Faults
    from models.requirement import ProjectTree

__all__ = ["capacity_budget", "dynamodb_faults", "vishmaker_project", "vishmaker_tables"]

_MARK = "capacity_budget"
_faults_of_test = pytest.StashKey["Faults"]()


def pytest_configure(config: pytest.Config) -> None:
    """Say what the mark means."""
    config.addinivalue_line(
        "markers", f"{_MARK}(read=None, write=None, requests=None): fail a test that costs DynamoDB more than this"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Hold a marked test to its budget, and see that the faults which a test ordered have happened."""
    mark = item.get_closest_marker(_MARK)
    if mark is None:
        result = yield
    else:
        from dynamodb.testing.budget import capacity_budget as budget  # noqa: PLC0415

        with budget(*mark.args, **mark.kwargs):
            result = yield
    if faults := item.stash.get(_faults_of_test, None):
        faults.check()
    return result


@pytest.fixture
def vishmaker_tables() -> Iterator[dict[str, str]]:
    """The six tables, empty, in moto: this test's own, with made-up credentials.

    Gives the tables' names by their keys, as `dynamodb.TABLE_NAMES` has them. Requests of this layer, PynamoDB's models
    and boto3 all meet the same tables.
    """
    from dynamodb.testing.tables import mocked_tables  # noqa: PLC0415

    with mocked_tables() as names:
        yield names


@pytest.fixture
def vishmaker_project(vishmaker_tables: dict[str, str]) -> "ProjectTree":  # noqa: ARG001 - it stands in the tables
    """A small project in those tables, of the owner `user-1`: two user flows, three HLRs, four LLRs, three test cases.

    Gives the tree, as `HierarchyRepository.load` would.
    """
    from dynamodb.repositories import HierarchyRepository  # noqa: PLC0415
    from dynamodb.testing.samples import sample_project  # noqa: PLC0415

    return HierarchyRepository().create(sample_project())


@pytest.fixture
def capacity_budget() -> "Callable[..., AbstractContextManager[Capacity]]":
    """Gives a context manager that fails where its block costs more than it may, and says where it went.

    `with capacity_budget(read=…, write=…, requests=…):`, each limit optional, in capacity units and calls. The
    mark `@pytest.mark.capacity_budget(…)` does the same for a whole test, its fixtures left out.
    """
    from dynamodb.testing.budget import capacity_budget as budget  # noqa: PLC0415

    return budget


@pytest.fixture
def dynamodb_faults(request: pytest.FixtureRequest) -> "Iterator[Faults]":
    """Gives what makes the next requests fail; a test whose fault did not happen fails, too.

    `throttle()`, `time_out()`, `conflict()`, `server_error()` and `break_connection()` of `dynamodb.testing.faults`.
    """
    from dynamodb.testing.faults import injected_faults  # noqa: PLC0415

    if "vishmaker_tables" in request.fixturenames:
        request.getfixturevalue("vishmaker_tables")  # first, so that clearing the tables away meets no fault
    with injected_faults() as faults:
        request.node.stash[_faults_of_test] = faults
        yield faults
