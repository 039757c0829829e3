"""The waitlist, the entities that Lambda code calls, and the facade's access by table name."""

from typing import Any

import dynamodb
from dynamodb.repositories import WaitlistRepository
from models.requirement import ProjectEntity, TestCaseEntity, UserFlowEntity
from models.waitlist import WaitlistEntity
from reliability.operations import Operation

_NEW = {"email": "New@example.org", "notes": "soon"}
_MANY = [{"email": f"n{number}@example.org"} for number in range(4)]

_WAITLIST = [
    Operation("waitlist: create", lambda: WaitlistRepository().create(_NEW)),
    Operation("waitlist: create many", lambda: WaitlistRepository().create_many(_MANY)),
    Operation("waitlist: get", lambda: WaitlistRepository().get("A@example.org")),
    Operation("waitlist: find nothing", lambda: WaitlistRepository().find("nobody@example.org")),
    Operation("waitlist: update", lambda: WaitlistRepository().update("a@example.org", {"status": "converted"})),
    Operation("waitlist: list by status", lambda: WaitlistRepository().list_by_status("pending", limit=1)),
    Operation("waitlist: iterate by status", lambda: list(WaitlistRepository().iter_by_status("pending"))),
    Operation("waitlist: iterate all", lambda: sorted(WaitlistRepository().iter_all(), key=lambda entry: entry.email)),
    Operation(
        "waitlist: update status",
        lambda: WaitlistRepository().update_status(
            ["a@example.org", "nobody@example.org", "c@example.org"], "converted"
        ),
        atomic=False,
    ),
    Operation("waitlist: delete", lambda: WaitlistRepository().delete("a@example.org"), removes=True),
]

_ENTITIES = [
    Operation("entity: create a project", lambda: ProjectEntity.create({"id": "n", "name": "n", "user_id": "ada"})),
    Operation("entity: get a project", lambda: ProjectEntity.get_by_id("p", "ada")),
    Operation("entity: update a project", lambda: ProjectEntity.update("p", "ada", {"name": "new"})),
    Operation("entity: delete a project", lambda: ProjectEntity.delete("p", "ada"), atomic=False, removes=True),
    Operation("entity: flows of a project", lambda: UserFlowEntity.get_by_project_id("p")),
    Operation(
        "entity: create a test case", lambda: TestCaseEntity.create({"uiid": "n", "name": "n", "parent_uiid": "l1"})
    ),
    Operation("entity: waitlist statistics", WaitlistEntity.get_stats),
    Operation(
        "entity: update many statuses",
        lambda: WaitlistEntity.bulk_update_status(["a@example.org", "b@example.org"], "contacted"),
        atomic=False,
    ),
]

_KEY = {"email": "a@example.org"}


def _delete_item() -> dict[str, Any]:
    """Without the item as it was: a repeated request cannot tell it any more."""
    answer = dynamodb.delete_item("waitlist", _KEY)
    return {name: part for name, part in answer.items() if name != "data"}


_FACADE = [
    Operation(
        "facade: create an item",
        lambda: dynamodb.create_item(
            "waitlist", {"email": "i@example.org", "status": "pending", "version": 1, **_TIMES}
        ),
        six_tables_only=True,
        one_layout_only=True,
    ),
    Operation("facade: get an item", lambda: dynamodb.get_item("waitlist", _KEY), six_tables_only=True),
    Operation(
        "facade: update an item",
        lambda: dynamodb.update_item("waitlist", _KEY, {"notes": "seen"}),
        six_tables_only=True,
        one_layout_only=True,
    ),
    Operation("facade: delete an item", _delete_item, removes=True, six_tables_only=True, one_layout_only=True),
    Operation(
        "facade: query",
        lambda: dynamodb.query_items("test_cases", {"parent_uiid": "l1"}, index_name="parent_uiid-index"),
        six_tables_only=True,
    ),
    Operation("facade: scan", lambda: dynamodb.scan_items("waitlist")),
    Operation("facade: tables", dynamodb.check_all_tables_exist),
    Operation("facade: connection", dynamodb.test_connection),
    Operation("facade: create tables that are there", dynamodb.create_all_tables),
]

_TIMES = {"created_at": "2025-01-01T00:00:01.000000+00:00", "updated_at": "2025-01-01T00:00:01.000000+00:00"}

OTHER_OPERATIONS = [*_WAITLIST, *_ENTITIES, *_FACADE]
