"""A temporary SQLite file: what would grow with the number of rows is not held in memory."""

import sqlite3
from pathlib import Path
from typing import Self


class Scratch:
    """A file that is made anew, and gone when it is closed: what a crash leaves of it is worth nothing.

    Args:
        path: of the file.
        schema: its tables.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; {schema}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)
