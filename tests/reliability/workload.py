"""Many writers in the same few projects, and the record of what each was told."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from dynamodb import configure
from dynamodb.errors import DataLayerError, NotFoundError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    TestCaseRepository,
)
from reliability import world
from reliability.bench import PATIENT

PROJECTS = {"ada": ("a1", "a2"), "bob": ("b1", "b2")}
#: Under the first flow of a project only single test cases are deleted, under the second whole subtrees.
SAFE, WILD = "safe", "wild"
#: Rows of each level under a flow in the beginning.
_START = (2, 2, 2)


@dataclass(frozen=True)
class Event:
    """What one call was told.

    Attributes:
        what: `create`, `update`, `count`, `move`, `delete`, `load` or `foreign`.
        uiid: the row.
        error: the code of the error; empty on success.
        version: of the row that was answered.
        token: the text that was written.
        side: where a created row is: `safe` or `wild`.
        wrong: what should not have been, where that shows at once.
    """

    what: str
    uiid: str = ""
    error: str = ""
    version: int = 0
    token: str = ""
    side: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class Task:
    """What one process does."""

    where: dict[str, Any]
    seed: str
    threads: int
    calls: int


def rows() -> world.Rows:
    """Two projects of each of two owners; every text begins with its owner's name."""
    made: world.Rows = []
    for owner, projects in PROJECTS.items():
        for project_id in projects:
            flows = [world.nodes(f"{project_id}-{side}", _START) for side in (SAFE, WILD)]
            tree = world.tree(project_id, width=(2, 1, 1, 1), user_id=owner)
            for flow, side, below in zip(tree["flows"], (SAFE, WILD), flows, strict=True):
                flow |= {"uiid": f"{project_id}-{side}", "high_level_requirement_list": below}
            made += [(table, _owned(owner, item)) for table, item in world.stored(tree)]
    return made


def _owned(owner: str, item: Any) -> Any:
    return {**item, "name": {"S": "0"}, **({"description": {"S": f"{owner}: start"}} if "description" in item else {})}


def work(task: Task) -> list[dict[str, Any]]:
    """In a process: let some threads call, and return what they were told."""
    configure(**task.where, **PATIENT)
    writers = [Writer(f"{task.seed}-{number}") for number in range(task.threads)]
    with ThreadPoolExecutor(task.threads) as threads:
        histories = list(threads.map(lambda writer: list(writer.calls(task.calls)), writers))
    return [asdict(event) for history in histories for event in history]


class Writer:
    """One thread's calls, each on a row chosen at random."""

    def __init__(self, name: str) -> None:
        self._random = random.Random(name)  # noqa: S311 - repeatable on purpose
        self._name = name
        self._number = 0
        self._owner = self._random.choice(list(PROJECTS))
        self._known: dict[tuple[str, str, int], list[str]] = {}
        user_id = self._owner
        self._trees = HierarchyRepository(user_id=user_id)
        self._levels: list[Any] = [
            HighLevelRequirementRepository(user_id=user_id),
            LowLevelRequirementRepository(user_id=user_id),
            TestCaseRepository(user_id=user_id),
        ]

    def calls(self, number: int) -> Iterator[Event]:
        """Make so many calls and tell of each."""
        ways: list[tuple[int, Callable[[], Event]]] = [
            (30, self._update),
            (20, self._count),
            (20, self._create),
            (10, self._move),
            (5, self._delete),
            (5, self._append),
            (5, self._load),
            (5, self._foreign),
        ]
        for project_id in PROJECTS[self._owner]:
            yield self._look(project_id)
        chosen = self._random.choices([way for _, way in ways], [weight for weight, _ in ways], k=number)
        for way in chosen:
            yield way()

    def _update(self) -> Event:
        level, uiid, token = *self._row(), self._token()
        return _told("update", uiid, lambda: self._levels[level].update(uiid, {"description": token}), token)

    def _count(self) -> Event:
        """Read a number and write the next one, for exactly the version that was read; all on a few rows."""
        level = self._random.choice((0, 1, 2))
        uiid = f"{self._random.choice(PROJECTS[self._owner])}-{SAFE}" + ".0" * (level + 1)

        def count() -> Any:
            row = self._levels[level].get(uiid)
            return self._levels[level].update(uiid, {"name": str(int(row.name) + 1)}, expected_version=row.version)

        return _told("count", uiid, count)

    def _create(self) -> Event:
        project_id, side, level = self._somewhere()
        parent, token = self._choose(project_id, side, level - 1), self._token()
        new = {"name": "0", "description": token, "parent_uiid": parent, "uiid": f"{side} {token}"}
        event = _told("create", new["uiid"], lambda: self._levels[level].create(new), token, side)
        if not event.error:
            self._known.setdefault((project_id, side, level), []).append(event.uiid)
        return event

    def _append(self) -> Event:
        """A requirement with what is under it; now and then more than one transaction holds."""
        project_id, side, _ = self._somewhere()
        token = self._token()
        width = (10, 10) if self._random.random() < 0.1 else (2, 1)
        below = _renamed(world.nodes("x", width, ids=False), token)
        node = {"uiid": f"{side} {token}", "name": "0", "description": token, "low_level_requirement_list": below}
        return _told("create", node["uiid"], lambda: self._trees.append(f"{project_id}-{side}", [node])[0], token, side)

    def _move(self) -> Event:
        project_id, side, level = self._somewhere()
        uiid = self._choose(project_id, side, level)
        # What is moved stays on its side, or nothing could be said of what must still be there.
        parent = self._choose(project_id, side, level - 1)
        return _told("move", uiid, lambda: self._trees.move(uiid, parent))

    def _delete(self) -> Event:
        side = self._random.choice((SAFE, WILD))
        level, uiid = (2, self._row(side, 2)[1]) if side == SAFE else self._row(side)

        def delete() -> None:
            assert self._levels[level].delete(uiid).finished

        return _told("delete", uiid, delete)

    def _load(self) -> Event:
        return self._look(self._random.choice(PROJECTS[self._owner]))

    def _look(self, project_id: str) -> Event:
        """Read a project, and remember what is in it."""
        tree = self._trees.load(project_id)
        strangers = [row for row in [tree, *tree.flows] if getattr(row, "project_id", tree.id) != project_id]
        for flow in tree.flows:
            side = flow.uiid.rpartition("-")[2]
            level = list(flow.high_level_requirement_list)
            for depth, children in enumerate(("low_level_requirement_list", "test_case_list", "")):
                self._known[project_id, side, depth] = [row.uiid for row in level]
                strangers += [row for row in level if not _is_of(row, self._owner, project_id)]
                level = [child for row in level for child in getattr(row, children, ())]
        return Event("load", project_id, wrong=f"load of {project_id} showed {strangers}" if strangers else "")

    def _foreign(self) -> Event:
        """Touch another owner's row: it must be reported as not found, whatever is done."""
        other = next(owner for owner in PROJECTS if owner != self._owner)
        project_id = self._random.choice(PROJECTS[other])
        uiid = f"{project_id}-{SAFE}.0.0.0"
        ways: list[Callable[[], Any]] = [
            lambda: self._levels[2].update(uiid, {"description": self._token()}),
            lambda: self._levels[2].delete(uiid),
            lambda: self._trees.move(uiid, f"{project_id}-{SAFE}.0.1"),
            lambda: self._trees.load(project_id),
            lambda: self._levels[2].create({"name": "x", "parent_uiid": f"{project_id}-{SAFE}.0.0"}),
        ]
        try:
            answer = self._random.choice(ways)()
        except NotFoundError as error:
            return Event("foreign", uiid, error.code)
        return Event("foreign", uiid, wrong=f"{self._owner} was answered {answer!r} for {uiid}")

    def _somewhere(self) -> tuple[str, str, int]:
        choose = self._random.choice
        return choose(PROJECTS[self._owner]), choose((SAFE, WILD)), choose((0, 1, 2))

    def _row(self, side: str | None = None, level: int | None = None) -> tuple[int, str]:
        project_id, any_side, any_level = self._somewhere()
        chosen = any_level if level is None else level
        return chosen, self._choose(project_id, side or any_side, chosen)

    def _choose(self, project_id: str, side: str, level: int) -> str:
        known = self._known.get((project_id, side, level)) if level >= 0 else None
        return self._random.choice(known or [f"{project_id}-{side}"])

    def _token(self) -> str:
        self._number += 1
        return f"{self._owner}: {self._name} {self._number}"


def _told(what: str, uiid: str, call: Callable[[], Any], token: str = "", side: str = "") -> Event:
    try:
        row = call()
    except DataLayerError as error:
        return Event(what, uiid, error.code, token=token, side=side)
    wrong = "" if row is None or row.uiid == uiid else f"{what} of {uiid} answered {row!r}"
    if token and row.description != token:
        wrong = f"{what} of {uiid} wrote {token!r} and answered {row.description!r}"
    return Event(what, uiid, version=row.version if row else 0, token=token, side=side, wrong=wrong)


def _is_of(row: Any, owner: str, project_id: str) -> bool:
    return row.project_id == project_id and str(row.description).startswith(f"{owner}:")


def _renamed(nodes: list[dict[str, Any]], token: str) -> list[dict[str, Any]]:
    """The same nodes with this text, ready to be counted in."""
    return [
        {
            name: _renamed(part, token)
            if isinstance(part, list)
            else {"name": "0", "description": token}.get(name, part)
            for name, part in node.items()
        }
        for node in nodes
    ]
