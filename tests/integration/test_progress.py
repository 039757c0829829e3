"""What long operations tell of their progress."""

import threading
from collections.abc import Callable, Iterator

import pytest

from dynamodb import configure, create_all_tables
from dynamodb.repositories import HierarchyRepository
from models.requirement import ProjectTreeCreate

pytestmark = pytest.mark.engine


@pytest.fixture
def repository(engine_endpoint: str, table_prefix: str) -> Iterator[HierarchyRepository]:
    configure(endpoint=engine_endpoint, table_prefix=table_prefix)
    assert create_all_tables()["status"] == "success"
    yield HierarchyRepository()
    configure()


class Told:
    """Adds up what it is told, from whatever thread."""

    def __init__(self) -> None:
        self.counts: list[int] = []
        self._lock = threading.Lock()

    def __call__(self, count: int) -> None:
        with self._lock:
            self.counts.append(count)


def project(flows: int) -> ProjectTreeCreate:
    return ProjectTreeCreate.model_validate(
        {"name": "p", "user_id": "u", "flows": [{"name": f"flow {number}"} for number in range(flows)]}
    )


@pytest.mark.parametrize("flows", [3, 130])
def test_creating_copying_and_deleting_tell_of_every_row(repository: HierarchyRepository, flows: int) -> None:
    """In one transaction and in batches, what is told adds up to the rows of the tree."""
    tree = project(flows)
    steps: list[Callable[[Told], object]] = [
        lambda told: repository.create(tree, progress=told),
        lambda told: repository.copy_project(tree.id, progress=told),
        lambda told: repository.delete_project(tree.id, progress=told),
    ]
    for step in steps:
        told = Told()
        step(told)
        assert sum(told.counts) == flows + 1


def test_a_call_that_goes_on_tells_of_what_was_there(repository: HierarchyRepository) -> None:
    """A create that finishes an interrupted one reaches the whole number, too."""
    tree = project(130)

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        repository.create(tree, progress=stop)

    told = Told()
    repository.create(tree, progress=told)

    assert sum(told.counts) == 131
