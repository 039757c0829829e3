"""The repository of whole trees."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from pydantic import Field, ValidationError

from dynamodb import _batches, _cascade, _growing, _moving, _reading, _rows, _streaming, _writing
from dynamodb._batches import Progress
from dynamodb._cascade import Deleted
from dynamodb._growing import Branch
from dynamodb._validation import check_key, check_list, checked, describe
from dynamodb.errors import InvalidInputError, NotFoundError, ParentNotFoundError
from models._copying import copy_of
from models._hierarchy import (
    HighLevelRequirement,
    HighLevelRequirementTree,
    HighLevelRequirementTreeCreate,
    LowLevelRequirement,
    LowLevelRequirementTree,
    LowLevelRequirementTreeCreate,
    ProjectTree,
    ProjectTreeCreate,
    TestCase,
    TestCaseTreeCreate,
    UserFlowTree,
    UserFlowTreeCreate,
)
from models._kinds import HIERARCHY, PROJECT, Kind, child_kind
from models._values import generate_uuid

NodeCreate = UserFlowTreeCreate | HighLevelRequirementTreeCreate | LowLevelRequirementTreeCreate | TestCaseTreeCreate
NodeTree = UserFlowTree | HighLevelRequirementTree | LowLevelRequirementTree | TestCase


class ProjectCopy(ProjectTree):
    """A copied project, and which of its ids stands for which of the original's."""

    #: Old id → new id, the project's own included.
    new_ids: dict[str, str] = Field(default_factory=dict, exclude=True)


class HierarchyRepository:
    """Whole trees: read, written, moved, copied and deleted as one.

    Args:
        user_id: sees and changes only what belongs to this owner; what is someone else's is reported as not found.
            Default: no such limit.
    """

    def __init__(self, *, user_id: str | None = None) -> None:
        self._user_id = None if user_id is None else check_key("user_id", user_id)

    def load(self, project_id: str) -> ProjectTree:
        """Read a project with everything under it, siblings in the order they were created.

        Five requests at the same time, and one more for each further megabyte of a level. The rows come from indexes:
        what was written a moment ago may not be in them yet, and it is not a snapshot. In the single-table layout it is
        one request for each megabyte, strongly consistent.

        Raises:
            NotFoundError: if there is no such project, or it is another owner's, or being created or deleted.
        """
        check_key("project_id", project_id)
        tree: ProjectTree | None = _reading.read_project(project_id, self._user_id)
        if tree is None:
            raise _writing.gone(PROJECT, project_id)
        return tree

    def load_subtree(self, uiid: str) -> NodeTree:
        """Read a user flow, requirement or test case with everything under it, and nothing else.

        One request finds it on each level (in one table one finds what leads to it, and one reads it); then one for
        each row that may have children, several at the same time.

        Raises:
            NotFoundError: if there is no such row, or it is another owner's, or being created or deleted.
        """
        kind, root = self._locate(uiid, attrgetter("tree"))
        tree: NodeTree = _reading.read_subtree(kind, root)
        return tree

    def create(
        self, tree: ProjectTreeCreate | Mapping[str, Any], *, progress: Progress = _batches.untold
    ) -> ProjectTree:
        """Write a whole project.

        Up to one transaction (100 rows, 4 MB) it is all or nothing. Beyond that it is written parents first, in
        batches at the same time, and readers do not see the project until all of it is there. The same call with the
        same tree finishes what an interrupted one began, and returns what is there where it had been finished; the
        ids are part of the tree.

        Args:
            tree: the project, or a mapping of its fields. A mapping without ids gets new ones at every call.
            progress: told how many rows were just written, the project's own and those of an earlier call included.
                It is called from several threads.

        In the single-table layout a row below the project is two items: a transaction is 49 of them and the project.

        Raises:
            InvalidInputError: if a field is outside its limits, or an id is in the tree twice; nothing was written.
            ItemTooLargeError: if a row would be over 400 KB; nothing was written.
            AlreadyExistsError: if an id is taken; nothing was written.
            PartialWriteError: if some rows could not be written; the same call again goes on.
        """
        project: ProjectTreeCreate = checked(ProjectTreeCreate, tree)
        if self._user_id not in {None, project.user_id}:
            raise InvalidInputError("user_id: is not the owner that this repository is for")
        branch = _growing.branch(PROJECT, project, project.user_id, None)
        return self._grow(branch, _growing.given_ids([branch]), progress)

    def append(self, parent_uiid: str, nodes: Sequence[NodeCreate | Mapping[str, Any]]) -> list[NodeTree]:
        """Write new nodes, with everything under them, below a row.

        Otherwise as `create`: all or nothing up to one transaction; beyond it each node is not shown until all under
        it is there.

        Args:
            parent_uiid: of the row they belong to; a project's id for user flows.
            nodes: tree schemas of the level below it, or mappings of their fields.

        Returns:
            The new nodes, in their order.

        Raises:
            ParentNotFoundError: if there is no such row, or it or a row above is being deleted.
            InvalidInputError: if the nodes are of another level than below the row, or a field is outside its limits.
            AlreadyExistsError: if an id is taken; nothing was written.
            PartialWriteError: if some rows could not be written; the same call again goes on.
        """
        nodes = check_list("nodes", nodes)
        kind = self._kind_below(check_key("parent_uiid", parent_uiid), nodes)
        given: list[Any] = [checked(_CREATES[kind], node) for node in nodes]
        if not given:
            return []
        above = _moving.rows_above(kind, parent_uiid, field="parent_uiid", user_id=self._user_id)
        branches = [_growing.branch(kind, node, parent_uiid, above[-1][1].id) for node in given]
        _growing.grow(
            branches,
            above=lambda: _rows.ancestors(kind, parent_uiid, user_id=self._user_id),
            given=_growing.given_ids(branches),
        )
        return [self.load_subtree(kind.id_of(one.node)) if one.is_finished else one.root for one in branches]

    def move(self, uiid: str, new_parent_uiid: str) -> HighLevelRequirement | LowLevelRequirement | TestCase:
        """Give a node another parent in the same project; its id and everything under it stay.

        One transaction, after reading the rows above the old and the new place.

        Args:
            uiid: of a requirement or test case.
            new_parent_uiid: of a row one level above it.

        Returns:
            The node as it is now, its version raised by one.

        Raises:
            NotFoundError: if there is no such node, or it is another owner's.
            ParentNotFoundError: if there is no such parent, or it or a row above is being deleted.
            InvalidInputError: if the parent is on another level, or the node is a user flow.
            CrossProjectMoveError: if the parent belongs to another project.
        """
        check_key("uiid", uiid)
        check_key("new_parent_uiid", new_parent_uiid)
        return _moving.move(uiid, new_parent_uiid, user_id=self._user_id)  # type: ignore[no-any-return]

    def copy_project(
        self,
        project_id: str,
        *,
        name: str | None = None,
        user_id: str | None = None,
        new_id: str | None = None,
        progress: Progress = _batches.untold,
    ) -> ProjectCopy:
        """Copy a project with everything under it: new ids, the same shape and order.

        Args:
            project_id: the project.
            name: of the copy; default: the same.
            user_id: the owner of the copy; default: the same. A repository for one owner copies for that one only.
            new_id: of the copy, for a call that may be repeated: the other ids follow from it, so that the same call
                again finishes what an interrupted one began. Default: a new one.
            progress: as for `create`.

        Returns:
            The copy; its `new_ids` say which id stands for which of the original's.

        Raises:
            NotFoundError: as for `load`.
            InvalidInputError: if a field is outside its limits, of a row of an earlier writer too; nothing was written.
            PartialWriteError: if some rows could not be written.
        """
        self._check_new_owner(user_id, new_id)
        original = self.load(project_id)
        copy_id = generate_uuid() if new_id is None else new_id
        try:
            tree, new_ids = copy_of(original, copy_id, name=name, user_id=user_id)
        except ValidationError as error:
            raise InvalidInputError(describe(error)) from error
        branch = _growing.branch(PROJECT, tree, tree.user_id, None)
        # The other ids follow from the project's: where that one is new, so are they.
        copy = self._grow(branch, [] if new_id is None else [(PROJECT, new_id)], progress)
        return ProjectCopy(**vars(copy), new_ids=new_ids)

    def delete_project(
        self,
        project_id: str,
        *,
        dry_run: bool = False,
        deadline: float | None = None,
        progress: Progress = _batches.untold,
    ) -> Deleted:
        """Delete a project and everything under it, as `ProjectRepository.delete` does.

        Args:
            project_id: the project.
            dry_run: only count.
            deadline: seconds after which to stop between two requests; call again to go on.
            progress: told how many rows were just deleted. It is called from several threads.

        Raises:
            NotFoundError: if there is no such project, or it is another owner's.
        """
        check_key("project_id", project_id)
        return _cascade.delete(
            PROJECT, project_id, user_id=self._user_id, dry_run=dry_run, deadline=deadline, progress=progress
        )

    def export_lines(self, project_id: str) -> Iterator[bytes]:
        """Read a project as lines of JSON, for one too big to be held in memory.

        The first line is the project, each further one a row with `kind`, parents before their children, siblings in
        the order they were created.

        Raises:
            NotFoundError: as for `load`.
        """
        return _streaming.export_lines(check_key("project_id", project_id), self._user_id)

    def import_lines(
        self,
        lines: Iterable[bytes | str],
        *,
        user_id: str | None = None,
        new_id: str | None = None,
        keep_ids: bool = False,
    ) -> str:
        """Write a project from the lines that `export_lines` gave; it is not shown until all of it is there.

        Args:
            lines: lines of JSON, the project first, parents before their children.
            user_id: the new owner; default: this repository's, else the one in the first line.
            new_id: of the new project, for a call that may be repeated: the other ids follow from it, so that the same
                call again finishes what an interrupted one began. Default: a new one.
            keep_ids: give every row the id that its line has; the same call again finishes, too.

        Returns:
            The new project's id.

        Raises:
            InvalidInputError: if a line is not what it should be; the message names it.
            AlreadyExistsError: if an id that is to be kept is taken.
            PartialWriteError: if some rows could not be written.

        After the first two, what this call had written is deleted again.
        """
        self._check_new_owner(user_id, new_id)
        owner = user_id or self._user_id
        return _streaming.import_lines(lines, user_id=owner, new_id=new_id, keep_ids=keep_ids)

    def _check_new_owner(self, user_id: str | None, new_id: str | None) -> None:
        for field, value in (("user_id", user_id), ("new_id", new_id)):
            if value is not None:
                check_key(field, value)
        if user_id is not None and self._user_id not in {None, user_id}:
            raise InvalidInputError("user_id: is not the owner that this repository is for")

    def _grow(self, branch: Branch, given: Sequence[tuple[Kind, str]], progress: Progress) -> ProjectTree:
        _growing.grow([branch], above=list, given=given, progress=progress)
        tree: ProjectTree = self.load(branch.root.id) if branch.is_finished else branch.root
        return tree

    def _locate(self, uiid: str, schema: Callable[[Kind], type[Any]]) -> tuple[Kind, Any]:
        found = _moving.locate(check_key("uiid", uiid), HIERARCHY[1:], schema)
        if found is None or not _rows.belongs_to(*found, self._user_id):
            raise NotFoundError(f"there is no node {uiid!r}", key=uiid)
        return found

    def _kind_below(self, parent_id: str, nodes: Sequence[Any]) -> Kind:
        """Return the level of new nodes: their own, or where they are mappings that of their parent's children."""
        kinds = {kind for kind, schema in _CREATES.items() for node in nodes if isinstance(node, schema)}
        if len(kinds) == 1:
            return kinds.pop()
        if kinds:
            raise InvalidInputError("nodes: they are of different levels")
        found = _moving.locate(parent_id)
        if found is None or not _rows.belongs_to(*found, self._user_id):
            raise ParentNotFoundError(f"there is no row {parent_id!r}; nothing was written", key=parent_id)
        below = child_kind(found[0])
        if below is None:
            raise InvalidInputError(f"parent_uiid: {parent_id!r} is a {found[0].label}; nothing can be below it")
        return below


_CREATES: dict[Kind, type[Any]] = dict(
    zip(
        HIERARCHY[1:],
        (UserFlowTreeCreate, HighLevelRequirementTreeCreate, LowLevelRequirementTreeCreate, TestCaseTreeCreate),
        strict=True,
    )
)
