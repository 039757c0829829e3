"""What all repositories do alike: read one row, pages of rows, change a row."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, ClassVar, Generic, TypeVar

from pynamodb.expressions.condition import Condition

from dynamodb import _changing, _layout, _paging, _requests, _rows, _writing
from dynamodb._decoding import decoder
from dynamodb._layout import Place
from dynamodb._paging import Page
from dynamodb._validation import check_key, check_version, checked
from dynamodb.errors import NotFoundError
from models._fields import Changes, Input, Stored
from models._kinds import Kind

R = TypeVar("R", bound=Stored)
C = TypeVar("C", bound=Input)
U = TypeVar("U", bound=Changes)


class Repository(Generic[R, C, U]):
    """Rows of one kind: schemas in, schemas out, `dynamodb.errors` raised.

    Args:
        user_id: sees and changes only what belongs to this owner; what is someone else's is reported as not found.
            Default: no such limit.
    """

    kind: ClassVar[Kind]

    def __init__(self, *, user_id: str | None = None) -> None:
        self._user_id = None if user_id is None else check_key("user_id", user_id)

    def get(self, key: str) -> R:
        """Return a row by its id, strongly consistent.

        Args:
            key: the `id`, `uiid` or `email`.

        Raises:
            NotFoundError: if there is none, or it is another owner's, or being created or deleted.
            InvalidInputError: if the key is no text of 1 to 255 characters.
        """
        row = self.find(key)
        if row is None:
            raise _writing.gone(self.kind, key)
        return row

    def find(self, key: str) -> R | None:
        """Return a row by its id, or `None`; otherwise as `get`."""
        check_key(self.kind.id_field, key)
        row: Any = _rows.find(self.kind, key, self.kind.schema, only=_requests.is_shown(self.kind))
        return row if row is not None and _rows.belongs_to(self.kind, row, self._user_id) else None

    def update(self, key: str, changes: U | Mapping[str, Any], *, expected_version: int | None = None) -> R:
        """Change a row: set the fields that are given, remove the optional ones that are given as `None`.

        Attributes that this layer does not know stay as they are. Two requests: one read, one write.

        Args:
            key: the `id`, `uiid` or `email`.
            changes: the update schema, or a mapping of its fields.
            expected_version: the `version` that the row must have; 0 for a row of an earlier writer without one.

        Returns:
            The row as it is now, its `version` raised by one.

        Raises:
            NotFoundError: as for `get`.
            VersionConflictError: if the version is another; it carries the row as it is.
            InvalidInputError: if a field is outside its limits; nothing was written.
            ItemTooLargeError: if the row would be over 400 KB; nothing was written.
        """
        given = checked(self.kind.update, changes).given()
        check_version(expected_version)
        row = self.get(key)
        while True:
            try:
                return _changing.change(self.kind, row, given, expected_version=expected_version)  # type: ignore[no-any-return]
            except NotFoundError:
                # A move gives a row another key: it may be somewhere else by now.
                before, row = row, self.get(key)
                if _layout.name(self.kind, row) == _layout.name(self.kind, before):
                    raise

    def _only_mine(self, place: Place) -> Condition | None:  # noqa: ARG002 - a subclass asks where
        """Return the filter for the rows of a place that this repository shows, as far as a row itself tells."""
        return _requests.is_shown(self.kind)

    def _page(self, place: Place, *, limit: int | None, cursor: str | None, newest_first: bool) -> Page[R]:
        _paging.check_limit(limit)
        asked = _paging.Asked(place, newest_first, self._user_id)
        start = None if cursor is None else _paging.decode_cursor(asked, cursor)
        items: list[Any] = []
        wanted = limit
        while True:
            # What the filter leaves out counts for DynamoDB's limit: ask on until the page is full.
            pages = _rows.read_pages(
                place,
                decoder(self.kind.schema),
                limit=wanted,
                start=start,
                newest_first=newest_first,
                only=self._only_mine(place),
            )
            found, start = next(pages)
            items += found
            wanted = limit - len(items) if limit else None
            if start is None or wanted == 0 or (limit is None and items):
                break
        return Page(items, None if start is None else _paging.encode_cursor(asked, start))

    def _iter(self, place: Place, *, newest_first: bool) -> Iterator[R]:
        return chain.from_iterable(self._each_page(place, newest_first=newest_first))

    def _each_page(self, place: Place, *, newest_first: bool) -> Iterator[list[R]]:
        into = decoder(self.kind.schema)
        for page, _ in _rows.read_pages(place, into, newest_first=newest_first, only=self._only_mine(place)):
            yield page  # type: ignore[misc]

    @staticmethod
    def _new_fields(data: Input, moment: datetime) -> dict[str, Any]:
        """Return the fields of a new row: what was given, its times, its first version."""
        return {**vars(data), "created_at": moment, "updated_at": moment, "version": 1}

    def _stored(self, fields: Mapping[str, Any]) -> R:
        return self.kind.schema(**{name: fields[name] for name in self.kind.schema.model_fields if name in fields})  # type: ignore[return-value]
