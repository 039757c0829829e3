"""What the state machine of the hierarchy stands on: calls that are cut off and made again, beside a plain model.

A cut is the end of a process: from one of its requests on nothing is sent; that request itself is lost, or done and not
answered. What it left is looked at at once, and the same call comes again some steps later, or never before the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from dynamodb.errors import AlreadyExistsError, ConnectionFailedError, NotFoundError, PartialWriteError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from support.interruptions import Decide, crash, crash_at_write, watched
from support.invariants import id_of, problems
from support.tables import LEVELS
from support.tree_model import Key, Model, Row, rows_of, stored_row
from support.trees import outline
from support.world import Item, World

OWNERS = ("ada", "grace")
REPOSITORIES: tuple[Any, ...] = (
    ProjectRepository,
    UserFlowRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    TestCaseRepository,
)


@dataclass(frozen=True)
class Cut:
    """The process ends at one of its requests: the number, of all or of those that write; whether it is still done."""

    place: int
    applied: bool
    of: str

    def decide(self) -> Decide:
        return (crash_at_write if self.of == "writes" else crash)(self.place, applied=self.applied)


@dataclass
class Call:
    """A call that can be cut off.

    Attributes:
        name: what it is.
        run: makes it.
        finish: takes over what it did, from its answer.
        look: takes over what of it is seen after a cut.
        again: makes it again later, and takes over what it did.
    """

    name: str
    run: Callable[[], Any]
    finish: Callable[[Any], None]
    look: Callable[[], None]
    again: Callable[[], None]


@dataclass
class Growth:
    """A call that makes new trees.

    Attributes:
        name: what it is.
        run: makes it; returns the trees, or `None`.
        roots: of the new trees, in their order.
        outlines: gives what they look like if it is made now.
        given: ids that the caller gives.
        needs: the rows without which it is refused: the parent, or what is copied.
    """

    name: str
    run: Callable[[], list[Any] | None]
    roots: list[Key]
    outlines: Callable[[], list[Any]]
    given: set[Key]
    needs: Key | None = None


class TreeMachine(RuleBasedStateMachine):
    """The tables, the model, and the calls that were cut off.

    Args:
        world: the tables; they are made anew.
    """

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        world.drop_tables()
        world.make_tables()
        self.model = Model()
        self.pending: list[Call] = []
        self.from_json = False
        self.checked: dict[str, list[Row]] = {}

    # What is drawn.

    def a_row(self, data: st.DataObject, *levels: int) -> Row:
        """One of the rows of these levels that are shown."""
        level = data.draw(st.sampled_from([level for level in levels if self.has(level)]))
        return data.draw(st.sampled_from(self.model.on(level)))

    def a_user(self, data: st.DataObject, owner: str) -> str | None:
        """Whom the repository is for: the owner, or everybody."""
        return data.draw(st.sampled_from([owner, None]), label="for")

    def owner_of(self, row: Row) -> str:
        return self.model.project_of(row.key).parent

    def has(self, *levels: int) -> bool:
        return any(key[0] in levels for key in self.model.rows)

    def stored(self) -> set[Key]:
        """All rows that are there, shown or not."""
        rows = self.world.levels()
        return {(level, id_of(key, row)) for level, key in enumerate(LEVELS) for row in rows[key]}

    def anew(self, given: Any) -> Any:
        """What the caller gives: an object, or what another process has of it."""
        return type(given).model_validate_json(given.model_dump_json()) if self.from_json else given

    # Calls.

    def make(self, call: Call, cut: Cut | None) -> None:
        """Make a call, perhaps cut off, and take over what it did."""
        if cut is None:
            call.finish(call.run())
            return
        try:
            with watched(cut.decide()):
                answer = call.run()
        except (ConnectionFailedError, PartialWriteError):
            note(f"{call.name} was cut off")
            call.look()
            self.pending.append(call)
        else:
            call.finish(answer)

    def refuses(self, error: Any, *runs: Callable[[], Any]) -> Any:
        """The calls are refused, and every row is as it was before."""
        before = self.world.levels()
        for run in runs:
            with pytest.raises(error) as caught:
                run()
        assert self.world.levels() == before
        return caught.value

    def grow(self, growth: Growth, cut: Cut | None) -> None:
        """Make new trees."""
        if growth.given & self.stored():
            self.refuses(AlreadyExistsError, growth.run)
            return
        latest = max((row.created_at for row in self.model.rows.values()), default=None)
        expected: list[list[Any]] = []

        def run() -> Any:
            expected.append(growth.outlines())
            return growth.run()

        def look() -> list[Any]:
            return [self.adopt(*one) for one in zip(growth.roots, expected[-1], strict=True)]

        def finish(answer: Any) -> None:
            trees = look()
            assert None not in trees, "it was acknowledged, and is not seen"
            assert answer is None or [one.model_dump() for one in answer] == [one.model_dump() for one in trees]

        def again() -> None:
            if self.grow_again(growth, run, finish):
                # For what it had written itself it is not refused.
                others = self.pending or self.model.rows.keys() & growth.given
                assert others or expected[0] != expected[-1], "refused, and nothing else is in its way"

        self.make(Call(growth.name, run, finish, look, again), cut)
        made = [self.model.rows[root].created_at for root in growth.roots if root in self.model.rows]
        assert made == sorted(set(made)), "made in one call, and not in its order"
        assert latest is None or all(moment > latest for moment in made), "made later, and not after the others"

    def grow_again(self, growth: Growth, run: Callable[[], Any], finish: Callable[[Any], None]) -> bool:
        """Make new trees that were begun. Returns whether an id is taken."""
        is_taken = False
        if growth.needs is None or growth.needs in self.model.rows:
            try:
                answer = run()
            except AlreadyExistsError:
                # Another call has one of the ids, what is copied has changed, or a root is being deleted.
                assert growth.given & self.stored()
                is_taken = True
            else:
                finish(answer)
                return False
        else:
            with pytest.raises(NotFoundError):
                growth.run()
        for level, row_id in growth.roots:  # nobody goes on with it: whoever knows the ids gets rid of it
            if (level, row_id) not in self.model.rows and (level, row_id) in self.stored():
                REPOSITORIES[level]().delete(row_id)
        return is_taken

    def adopt(self, root: Key, expected: Any) -> Any | None:
        """Take over a new tree if its root is shown: all of it must be, as it was given."""
        level, row_id = root
        if REPOSITORIES[level]().find(row_id) is None:
            return None
        tree = HierarchyRepository().load_subtree(row_id) if level else HierarchyRepository().load(row_id)
        if root not in self.model.rows:
            assert outline(tree, level) == expected
            rows = rows_of(tree, level)
            levels = [row.level for row in sorted(rows, key=lambda row: row.created_at)]
            assert levels == sorted(levels), "a row is older than one above it"
            self.model.add(rows)
        return tree

    # What always holds.

    @invariant()
    def the_rows_are_those_of_the_model(self) -> None:
        """Seen by a plain client: none is lost, doubled, an orphan, or left over when nothing is pending."""
        levels = self.world.levels()
        assert problems(Seen(self.world, levels), finished=not self.pending) == []
        stored = {
            row.key: row for level, key in enumerate(LEVELS) for row in map(partial(stored_row, level), levels[key])
        }
        assert {key: stored.get(key) for key in self.model.rows} == self.model.rows
        assert self.pending or len(stored) == len(self.model.rows)

    @invariant()
    def owners_see_what_was_changed(self) -> None:
        """Seen by the data layer: whole projects, siblings in the order they were created."""
        for owner in OWNERS:
            projects = self.model.projects(owner)
            assert [one.id for one in ProjectRepository().iter_by_user(owner)] == [one.id for one in projects]
            for project in projects:
                now = list(self.model.below(project.key))
                if now != self.checked.get(project.id):
                    assert rows_of(HierarchyRepository(user_id=owner).load(project.id), 0) == now
                    self.checked[project.id] = now

    def teardown(self) -> None:
        """Whatever was cut off is made again: then nothing is left half done."""
        self.pending.sort(key=lambda one: one.name == "delete")  # the last comes first
        while self.pending:
            self.pending.pop().again()
        self.checked.clear()
        self.the_rows_are_those_of_the_model()
        self.owners_see_what_was_changed()


@dataclass
class Seen:
    """The rows as they were at a moment."""

    world: World
    rows: dict[str, list[Item]]

    def levels(self) -> dict[str, list[Item]]:
        return self.rows

    def loose_ends(self, *, finished: bool) -> list[str]:
        return self.world.loose_ends(finished=finished)
