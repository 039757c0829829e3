"""Files for DynamoDB's import from S3: gzipped DynamoDB JSON, a folder for each table, and a manifest.

The import overwrites doubles without a word and checks nothing; these files have no doubles, and no child without its
parent. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
"""

import gzip
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self
from uuid import UUID

import orjson

from dynamodb import _layout
from dynamodb.errors import InvalidInputError
from dynamodb.migrate._converting import NAMESPACE, Converted
from dynamodb.migrate._lineage import Lineage
from dynamodb.migrate._loading import Tell
from dynamodb.migrate._owners import Owners
from dynamodb.migrate._plan import Plan
from dynamodb.migrate._refusals import Refusals
from dynamodb.migrate._source import Source
from models._kinds import KINDS, Kind

#: Items of one file.
FILE_ITEMS = 100_000
_MANIFEST, _QUARANTINE = "manifest.json", "quarantine.ndjson"


@dataclass(frozen=True)
class Files:
    """What was written.

    Attributes:
        folder: with a folder for each table, named as it; `manifest.json`, `quarantine.ndjson`.
        manifest: its content.
        quarantined: rows that are not in the files.
    """

    folder: Path
    manifest: dict[str, Any]
    quarantined: int

    def as_json(self) -> dict[str, Any]:
        """Return it JSON-ready."""
        return {"folder": str(self.folder), "manifest": self.manifest, "quarantined": self.quarantined}


@dataclass
class _Files:
    """The files of one kind, one after the other."""

    folder: Path
    kind: Kind
    done: list[dict[str, Any]] = field(default_factory=list)
    _items: int = 0
    _raw: BinaryIO | None = None
    _open: gzip.GzipFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def add(self, one: Converted) -> None:
        """Write one item."""
        opened = self._open if self._open and self._items < FILE_ITEMS else self._next()
        items = (one.item, *_layout.current().companions(one.kind, one.item))
        opened.writelines(orjson.dumps({"Item": item}) + b"\n" for item in items)
        self._items += len(items)

    @property
    def _path(self) -> Path:
        return self.folder / f"{self.kind.key}-{len(self.done) + 1:05d}.json.gz"

    def _next(self) -> gzip.GzipFile:
        self._close()
        self.folder.mkdir(exist_ok=True)
        self._raw = self._path.open("wb")
        # The same rows give the same bytes: no time in it, and no name.
        self._open = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=6, mtime=0)
        return self._open

    def _close(self) -> None:
        if self._open is None or self._raw is None:
            return
        self._open.close()
        self._raw.close()
        self._open = self._raw = None
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = f"{self.folder.name}/{self._path.name}"
        size = self._path.stat().st_size
        self.done.append({"name": name, "items": self._items, "bytes": size, "sha256": digest})
        self._items = 0


def write_files(
    source: Source, owners: Owners, folder: Path, *, namespace: UUID = NAMESPACE, tell: Tell = lambda _: None
) -> Files:
    """Write a source as files. DynamoDB is not asked anything.

    Args:
        source: what is migrated.
        owners: of the projects.
        folder: made, readable by its owner only; it appears when it is complete.
        namespace: of the projects' ids.
        tell: told of rows that are done.

    Raises:
        InvalidInputError: if the folder is there already, or cannot be written.
    """
    if folder.exists():
        raise InvalidInputError(f"files: {folder} is there already; give a new folder")
    layout = _layout.current()
    with _appearing(folder) as made, Lineage(made) as lineage:
        tables: dict[str, dict[str, Any]] = {
            layout.table(kind): {"items": 0, "import": _IMPORT, "files": []} for kind in KINDS
        }
        with Refusals(made / _QUARANTINE) as refusals:
            for kind, rows in Plan(source, owners, lineage, namespace).rows():
                with _Files(made / layout.table(kind), kind) as files:
                    for one in rows:
                        if isinstance(one, Converted):
                            files.add(one)
                        else:
                            refusals.add(one)
                        tell(1)
                table = tables[layout.table(kind)]
                table["files"] += files.done
                table["items"] += sum(file["items"] for file in files.done)
        quarantined = refusals.counts.total()
        manifest = {
            "source": source.identity,
            "namespace": str(namespace),
            "tables": tables,
            "quarantined": quarantined,
        }
        (made / _MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return Files(folder, manifest, quarantined)


#: What ImportTable has to be told of the format.
_IMPORT = {"InputFormat": "DYNAMODB_JSON", "InputCompressionType": "GZIP"}


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """Give a folder that gets its name when the block has ended well, and goes when it has not."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise InvalidInputError(f"files: {folder} cannot be made: {error.strerror}") from error
    try:
        yield made
        made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
