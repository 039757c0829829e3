"""The quarantine file and the report."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import dynamodb
from dynamodb import doctor
from dynamodb.doctor import Progress, Report
from dynamodb.errors import InvalidInputError
from models._kinds import KINDS, TEST_CASE
from support.doctoring import TESTS, lines
from support.stored import Tables, node

pytestmark = pytest.mark.engine


def test_the_quarantine_file_is_private_and_grows(tables: Tables, file: Path) -> None:
    """Its owner alone can read it, and a second run adds to it."""
    for number in range(2):
        tables.put(TESTS, node(TEST_CASE, f"t{number}", "nowhere"))
        assert doctor.repair(quarantine=str(file)).quarantined == 1
    assert [line["item"]["uiid"]["S"] for line in lines(file)] == ["t0", "t1"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (
        lines(file)[0].items()
        >= {
            "kind": "orphan",
            "table": TESTS,
            "table_name": dynamodb.TABLE_NAMES[TESTS],
            "message": "the row it belongs to is missing, or one above that",
        }.items()
    )


def test_a_torn_last_line_is_cut_off(tables: Tables, file: Path) -> None:
    """A line that was not written to its end is of a row that was not deleted, so it is written again."""
    tables.put(TESTS, node(TEST_CASE, "t", "nowhere"))
    doctor.repair(quarantine=file)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:-20])
    tables.put(TESTS, node(TEST_CASE, "u", "nowhere"))
    doctor.repair(quarantine=file)
    assert [line["item"]["uiid"]["S"] for line in lines(file)] == ["t", "u"]


@pytest.mark.parametrize("content", ["somebody's notes\n", "somebody's notes", '{"quarantined_at": 1}\nnotes'])
def test_another_file_is_not_written_to(tables: Tables, file: Path, content: str) -> None:
    """A wrong path costs nobody a file, and no row."""
    item = node(TEST_CASE, "t", "nowhere")
    tables.put(TESTS, item)
    file.write_text(content)
    with pytest.raises(InvalidInputError, match="no quarantine file"):
        doctor.repair(quarantine=file)
    assert file.read_text() == content
    assert tables.all(TESTS) == [item]


def test_a_file_that_cannot_be_written_stops_the_repair(tables: Tables, tmp_path: Path) -> None:
    """Nothing is deleted that could not be written first."""
    item = node(TEST_CASE, "t", "nowhere")
    tables.put(TESTS, item)
    with pytest.raises(InvalidInputError, match="cannot be written: Is a directory"):
        doctor.repair(quarantine=tmp_path)
    assert tables.all(TESTS) == [item]


def test_a_full_disk_stops_the_repair(tables: Tables, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is deleted of which the file does not hold all."""
    item = node(TEST_CASE, "t", "nowhere")
    tables.put(TESTS, item)

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dynamodb.doctor._quarantine.os.fsync", full)
    with pytest.raises(InvalidInputError, match="No space left on device"):
        doctor.repair(quarantine=file)
    assert tables.all(TESTS) == [item]


def test_a_report_is_data(tables: Tables) -> None:
    """It is JSON as it stands: kind, table, key, message, repair and outcome of each finding."""
    tables.put(TESTS, node(TEST_CASE, "t", "nowhere"))
    report = json.loads(json.dumps(doctor.examine().as_json()))
    assert report["counts"] == {"orphan": 1}
    assert report["rows"][TESTS] == 1
    assert report["findings"] == [
        {
            "kind": "orphan",
            "table": TESTS,
            "key": {"uiid": "t", "parent_uiid": "nowhere"},
            "message": "the row it belongs to is missing, or one above that",
            "repair": "moved to the quarantine file",
            "outcome": "found",
        }
    ]


def test_a_negative_grace_is_refused(file: Path) -> None:
    """A tree cannot have been given up before it was begun; nothing is sent."""
    with pytest.raises(InvalidInputError, match="grace"):
        doctor.examine(grace=timedelta(seconds=-1))
    with pytest.raises(InvalidInputError, match="grace"):
        doctor.repair(Report([]), quarantine=file, grace=timedelta(seconds=-1))


def test_the_progress_is_told_page_by_page_and_step_by_step(tables: Tables, file: Path) -> None:
    """Every table is named while it is read, every table with findings while they are dealt with."""
    tables.put(TESTS, node(TEST_CASE, "t", "nowhere"), node(TEST_CASE, "u", "nowhere"))
    told: list[Progress] = []
    doctor.repair(quarantine=file, progress=told.append)
    read = [(one.table, one.done) for one in told if one.step == "examine"]
    assert read == [(kind.key, 2 if kind is TEST_CASE else 0) for kind in KINDS]
    assert told[len(read) :] == [Progress("repair", TESTS, 2)]
