"""Who owns which project: the old schema does not say."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dynamodb._validation import check_key
from dynamodb.errors import InvalidInputError


@dataclass(frozen=True)
class Owners:
    """The owner of each project.

    Attributes:
        default: of projects that are not listed; `None`: they have none, and cannot be migrated.
        by_project: user ids by the project's integer id.
    """

    default: str | None = None
    by_project: Mapping[int, str] = field(default_factory=dict)

    def of(self, serial: int) -> str | None:
        """Return the owner of a project."""
        return self.by_project.get(serial, self.default)


def read_owners(default: str | None, file: Path | None) -> Owners:
    """Read who owns what.

    Args:
        default: the user id of projects that the file does not list.
        file: CSV with the columns `project_id` and `user_id`.

    Raises:
        InvalidInputError: if a user id is empty or over 255 characters, or the file is not of that form.
    """
    if default is not None:
        check_key("owner", default)
    return Owners(default, _read(file) if file else {})


def _read(file: Path) -> dict[int, str]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if rows.fieldnames is None or not {"project_id", "user_id"} <= set(rows.fieldnames):
                raise InvalidInputError(f"{file}: the first line must name the columns project_id and user_id")
            return _by_project(rows, file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(f"{file}: {error}") from error


def _by_project(rows: "csv.DictReader[str]", file: Path) -> dict[int, str]:
    owners: dict[int, str] = {}
    for row in rows:
        where = f"{file}: line {rows.line_num}"
        try:
            serial = int(row["project_id"])
        except (TypeError, ValueError):
            raise InvalidInputError(f"{where}: project_id: {row['project_id']!r} is no integer") from None
        if serial in owners:
            raise InvalidInputError(f"{where}: project_id: {serial} is listed twice")
        owners[serial] = check_key(f"{where}: user_id", row["user_id"])
    return owners
