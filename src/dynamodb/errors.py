"""Everything this layer raises.

    DataLayerError
    ├── InvalidInputError          (also a ValueError)
    │   ├── InvalidCursorError
    │   ├── ItemTooLargeError
    │   └── CrossProjectMoveError
    ├── NotFoundError
    │   └── ParentNotFoundError
    ├── AlreadyExistsError
    ├── VersionConflictError
    ├── PartialWriteError
    ├── TableNotFoundError
    ├── TableMismatchError
    ├── ThrottledError
    ├── ConnectionFailedError
    ├── AccessDeniedError
    └── UnexpectedResponseError

Each class has a `code`, which the entities and the facade put into their dictionaries.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel

from dynamodb._printable import line


class DataLayerError(Exception):
    """The base of all errors of this layer. The message is one line of at most 4000 characters, fit for a log.

    Attributes:
        table: the table that was being used, where one was; those of a transaction, with commas.
        key: the id, uiid or address of the row, where there is one. Addresses are personal data: do not log it.
        dynamodb_code: the code of DynamoDB's own answer, for example `ValidationException`.
    """

    code: ClassVar[str] = "error"

    def __init__(
        self, message: str, *, table: str | None = None, key: str | None = None, dynamodb_code: str | None = None
    ) -> None:
        super().__init__(line(message))
        self.table = table
        self.key = key
        self.dynamodb_code = dynamodb_code


class InvalidInputError(DataLayerError, ValueError):
    """A value is outside its limits; nothing was sent. The message names the field and the limit."""

    code = "invalid_input"


class InvalidCursorError(InvalidInputError):
    """A cursor is damaged, made up, or another query's. Start again without one."""

    code = "invalid_cursor"


class ItemTooLargeError(InvalidInputError):
    """An item is over DynamoDB's 400 KB, attribute names counted; nothing was written.

    Attributes:
        size: bytes of the item, where it was measured here.
        limit: 409,600 bytes.
    """

    code = "item_too_large"

    def __init__(self, message: str, *, size: int | None = None, limit: int = 409_600, **where: Any) -> None:
        super().__init__(message, **where)
        self.size = size
        self.limit = limit


class CrossProjectMoveError(InvalidInputError):
    """A node was to be moved into another project; copy it instead."""

    code = "cross_project_move"


class NotFoundError(DataLayerError):
    """There is no such row, or it belongs to another owner, or it is being deleted."""

    code = "not_found"


class ParentNotFoundError(NotFoundError):
    """The row that a new one should belong to is absent, another owner's, or being deleted; nothing was written."""

    code = "parent_not_found"


class AlreadyExistsError(DataLayerError):
    """A row with this id is there already, under whatever parent; it was not touched."""

    code = "already_exists"


class VersionConflictError(DataLayerError):
    """The row was changed since the version that the caller knows; nothing was written.

    Attributes:
        current: the row as it is now.
        expected_version: the version that the caller asked for.
    """

    code = "version_conflict"

    def __init__(self, message: str, *, current: BaseModel, expected_version: int | None, **where: Any) -> None:
        super().__init__(message, **where)
        self.current = current
        self.expected_version = expected_version


class PartialWriteError(DataLayerError):
    """Some of several writes were done, others not. The same call again finishes the work.

    Attributes:
        written: ids that were written or deleted, with the key of their table in `TABLE_NAMES`.
        not_written: those that were not, or of which it is not known.
    """

    code = "partial_write"

    def __init__(
        self, message: str, *, written: Sequence[tuple[str, str]], not_written: Sequence[tuple[str, str]], **where: Any
    ) -> None:
        super().__init__(message, **where)
        self.written = list(written)
        self.not_written = list(not_written)


class TableNotFoundError(DataLayerError):
    """A table or an index is missing, or is being created or deleted."""

    code = "table_not_found"


class TableMismatchError(DataLayerError):
    """A table is there with other keys than the models declare, or destroying it was not confirmed.

    Attributes:
        differences: what the model says and what the table has, by what differs.
    """

    code = "table_mismatch"

    def __init__(self, message: str, *, differences: Mapping[str, tuple[Any, Any]] | None = None, **where: Any) -> None:
        super().__init__(message, **where)
        self.differences = dict(differences or {})


class ThrottledError(DataLayerError):
    """DynamoDB refused for capacity, or kept cancelling for conflicts, until the time limit. Try again later."""

    code = "throttled"


class ConnectionFailedError(DataLayerError):
    """DynamoDB could not be asked, or did not answer in time. A write may or may not have happened."""

    code = "connection_failed"


class AccessDeniedError(DataLayerError):
    """There are no credentials, or they are wrong, expired or not allowed to do this."""

    code = "access_denied"


class UnexpectedResponseError(DataLayerError):
    """DynamoDB's answer is not what its documentation promises, or a row is not what the schemas say."""

    code = "unexpected_response"


__all__ = [
    "AccessDeniedError",
    "AlreadyExistsError",
    "ConnectionFailedError",
    "CrossProjectMoveError",
    "DataLayerError",
    "InvalidCursorError",
    "InvalidInputError",
    "ItemTooLargeError",
    "NotFoundError",
    "ParentNotFoundError",
    "PartialWriteError",
    "TableMismatchError",
    "TableNotFoundError",
    "ThrottledError",
    "UnexpectedResponseError",
    "VersionConflictError",
]
