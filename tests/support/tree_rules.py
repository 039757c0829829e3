"""The steps of the state machine of the hierarchy."""

from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import cycle
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from dynamodb.errors import (
    CrossProjectMoveError,
    InvalidInputError,
    NotFoundError,
    ParentNotFoundError,
    VersionConflictError,
)
from dynamodb.repositories import HierarchyRepository, ProjectRepository
from models._hierarchy import (
    HighLevelRequirementTreeCreate,
    LowLevelRequirementTreeCreate,
    ProjectTreeCreate,
    TestCaseTreeCreate,
    UserFlowTreeCreate,
)
from models._kinds import HIERARCHY
from models._values import generate_uuid
from support.tables import LEVELS
from support.tree_machine import OWNERS, REPOSITORIES, Call, Cut, Growth, TreeMachine
from support.tree_model import Key, Row, row_of, rows_of
from support.trees import CHILDREN, nodes, outline, sample

CREATES: tuple[Any, ...] = (
    ProjectTreeCreate,
    UserFlowTreeCreate,
    HighLevelRequirementTreeCreate,
    LowLevelRequirementTreeCreate,
    TestCaseTreeCreate,
)

cuts = (
    st.none()
    | st.builds(Cut, st.integers(0, 12), st.booleans(), st.just("requests"))
    | st.builds(Cut, st.integers(0, 6), st.booleans(), st.just("writes"))
)
names = st.sampled_from(["a", "b", "名前", "x" * 255])
texts = st.sampled_from(["text", "two\nlines", "", None])
#: How many children a project, a flow and a high-level and a low-level requirement have.
widths = st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2))
#: Ids from elsewhere, so few that they are met again.
numbers = st.sampled_from([None, None, 0, 1])
owners = st.sampled_from(OWNERS)
jsons = st.booleans()


def new_nodes(level: int, counts: tuple[int, ...]) -> list[dict[str, Any]]:
    """So many nodes of a level, and so many under each on the levels below."""
    node = sample(*[1] * (level - 1), *counts)
    for above in LEVELS[: level - 1]:
        [node] = node[str(CHILDREN[above])]
    made: list[dict[str, Any]] = node[str(CHILDREN[LEVELS[level - 1]])]
    return made


def keys(tree: Any, level: int) -> set[Key]:
    """The keys of a tree that is given."""
    return {(LEVELS.index(key), node.uiid if level else node.id) for key, node in nodes(tree, level)}


def text_field(level: int) -> str:
    return "description" if level else "initial_prompt"


class TreeRules(TreeMachine):
    """What happens to the projects of two owners."""

    @initialize(widths=st.tuples(*[st.integers(1, 2)] * 4))
    def begin(self, widths: Any) -> None:
        """Each owner has a project with rows on all levels."""
        for owner, some in zip(OWNERS, (widths, (1, 1, 1, 1)), strict=True):
            tree = HierarchyRepository().create(sample(*some, user_id=owner))
            self.adopt((0, tree.id), outline(tree))

    @rule(data=st.data(), owner=owners, widths=widths, number=numbers, cut=cuts, from_json=jsons)
    def create(self, data: Any, owner: str, widths: Any, number: Any, cut: Any, from_json: Any) -> None:
        self.from_json = from_json
        given = {} if number is None else {"id": f"0-{number}"}
        tree = ProjectTreeCreate.model_validate({**sample(*widths, user_id=owner), **given})
        trees = HierarchyRepository(user_id=self.a_user(data, owner))
        root = (0, tree.id)
        run = lambda: [trees.create(self.anew(tree))]  # noqa: E731
        self.grow(Growth("create", run, [root], lambda: [outline(tree)], {root}), cut)

    @precondition(lambda self: self.has(0, 1, 2, 3))
    @rule(data=st.data(), count=st.integers(1, 3), widths=widths, number=numbers, cut=cuts, from_json=jsons)
    def append(self, data: Any, count: int, widths: Any, number: Any, cut: Any, from_json: Any) -> None:
        self.from_json = from_json
        parent = self.a_row(data, 0, 1, 2, 3)
        level = parent.level + 1
        mappings = new_nodes(level, (count, *widths[level:]))
        if number is not None:
            below = mappings[-1].get(CHILDREN[LEVELS[level]] or "")
            if below and data.draw(st.booleans(), label="the id is a child's"):
                below[-1]["uiid"] = f"{level + 1}-{number}"
            else:
                mappings[-1]["uiid"] = f"{level}-{number}"
        given = [CREATES[level].model_validate(one) for one in mappings]
        trees = HierarchyRepository(user_id=self.a_user(data, self.owner_of(parent)))
        growth = Growth(
            "append",
            lambda: trees.append(parent.id, [self.anew(one) for one in given]),
            [(level, one.uiid) for one in given],
            lambda: [outline(one, level) for one in given],
            set().union(*(keys(one, level) for one in given)),
            needs=parent.key,
        )
        self.grow(growth, cut)

    @precondition(lambda self: self.has(0))
    @rule(data=st.data(), owner=st.none() | owners, name=st.none() | names, cut=cuts)
    def copy(self, data: Any, owner: str | None, name: str | None, cut: Any) -> None:
        source = self.a_row(data, 0)
        trees = HierarchyRepository(user_id=source.parent if owner in {None, source.parent} else None)
        root = (0, generate_uuid())

        def outlines() -> list[Any]:
            own, text, children = self.model.outline(source.key)
            return [(own if name is None else name, text, children)]

        def run() -> list[Any]:
            return [trees.copy_project(source.id, name=name, user_id=owner, new_id=root[1])]

        self.grow(Growth("copy", run, [root], outlines, {root}, needs=source.key), cut)

    @precondition(lambda self: self.has(0))
    @rule(data=st.data(), owner=owners, cut=cuts)
    def export_and_import(self, data: Any, owner: str, cut: Any) -> None:
        source = self.a_row(data, 0)
        lines = list(HierarchyRepository(user_id=self.a_user(data, source.parent)).export_lines(source.id))
        exported = self.model.outline(source.key)
        trees = HierarchyRepository(user_id=self.a_user(data, owner))
        root = (0, generate_uuid())

        def run() -> None:
            assert trees.import_lines(lines, user_id=owner, new_id=root[1]) == root[1]

        self.grow(Growth("import", run, [root], lambda: [exported], {root}), cut)

    @rule(data=st.data(), count=st.integers(1, 3), owner=owners, number=numbers, text=texts, cut=cuts)
    def add_rows(self, data: Any, count: int, owner: str, number: Any, text: Any, cut: Any) -> None:
        """Single rows, without anything under them: all of them, or none."""
        parents = [None, *(row for row in self.model.rows.values() if row.level < 4)]
        parent: Row | None = data.draw(st.sampled_from(parents))
        level = parent.level + 1 if parent else 0
        kind = HIERARCHY[level]
        ids = [generate_uuid() for _ in range(count)]
        if number is not None:
            ids[0] = f"{level}-{number}"
        above = {str(kind.parent_field): parent.id if parent else owner}
        rows = [{kind.id_field: one, "name": f"row {one[-5:]}", text_field(level): text, **above} for one in ids]
        repository = REPOSITORIES[level](user_id=self.a_user(data, self.owner_of(parent) if parent else owner))
        roots = [(level, one) for one in ids]
        growth = Growth(
            "add rows",
            lambda: repository.create_many(rows) and None,
            roots,
            lambda: [(row["name"], text, []) for row in rows],
            set(roots),
            needs=parent.key if parent else None,
        )
        self.grow(growth, cut)
        if self.pending and self.pending[-1].name == growth.name:  # no such call is gone on with
            self.pending.pop()
            there = set(roots) & self.stored()
            assert there == set(roots) & self.model.rows.keys()
            assert len(there) in {0, count}

    @precondition(lambda self: self.has(*range(5)))
    @rule(
        data=st.data(),
        name=names,
        text=texts,
        only_name=st.booleans(),
        version=st.sampled_from([None, 0, -1]),
        cut=cuts,
    )
    def update(self, data: Any, name: str, text: Any, only_name: Any, version: Any, cut: Any) -> None:
        row = self.a_row(data, *range(5))
        repository = REPOSITORIES[row.level](user_id=self.a_user(data, self.owner_of(row)))
        changes = {"name": name} if only_name else {"name": name, text_field(row.level): text}
        expected = None if version is None else row.version + version
        if version == -1:
            error = self.refuses(
                VersionConflictError, lambda: repository.update(row.id, changes, expected_version=expected)
            )
            assert row_of(row.level, error.current) == row
            return

        def change(seen: Any) -> None:
            now = row_of(row.level, seen)
            before = self.model.rows[row.key]
            wanted = {"name": name, "text": before.text if only_name else text, "version": before.version + 1}
            assert now == replace(before, **wanted)
            self.model.rows[row.key] = now

        def look() -> None:
            seen = REPOSITORIES[row.level]().get(row.id)
            if seen.version != self.model.rows[row.key].version:
                change(seen)

        def again() -> None:
            if row.key in self.model.rows:
                change(REPOSITORIES[row.level]().update(row.id, changes))
            elif row.key not in self.stored():
                self.refuses(NotFoundError, lambda: repository.update(row.id, changes))

        run = lambda: repository.update(row.id, changes, expected_version=expected)  # noqa: E731
        self.make(Call("update", run, change, look, again), cut)

    @precondition(lambda self: self.has(2, 3, 4))
    @rule(data=st.data(), cut=cuts)
    def move(self, data: Any, cut: Any) -> None:
        row = self.a_row(data, 2, 3, 4)
        project = self.model.project_of(row.key)
        parents = self.model.on(row.level - 1)
        if data.draw(st.booleans(), label="in its project"):
            parents = [one for one in parents if self.model.project_of(one.key) is project]
        parent = data.draw(st.sampled_from(parents))
        user = self.a_user(data, project.parent)
        run = partial(HierarchyRepository(user_id=user).move, row.id, parent.id)

        def place(seen: Any) -> None:
            now = row_of(row.level, seen)
            before = self.model.rows[row.key]
            raised = before.version + (before.parent != parent.id)
            assert now == replace(before, parent=parent.id, version=raised)
            self.model.rows[row.key] = now

        def look() -> None:
            seen = REPOSITORIES[row.level]().get(row.id)
            if row_of(row.level, seen) != self.model.rows[row.key]:
                place(seen)

        def again() -> None:
            self.move_or_refuse(row.key, parent.key, user, run, lambda: place(run()))

        self.move_or_refuse(
            row.key, parent.key, user, run, lambda: self.make(Call("move", run, place, look, again), cut)
        )

    def move_or_refuse(self, row: Key, parent: Key, user: str | None, run: Any, go_on: Any) -> None:
        """Go on, or see the move refused for what is in the model."""
        if row not in self.model.rows:
            self.refuses(NotFoundError, run)
        elif parent not in self.model.rows:
            self.refuses(ParentNotFoundError, run)
        elif user not in {None, self.owner_of(self.model.rows[row])}:
            self.refuses(NotFoundError, run)
        elif user not in {None, self.owner_of(self.model.rows[parent])}:
            self.refuses(ParentNotFoundError, run)
        elif self.model.project_of(row) is not self.model.project_of(parent):
            self.refuses(CrossProjectMoveError, run)
        else:
            go_on()

    @precondition(lambda self: self.has(*range(5)))
    @rule(data=st.data(), in_time=st.booleans(), cut=cuts)
    def delete(self, data: Any, in_time: Any, cut: Any) -> None:
        row = self.a_row(data, *range(5))
        repository = REPOSITORIES[row.level](user_id=self.a_user(data, self.owner_of(row)))
        counts = Counter(LEVELS[one.level] for one in self.model.below(row.key))
        is_alone = not self.pending
        if is_alone:
            assert +Counter(repository.delete(row.id, dry_run=True).counts) == counts

        def finish(answer: Any) -> None:
            if answer.finished and is_alone and not self.pending:
                assert +Counter(answer.counts) == counts
            self.forget(row.key)
            if not answer.finished:
                self.pending.append(call)

        def look() -> None:
            if REPOSITORIES[row.level]().find(row.id) is None:
                self.forget(row.key)

        def again() -> None:
            if row.key not in self.model.rows and row.key not in self.stored():
                self.refuses(NotFoundError, lambda: repository.delete(row.id))
            else:
                assert REPOSITORIES[row.level]().delete(row.id).finished
                self.forget(row.key)
            assert row.key not in self.stored()

        run = lambda: repository.delete(row.id, deadline=None if in_time else 0)  # noqa: E731
        call = Call("delete", run, finish, look, again)
        self.make(call, cut)

    def forget(self, key: Key) -> None:
        if key in self.model.rows:
            self.model.remove(key)

    @precondition(lambda self: self.pending)
    @rule(data=st.data(), from_json=jsons)
    def go_on(self, data: Any, from_json: Any) -> None:
        """The same call again, whatever has happened since."""
        self.from_json = from_json
        call = data.draw(st.sampled_from(self.pending), label="call")
        self.pending.remove(call)
        call.again()

    @precondition(lambda self: self.has(*range(4)))
    @rule(data=st.data(), limits=st.lists(st.integers(1, 4), min_size=1, max_size=4), newest_first=st.booleans())
    def pages(self, data: Any, limits: list[int], newest_first: Any) -> None:
        """One after the other they are the whole, whatever their sizes."""
        parent = self.a_row(data, *range(4))
        kind = HIERARCHY[parent.level + 1]
        user = self.a_user(data, self.owner_of(parent))
        by = data.draw(st.sampled_from(["owner", "parent", "project"]))
        if by == "owner":
            list_ = partial(ProjectRepository(user_id=user).list_by_user, self.owner_of(parent))
            wanted = self.model.projects(self.owner_of(parent))
        elif by == "parent" or kind.key == "user_flows" or self.pending:
            # Rows of a half-made tree are not in their parents' lists, but may be in their project's.
            name = "list_by_project" if kind.key == "user_flows" else "list_by_parent"
            list_ = partial(getattr(REPOSITORIES[parent.level + 1](user_id=user), name), parent.id)
            wanted = self.model.children(parent.key)
        else:
            project = self.model.project_of(parent.key)
            list_ = partial(REPOSITORIES[parent.level + 1](user_id=user).list_by_project, project.id)
            wanted = [row for row in self.model.below(project.key) if row.level == parent.level + 1]
        found: list[Any] = []
        cursor, sizes = None, cycle(limits)
        while True:
            limit = next(sizes)
            page = list_(limit=limit, cursor=cursor, newest_first=newest_first)
            assert len(page.items) <= limit
            found += page.items
            if (cursor := page.cursor) is None:
                break
        level = 0 if by == "owner" else parent.level + 1
        by_age = sorted(wanted, key=lambda row: row.created_at, reverse=newest_first)
        assert [row_of(level, one) for one in found] == by_age

    @precondition(lambda self: self.has(*range(1, 5)))
    @rule(data=st.data())
    def read(self, data: Any) -> None:
        """One row, and what is under it, by its id alone."""
        row = self.a_row(data, *range(1, 5))
        user = self.a_user(data, self.owner_of(row))
        assert row_of(row.level, REPOSITORIES[row.level](user_id=user).get(row.id)) == row
        tree = HierarchyRepository(user_id=user).load_subtree(row.id)
        assert rows_of(tree, row.level) == list(self.model.below(row.key))

    @precondition(lambda self: self.model.gone)
    @rule(data=st.data())
    def nothing_comes_below_what_is_gone(self, data: Any) -> None:
        """Nor into it: also while its deletion is not finished."""
        level, row_id = data.draw(st.sampled_from(list(self.model.gone)))
        if level < 4:
            node = CREATES[level + 1](name="late")
            self.refuses(ParentNotFoundError, lambda: HierarchyRepository().append(row_id, [node]))
            rows = self.model.on(level + 1)
            if rows and level:
                row = data.draw(st.sampled_from(rows))
                self.refuses(ParentNotFoundError, lambda: HierarchyRepository().move(row.id, row_id))
        rows = self.model.on(level - 1) if level > 1 else []
        if rows:
            parent = data.draw(st.sampled_from(rows))
            self.refuses((NotFoundError, InvalidInputError), lambda: HierarchyRepository().move(row_id, parent.id))

    @precondition(lambda self: self.has(*range(5)))
    @rule(data=st.data())
    def nobody_else_has_it(self, data: Any) -> None:
        """To the other owner it is as if it were not there."""
        row = self.a_row(data, *range(5))
        [other] = set(OWNERS) - {self.owner_of(row)}
        mine, trees = REPOSITORIES[row.level](user_id=other), HierarchyRepository(user_id=other)
        assert mine.find(row.id) is None
        calls = [
            lambda: mine.update(row.id, {"name": "mine"}),
            lambda: mine.delete(row.id),
            lambda: trees.copy_project(row.id) if row.level == 0 else trees.load_subtree(row.id),
        ]
        if row.level < 4:
            calls.append(lambda: trees.append(row.id, [CREATES[row.level + 1](name="mine")]))
        if row.level > 1:
            calls.append(lambda: trees.move(row.id, row.parent))
        self.refuses(NotFoundError, *calls)
