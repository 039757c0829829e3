"""Files in and out: CSV instead of a connection, DynamoDB JSON instead of the tables."""

import gzip
import hashlib
import json
from pathlib import Path

import psycopg
import pytest

from dynamodb.errors import InvalidInputError
from dynamodb.migrate import Owners, dump, migrate, verify, write_files
from dynamodb.migrate._postgres import snapshot
from support.migrating import TABLES, execute, fill, fill_with_bad_rows, insert
from support.world import World

pytestmark = pytest.mark.engine


def copy_out(url: str, folder: Path, *, order: str = "random()") -> Path:
    """What the documentation tells to do, in an order that no index gives."""
    folder.mkdir()
    with psycopg.connect(url) as connection:
        connection.execute("SET TimeZone TO 'Asia/Kolkata'")
        for table in TABLES:
            query = f"COPY (SELECT * FROM {table} ORDER BY {order}) TO STDOUT WITH (FORMAT csv, HEADER)"  # noqa: S608
            with connection.cursor().copy(query) as data, (folder / f"{table}.csv").open("wb") as file:
                file.writelines(data)
    return folder


def test_a_dump_is_the_database_it_was_made_of(loose, owners, tmp_path):
    """Whatever the order and the time zone of its lines: the same rows, the same quarantine, NULL and empty texts."""
    fill(loose, projects=2, entries=3)
    fill_with_bad_rows(loose)
    odd = 'commas, "quotes"\nand\r\nlines'
    insert(
        loose,
        "user_flows",
        {"uiid": 'odd, "id"', "name": odd, "description": "", "project_id": 1},
        {"uiid": "null", "name": "\\N", "description": None, "project_id": 1},
    )
    files = copy_out(loose, tmp_path / "dump")
    with snapshot(loose) as source:
        first = write_files(source, owners, tmp_path / "first")
    with dump(files) as source:
        second = write_files(source, owners, tmp_path / "second")
    assert first.manifest["tables"] == second.manifest["tables"]
    assert first.quarantined == second.quarantined > 0


def test_a_dump_is_migrated_and_verified(world: World, database, tmp_path):
    """All the way into the tables; the database itself then agrees with them."""
    total = fill(database, projects=2, entries=3)
    files = copy_out(database, tmp_path / "dump")
    with dump(files) as source:
        done = migrate(source, Owners("ada"), state=tmp_path / "state")
    assert sum(table.written for table in done.tables.values()) == total
    with snapshot(database) as source:
        assert verify(source, Owners("ada")).wrong == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("id,", "key,", 1), "no column id"),
        (lambda _: "", "is empty"),
        (lambda text: text + text.splitlines()[1] + "\n", "id: 1 is there twice"),
        (lambda text: text + "x,y,z\n", "line 4: has 3 fields"),
        (lambda text: text + "x,y,,,\n", "line 4: id: 'x' is no integer"),
        (lambda text: text + '9,"open\n', "line 4: the closing quotation mark"),
        (lambda text: text + '9,"a"b,,,\n', "line 4: is no CSV"),
    ],
)
def test_a_damaged_dump_is_refused(database, tmp_path, change, said):
    """The message names the file and the line."""
    fill(database, projects=2)
    files = copy_out(database, tmp_path / "dump", order="1")
    path = files / "projects.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InvalidInputError, match=said), dump(files):
        pass


def test_a_dump_without_a_table_is_refused(database, tmp_path):
    """Each of the six files must be there."""
    files = copy_out(database, tmp_path / "dump")
    (files / "test_cases.csv").unlink()
    with pytest.raises(InvalidInputError, match=r"test_cases\.csv"), dump(files):
        pass


def items(folder: Path, name: str):
    """The items of a table, as the import reads them."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for file in manifest["tables"][name]["files"]:
        data = (folder / file["name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        lines = gzip.decompress(data).splitlines()
        assert len(lines) == file["items"]
        yield from (json.loads(line)["Item"] for line in lines)


def test_the_files_hold_what_a_migration_writes(world: World, loose, run, owners, tmp_path, monkeypatch):
    """Put item by item into empty tables they are what it leaves there; several files, if there are many rows."""
    monkeypatch.setattr("dynamodb.migrate._files.FILE_ITEMS", 10)
    fill(loose, projects=2, entries=3)
    bad = fill_with_bad_rows(loose)
    with snapshot(loose) as source:
        files = write_files(source, owners, tmp_path / "files")
    assert files.quarantined == sum(bad.values())
    assert len((files.folder / "quarantine.ndjson").read_text(encoding="utf-8").splitlines()) == files.quarantined
    for table in files.manifest["tables"]:
        for item in items(files.folder, table):
            world.client.put_item(TableName=table, Item=item)
    imported = {key: world.rows(key) for key in TABLES}
    world.drop_tables()
    world.make_tables()
    run(loose, owners)
    assert {key: world.rows(key) for key in TABLES} == imported
    assert all(imported.values())
    assert len(files.manifest["tables"][world.table("test_cases")]["files"]) > 1
    assert not list(tmp_path.glob(".files*"))


def test_files_are_whole_or_not_there(database, tmp_path):
    """Nothing is left of an interrupted run, and a folder that is there is not touched."""

    def stop(_):
        raise KeyboardInterrupt

    fill(database, projects=2)
    with snapshot(database) as source:
        with pytest.raises(KeyboardInterrupt):
            write_files(source, Owners("ada"), tmp_path / "files", tell=stop)
        assert not list(tmp_path.iterdir())
        (tmp_path / "files").mkdir()
        with pytest.raises(InvalidInputError, match="there already"):
            write_files(source, Owners("ada"), tmp_path / "files")


def test_columns_that_somebody_added_are_named(database, tmp_path):
    """As of a database."""
    execute(database, "ALTER TABLE waitlist ADD COLUMN source TEXT")
    with dump(copy_out(database, tmp_path / "dump")) as source:
        assert source.unknown_columns == {"waitlist": ["source"]}
