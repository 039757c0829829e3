"""The quarantine file: rows that are taken out of the tables, one JSON document a line, on disk before they go."""

import base64
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from dynamodb import _layout
from dynamodb.doctor._findings import Finding
from dynamodb.doctor._stored import Row
from dynamodb.errors import InvalidInputError
from models._values import format_timestamp

# Every line begins like this; a last line that was torn by a full disk or a power cut does, too.
_START = b'{"quarantined_at":'
# An item has 400 KB, of which JSON makes at most six times as many.
_LONGEST_LINE = 4_194_304


class Quarantine:
    """The file, open for more lines. Made, readable by its owner only, where it is not there.

    A line holds `quarantined_at`, the finding's `kind` and `message`, the row's `table` (as in `Finding.table`),
    `table_name` and `item` in DynamoDB's JSON, binary values as base64: `aws dynamodb put-item` takes it back.

    Args:
        path: of the file.

    Raises:
        InvalidInputError: if it cannot be written, or is some other file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows = 0
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise self._refusal(error) from error
        try:
            self._drop_torn_line()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def write(self, rows: Iterable[tuple[Finding, Row]]) -> None:
        """Write rows, and return when they are on disk.

        Raises:
            InvalidInputError: if that is not possible.
        """
        self.add([_document(finding, row) for finding, row in rows])

    def add(self, documents: Sequence[dict[str, Any]]) -> None:
        """Write JSON documents, each with its time before it, and return when they are on disk.

        Raises:
            InvalidInputError: if that is not possible.
        """
        if not documents:
            return
        now = format_timestamp()
        lines = [orjson.dumps({"quarantined_at": now, **one}, default=as_base64) + b"\n" for one in documents]
        data = memoryview(b"".join(lines))
        try:
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)
        except OSError as error:
            raise self._refusal(error) from error
        self.rows += len(lines)

    def _drop_torn_line(self) -> None:
        """Cut off a last line that was not written to its end: its row was not deleted."""
        try:
            size = os.fstat(self._file).st_size
            start = max(0, size - _LONGEST_LINE)
            first, tail = os.pread(self._file, len(_START), 0), os.pread(self._file, size - start, start)
            whole = start + tail.rfind(b"\n") + 1
            torn = tail[whole - start :]
            if not _START.startswith(first) or not _START.startswith(torn[: len(_START)]):
                raise InvalidInputError(f"quarantine: {self._path} is no quarantine file; choose another name")
            if torn:
                os.ftruncate(self._file, whole)
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> InvalidInputError:
        return InvalidInputError(f"quarantine: {self._path} cannot be written: {error.strerror}")


def _document(finding: Finding, row: Row) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "message": finding.message,
        "table": row.kind.key,
        "table_name": _layout.current().table(row.kind),
        "item": row.item,
    }


def as_base64(value: Any) -> str:
    """Write a binary value for JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} is no attribute value")
