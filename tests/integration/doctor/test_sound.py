"""Tables in which nothing is wrong, and tables that are not there."""

from pathlib import Path

import pytest

import dynamodb
from dynamodb import doctor
from dynamodb.errors import TableNotFoundError
from dynamodb.repositories import HierarchyRepository, WaitlistRepository
from models.requirement import ProjectTreeCreate
from support.doctoring import HLRS, LLRS, TESTS
from support.stored import Tables

pytestmark = pytest.mark.engine


def test_sound_tables_have_no_findings_and_are_not_touched(tables: Tables, file: Path) -> None:
    """What this layer itself writes is never called wrong."""
    tree = ProjectTreeCreate.model_validate(
        {
            "name": "sound",
            "user_id": "ann",
            "flows": [
                {
                    "name": f"flow {number}",
                    "high_level_requirement_list": [
                        {"name": "h", "low_level_requirement_list": [{"name": "l", "test_case_list": [{"name": "t"}]}]}
                    ],
                }
                for number in range(3)
            ],
        }
    )
    HierarchyRepository().create(tree)
    WaitlistRepository().create({"email": "Ada@Example.org"})
    before = tables.everything()
    report = doctor.examine()
    assert report.findings == []
    assert report.rows == {
        "projects": 1, "user_flows": 3, HLRS: 3, LLRS: 3, TESTS: 3, "waitlist": 1,
    }  # fmt: skip
    assert doctor.repair(quarantine=file).quarantined == 0
    assert tables.everything() == before


def test_a_missing_table_is_named_before_anything_is_read(tables: Tables, file: Path) -> None:
    """Without one of the six tables there is an error that names it, and no half a report."""
    name = dynamodb.TABLE_NAMES[TESTS]
    tables.world.client.delete_table(TableName=name)
    tables.world.client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    with pytest.raises(TableNotFoundError, match=name):
        doctor.examine()
    with pytest.raises(TableNotFoundError, match=name):
        doctor.repair(quarantine=file)
    assert not file.exists()
