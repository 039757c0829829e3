"""The repositories of the five levels of the hierarchy."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, ClassVar, Generic

from pynamodb.expressions.condition import Condition

from dynamodb import _cascade, _layout, _requests, _rows, _writing
from dynamodb._cascade import Deleted
from dynamodb._paging import Page
from dynamodb._sending import at_once
from dynamodb._validation import check_key, check_list, checked
from dynamodb._writing import NewRow
from dynamodb.errors import InvalidInputError
from dynamodb.repositories._base import C, R, Repository, U
from models._hierarchy import (
    HighLevelRequirement,
    HighLevelRequirementCreate,
    HighLevelRequirementUpdate,
    LowLevelRequirement,
    LowLevelRequirementCreate,
    LowLevelRequirementUpdate,
    Project,
    ProjectCreate,
    ProjectUpdate,
    TestCase,
    TestCaseCreate,
    TestCaseUpdate,
    UserFlow,
    UserFlowCreate,
    UserFlowUpdate,
)
from models._kinds import (
    HIGH_LEVEL_REQUIREMENT,
    LOW_LEVEL_REQUIREMENT,
    PROJECT,
    TEST_CASE,
    USER_FLOW,
    Kind,
    parent_kind,
)
from models._values import MICROSECOND, generate_uuid, take_moments

#: The rows above new rows, by the id of their parent; the parent first.
Above = dict[str, list[tuple[Kind, Any]]]


class _NodeRepository(Repository[R, C, U], Generic[R, C, U]):
    """Rows of one level of the hierarchy."""

    def create(self, data: C | Mapping[str, Any]) -> R:
        """Write a new row, in one transaction with the condition that everything above it is there.

        Args:
            data: the create schema, or a mapping of its fields.

        Raises:
            InvalidInputError: if a field is outside its limits.
            ItemTooLargeError: if the item is over 400 KB.
            ParentNotFoundError: if the parent is absent, another owner's, or it or a row above is being deleted.
            AlreadyExistsError: if the id was given and is taken, under whatever parent.
        """
        return self.create_many([data])[0]

    def create_many(self, data: Sequence[C | Mapping[str, Any]]) -> list[R]:
        """Write new rows in their order: all or nothing up to one transaction, beyond it transaction by transaction.

        A transaction has at most 100 actions and 4 MB; each row is an action, and so is each row above that is checked.

        Args:
            data: create schemas, or mappings of their fields; the parents may differ.

        Returns:
            The new rows, in the order of `data`.

        Raises:
            InvalidInputError: if a field is outside its limits, or an id is given twice; nothing was written.
            ItemTooLargeError: if an item is over 400 KB; nothing was written.
            ParentNotFoundError: as for `create`; nothing was written.
            AlreadyExistsError: as for `create`; nothing was written.
            PartialWriteError: if a later transaction failed; it says what the earlier ones wrote.
        """
        inputs: list[Any] = [checked(self.kind.create, one) for one in check_list("data", data)]
        if not inputs:
            return []
        given = [row_id for one in inputs if (row_id := getattr(one, self.kind.id_field)) is not None]
        if len(set(given)) < len(given):
            raise InvalidInputError(f"{self.kind.id_field}: the same id is given twice")
        read_above = partial(self._rows_above, [self.kind.parent_of(one) for one in inputs])
        above = read_above()
        start = take_moments(len(inputs))
        fields = [
            {
                **self._new_fields(one, start + number * MICROSECOND),
                **self._place_below(one, above[self.kind.parent_of(one)]),
                self.kind.id_field: getattr(one, self.kind.id_field) or generate_uuid(),
            }
            for number, one in enumerate(inputs)
        ]
        items = [(row[str(self.kind.parent_field)], _requests.item_of(self.kind, row)) for row in fields]
        _writing.refuse_known_ids(((self.kind, row_id) for row_id in given), at_once_written=len(inputs) == 1)
        self._write(above, read_above, lambda rows: [NewRow(self.kind, item, rows[parent]) for parent, item in items])
        return [self._stored(row) for row in fields]

    def delete(self, key: str, *, dry_run: bool = False, deadline: float | None = None) -> Deleted:
        """Delete a row and everything under it: mark it, delete from the leaves up, itself last.

        From the mark on readers see it as gone and nothing can be added under it. After an interruption the same call
        finishes the work.

        Args:
            key: the `id` or `uiid`.
            dry_run: only count.
            deadline: seconds after which to stop between two requests; call again to go on.

        Returns:
            What was deleted, by level, and whether everything was.

        Raises:
            NotFoundError: if there is no such row, or it is another owner's.
            InvalidInputError: if the deadline is no number of seconds.
        """
        check_key(self.kind.id_field, key)
        return _cascade.delete(self.kind, key, user_id=self._user_id, dry_run=dry_run, deadline=deadline)

    def _rows_above(self, parent_ids: Sequence[str]) -> Above:
        wanted = list(dict.fromkeys(parent_ids))
        chains = at_once(partial(_rows.ancestors, self.kind, one, user_id=self._user_id) for one in wanted)
        return dict(zip(wanted, chains, strict=True))

    def _place_below(self, data: Any, above: list[tuple[Kind, Any]]) -> dict[str, Any]:
        """Return the fields that come from the rows above: the project's id."""
        project_id = above[-1][1].id
        if data.project_id not in {None, project_id}:
            raise InvalidInputError(f"project_id: the parent belongs to {project_id!r}, not {data.project_id!r}")
        return {"project_id": project_id}

    def _write(
        self, above: Above, read_above: Callable[[], Above], rows_below: Callable[[Above], list[NewRow]]
    ) -> None:
        _writing.insert_below(above, read_above, rows_below)

    def _list_below(
        self,
        place: _layout.Place,
        project: tuple[Kind, str],
        *,
        limit: int | None,
        cursor: str | None,
        newest_first: bool,
    ) -> Page[R]:
        if not self._sees(*project):
            return Page([])
        return self._page(place, limit=limit, cursor=cursor, newest_first=newest_first)

    def _iter_below(self, place: _layout.Place, above: tuple[Kind, str], *, newest_first: bool) -> Iterator[R]:
        return chain.from_iterable(self._each_page_below(place, above, newest_first=newest_first))

    def _each_page_below(
        self, place: _layout.Place, above: tuple[Kind, str], *, newest_first: bool
    ) -> Iterator[list[R]]:
        if self._sees(*above):
            yield from self._each_page(place, newest_first=newest_first)

    def _sees(self, kind: Kind, row_id: str) -> bool:
        """Say whether what lies under a row may be seen; without an owner that needs no request."""
        if self._user_id is None:
            return True
        if kind is PROJECT:
            return _rows.owns_project(self._user_id, row_id)
        row = _rows.find_shown(kind, row_id)
        return row is not None and _rows.belongs_to(kind, row, self._user_id)


class ProjectRepository(_NodeRepository[Project, ProjectCreate, ProjectUpdate]):
    """Projects: the roots of the hierarchy, each with its owner."""

    kind: ClassVar[Kind] = PROJECT

    def list_by_user(
        self, user_id: str, *, limit: int | None = None, cursor: str | None = None, newest_first: bool = False
    ) -> Page[Project]:
        """Return a page of a user's projects in the order they were created.

        Eventually consistent: a project just created may not be in it yet.

        Args:
            user_id: the owner.
            limit: rows on a page; default: as many as fit in 1 MB.
            cursor: the `cursor` of the page before.
            newest_first: the other way round.

        Raises:
            InvalidCursorError: if the cursor is damaged, or another query's.
        """
        check_key("user_id", user_id)
        if self._user_id not in {None, user_id}:
            return Page([])
        place = _layout.current().by_field(PROJECT, "user_id", user_id)
        return self._page(place, limit=limit, cursor=cursor, newest_first=newest_first)

    def iter_by_user(self, user_id: str, *, newest_first: bool = False) -> Iterator[Project]:
        """Go through all of a user's projects, as `list_by_user` orders them, reading page after page."""
        check_key("user_id", user_id)
        if self._user_id not in {None, user_id}:
            return iter(())
        return self._iter(_layout.current().by_field(PROJECT, "user_id", user_id), newest_first=newest_first)

    def list_by_name(
        self, name: str, *, limit: int | None = None, cursor: str | None = None, newest_first: bool = False
    ) -> Page[Project]:
        """Return a page of the projects that have exactly this name; otherwise as `list_by_user`."""
        check_key("name", name)
        place = _layout.current().by_field(PROJECT, "name", name)
        return self._page(place, limit=limit, cursor=cursor, newest_first=newest_first)

    def iter_by_name(self, name: str, *, newest_first: bool = False) -> Iterator[Project]:
        """Go through all projects that have exactly this name, reading page after page."""
        check_key("name", name)
        return self._iter(_layout.current().by_field(PROJECT, "name", name), newest_first=newest_first)

    def _only_mine(self, place: _layout.Place) -> Condition | None:
        shown = super()._only_mine(place)
        # A filter may not name a key attribute of what is queried, and there the owner is known to be the one.
        if self._user_id is None or shown is None or place.hash_key == "user_id":
            return shown
        mine: Condition = shown & (_requests.attribute(PROJECT, "user_id") == self._user_id)
        return mine

    def _rows_above(self, parent_ids: Sequence[str]) -> Above:
        for user_id in parent_ids:
            if self._user_id not in {None, user_id}:
                raise InvalidInputError("user_id: is not the owner that this repository is for")
        return {user_id: [] for user_id in parent_ids}

    def _place_below(self, data: Any, above: list[tuple[Kind, Any]]) -> dict[str, Any]:  # noqa: ARG002
        # Whatever this layer writes under a new project carries project_id.
        return {"tree_format": 1}

    def _write(
        self, above: Above, read_above: Callable[[], Above], rows_below: Callable[[Above], list[NewRow]]
    ) -> None:
        rows = rows_below(above)
        if len(rows) == 1:
            _writing.put_new(PROJECT, rows[0].item)
        else:
            super()._write(above, read_above, rows_below)


class UserFlowRepository(_NodeRepository[UserFlow, UserFlowCreate, UserFlowUpdate]):
    """User flows: the children of a project."""

    kind: ClassVar[Kind] = USER_FLOW

    def list_by_project(
        self, project_id: str, *, limit: int | None = None, cursor: str | None = None, newest_first: bool = False
    ) -> Page[UserFlow]:
        """Return a page of a project's user flows in the order they were created.

        Eventually consistent: a row just created may not be in it yet. Strongly in the single-table layout.

        Args:
            project_id: the project.
            limit: rows on a page; default: as many as fit in 1 MB.
            cursor: the `cursor` of the page before.
            newest_first: the other way round.

        Raises:
            InvalidCursorError: if the cursor is damaged, or another query's.
        """
        check_key("project_id", project_id)
        place = _layout.current().by_project(USER_FLOW, project_id)
        above = (PROJECT, project_id)
        return self._list_below(place, above, limit=limit, cursor=cursor, newest_first=newest_first)

    def iter_by_project(self, project_id: str, *, newest_first: bool = False) -> Iterator[UserFlow]:
        """Go through all user flows of a project, reading page after page."""
        check_key("project_id", project_id)
        return self._iter_below(
            _layout.current().by_project(USER_FLOW, project_id), (PROJECT, project_id), newest_first=newest_first
        )


class _RequirementRepository(_NodeRepository[R, C, U], Generic[R, C, U]):
    """Rows below a user flow."""

    def list_by_parent(
        self, parent_uiid: str, *, limit: int | None = None, cursor: str | None = None, newest_first: bool = False
    ) -> Page[R]:
        """Return a page of a row's children in the order they were created.

        Eventually consistent: a row just created may not be in it yet. Strongly in the single-table layout.

        Args:
            parent_uiid: the row above.
            limit: rows on a page; default: as many as fit in 1 MB.
            cursor: the `cursor` of the page before.
            newest_first: the other way round.

        Raises:
            InvalidCursorError: if the cursor is damaged, or another query's.
        """
        place, above = self._below_parent(parent_uiid)
        return self._list_below(place, above, limit=limit, cursor=cursor, newest_first=newest_first)

    def iter_by_parent(self, parent_uiid: str, *, newest_first: bool = False) -> Iterator[R]:
        """Go through all children of a row, reading page after page."""
        place, above = self._below_parent(parent_uiid)
        return self._iter_below(place, above, newest_first=newest_first)

    def list_by_project(
        self, project_id: str, *, limit: int | None = None, cursor: str | None = None, newest_first: bool = False
    ) -> Page[R]:
        """Return a page of the rows of this level that a project has; otherwise as `list_by_parent`.

        Rows of earlier writers that lack `project_id` are not among them; `HierarchyRepository.load` finds those too.
        In the single-table layout each page reads the whole level.
        """
        check_key("project_id", project_id)
        place = _layout.current().by_project(self.kind, project_id)
        above = (PROJECT, project_id)
        return self._list_below(place, above, limit=limit, cursor=cursor, newest_first=newest_first)

    def iter_by_project(self, project_id: str, *, newest_first: bool = False) -> Iterator[R]:
        """Go through all rows of this level that a project has, reading page after page."""
        check_key("project_id", project_id)
        place = _layout.current().by_project(self.kind, project_id)
        return self._iter_below(place, (PROJECT, project_id), newest_first=newest_first)

    def _below_parent(self, parent_uiid: str) -> tuple[_layout.Place, tuple[Kind, str]]:
        check_key("parent_uiid", parent_uiid)
        above = parent_kind(self.kind) or PROJECT
        return _layout.current().by_parent(self.kind, parent_uiid), (above, parent_uiid)


class HighLevelRequirementRepository(
    _RequirementRepository[HighLevelRequirement, HighLevelRequirementCreate, HighLevelRequirementUpdate]
):
    """High-level requirements: the children of a user flow."""

    kind: ClassVar[Kind] = HIGH_LEVEL_REQUIREMENT


class LowLevelRequirementRepository(
    _RequirementRepository[LowLevelRequirement, LowLevelRequirementCreate, LowLevelRequirementUpdate]
):
    """Low-level requirements: the children of a high-level requirement."""

    kind: ClassVar[Kind] = LOW_LEVEL_REQUIREMENT


class TestCaseRepository(_RequirementRepository[TestCase, TestCaseCreate, TestCaseUpdate]):
    """Test cases: the children of a low-level requirement."""

    __test__ = False

    kind: ClassVar[Kind] = TEST_CASE
