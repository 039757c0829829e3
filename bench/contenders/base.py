"""What a contender does, and what the peers share: the rows they write, and how a row that was read is compared."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from bench import dataset

REGION = "us-east-1"
ONE = dataset.ONE


class Contender(ABC):
    """One way of doing the work.

    Every method does the whole of its work at each call. What it returns is in the contender's own types;
    `plain` turns one of its rows into a plain dictionary, for checks outside the measured part.
    """

    #: The distributions whose versions the report prints.
    packages: Sequence[str] = ()

    def versions(self) -> dict[str, str]:
        return {package: version(package) for package in self.packages}

    @abstractmethod
    def prepare(self, endpoint: str) -> None:
        """Make the client; the credentials are in the environment."""

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Close what `prepare` opened."""

    @abstractmethod
    def get_one(self) -> Any:
        """Read the row `ONE` by its key."""

    @abstractmethod
    def by_project(self, project: str) -> Sequence[Any]:
        """Read all high-level requirements of a project from the index, over all its pages."""

    @abstractmethod
    def tree(self, project: str) -> Any:
        """Read the whole tree of a project: the project and every row of the four levels."""

    @abstractmethod
    def put_one(self) -> None:
        """Write one new high-level requirement."""

    @abstractmethod
    def create(self, tree: dict[str, Any]) -> Any:
        """Write a whole new tree, given as nested dictionaries of texts; ids and timestamps are made here."""

    @abstractmethod
    def plain(self, row: Any) -> dict[str, Any]:
        """Return a row that was read as the data set spells it."""

    def levels(self, tree: Any) -> Sequence[Sequence[Any]]:
        """Return the four levels of what `tree` returned."""
        levels: Sequence[Sequence[Any]] = tree[1]
        return levels


def chunks(rows: Sequence[Any], size: int = dataset.BATCH) -> Iterator[Sequence[Any]]:
    """Cut rows into batches."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def spell(value: Any) -> Any:
    """Return a value as the data set spells it: timestamps as text, numbers as int."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value if isinstance(value, str) else int(value)


def spell_row(row: dict[str, Any]) -> dict[str, Any]:
    """Spell every value of a row."""
    return {key: spell(value) for key, value in row.items()}


def _stamp() -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return {"created_at": now, "updated_at": now, "version": 1}


def new_requirement() -> dict[str, Any]:
    """Make the high-level requirement that "put one" writes."""
    parent, project = ONE["parent_uiid"], ONE["project_id"]
    texts = dataset.name_and_description(1)
    return {"uiid": str(uuid.uuid4()), "parent_uiid": parent, "project_id": project, **texts, **_stamp()}


def rows_to_write(tree: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Make the items of a new tree, by table: the part of a creation that is the same for every peer."""
    project = {"id": str(uuid.uuid4()), **_stamp()}
    project |= {key: tree[key] for key in ("user_id", "name", "initial_prompt")}
    rows: dict[str, list[dict[str, Any]]] = {dataset.PROJECTS: [project]}
    above = [(project["id"], tree)]
    for table, key in zip(dataset.LEVELS, dataset.CHILDREN, strict=True):
        level, below = [], []
        for parent, node in above:
            for child in node[key]:
                row = {"uiid": str(uuid.uuid4()), "project_id": project["id"], **_stamp()}
                row |= {"name": child["name"], "description": child["description"]}
                if table != dataset.USER_FLOWS:
                    row["parent_uiid"] = parent
                level.append(row)
                below.append((row["uiid"], child))
        rows[table], above = level, below
    return rows
