"""What is logged above DEBUG, and what a traceback shows, holds nothing that people wrote and no credentials."""

import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dynamodb import _connection, create_item, from_stream_record, on_request, query_items, update_item, warm
from dynamodb.doctor import examine, repair
from dynamodb.errors import DataLayerError
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    ProjectRepository,
    UserFlowRepository,
    WaitlistRepository,
)
from models.requirement import ProjectCreate, ProjectEntity, UserFlowEntity
from models.waitlist import WaitlistCreate, WaitlistEntity
from support import faults
from support.fault_proxy import FaultProxy
from support.world import Hierarchy, World

pytestmark = pytest.mark.engine

PROMPT, TEXT, NAME = "prompt of a person", "description of a person", "name of a person"
ADDRESS, NOTES = "Person.Private@example.org", "notes of a person"
KEY_ID, SECRET_KEY, TOKEN = "AKIDTESTPRIVATE", "secretkeyofaperson", "sessiontokenofaperson"
PRIVATE = (PROMPT, TEXT, NAME, ADDRESS, ADDRESS.lower(), "person.private", NOTES, SECRET_KEY, TOKEN)

TREE = {
    "name": NAME,
    "user_id": "ada",
    "initial_prompt": PROMPT,
    "flows": [
        {"name": NAME, "description": TEXT, "high_level_requirement_list": [{"name": NAME, "description": TEXT}]}
    ],
}


def calls(quarantine: Path) -> list[Callable[[], Any]]:
    """One of each, those that succeed and those that fail, with somebody's texts in all of them."""
    projects, flows, waitlist, trees = (
        ProjectRepository(),
        UserFlowRepository(),
        WaitlistRepository(),
        HierarchyRepository(),
    )
    record = {"eventName": "INSERT", "tableName": "x", "dynamodb": {"Keys": {"email": {"S": ADDRESS}}}}
    return [
        lambda: projects.create({"name": NAME, "user_id": "ada", "initial_prompt": PROMPT}),
        lambda: projects.create({"name": NAME, "user_id": "ada", "initial_prompt": PROMPT * 30_000}),
        lambda: projects.create({"name": NAME, "user_id": "ada", "initial_prompt": f"{PROMPT}\x00", "id": TEXT * 99}),
        lambda: projects.create({"name": NAME, "user_id": 5, "initial_prompt": [PROMPT]}),
        lambda: ProjectCreate(name=NAME * 99, user_id="ada", initial_prompt=f"{PROMPT}\ud800"),
        lambda: projects.update("p-project", {"initial_prompt": PROMPT, "name": ""}),
        lambda: projects.update("p-project", {"initial_prompt": PROMPT}, expected_version=99),
        lambda: list(projects.iter_by_name(NAME)),
        lambda: projects.list_by_name(NAME, cursor="x"),
        lambda: flows.create({"project_id": "nobody", "name": NAME, "description": TEXT}),
        lambda: flows.create({"project_id": "p-project", "uiid": "p-flow", "name": NAME, "description": TEXT}),
        lambda: HighLevelRequirementRepository().create_many([{"parent_uiid": "p-flow", "name": NAME}, {"name": TEXT}]),
        lambda: trees.create(TREE),
        lambda: trees.create({**TREE, "flows": [{"name": NAME, "description": {"x": TEXT}}]}),
        lambda: trees.copy_project("p-project", name=NAME, user_id="grace"),
        lambda: trees.append("p-flow", [{"name": NAME, "description": f"{TEXT}\x07"}]),
        lambda: trees.import_lines([f'{{"kind": "projects", "name": "{NAME}", "initial_prompt": "{PROMPT}"']),
        lambda: trees.import_lines([f'{{"kind": "projects", "name": "{NAME}", "user_id": "a", "x": "{PROMPT}"}}']),
        lambda: trees.load("unreadable"),
        lambda: waitlist.create({"email": ADDRESS, "notes": NOTES}),
        lambda: waitlist.create({"email": ADDRESS, "notes": NOTES}),
        lambda: waitlist.create({"email": f"{ADDRESS}@", "notes": NOTES}),
        lambda: waitlist.create({"email": ADDRESS, "notes": NOTES * 99}),
        lambda: WaitlistCreate(email=f"x{ADDRESS}..", notes=NOTES),
        lambda: waitlist.get(f"x{ADDRESS}"),
        lambda: waitlist.update(ADDRESS, {"notes": NOTES}, expected_version=99),
        lambda: waitlist.update_status([ADDRESS, f"x{ADDRESS}", ADDRESS.upper()], "contacted"),
        lambda: WaitlistEntity.create({"email": ADDRESS, "notes": NOTES}),
        lambda: WaitlistEntity.bulk_update_status([ADDRESS, f"x{ADDRESS}"], "converted"),
        lambda: ProjectEntity.create({"name": NAME, "user_id": "ada", "initial_prompt": PROMPT}),
        lambda: UserFlowEntity.create({"project_id": "nobody", "name": NAME, "description": TEXT}),
        lambda: create_item("waitlist", {"email": ADDRESS, "notes": complex(1), "x": NOTES}),
        lambda: update_item("waitlist", {"email": ADDRESS}, {"email": ADDRESS, "notes": NOTES}),
        lambda: query_items("waitlist", {"email": ADDRESS, "notes": NOTES}),
        lambda: from_stream_record(record),
        lambda: from_stream_record({**record, "dynamodb": {"Keys": ADDRESS}}),
        warm,
        examine,
        lambda: repair(quarantine=quarantine),
        lambda: trees.delete_project("p-project"),
    ]


@pytest.fixture
def proxied(
    engine_endpoint: str, world: World, reconfigure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[FaultProxy]:
    """The six tables behind a fault proxy, asked with credentials of a test's own."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_SESSION_TOKEN", TOKEN),
    ):
        monkeypatch.setenv(name, value)
    Hierarchy(world, initial_prompt=PROMPT)
    world.put("projects", id="unreadable", user_id="ada", name=NAME, created_at=TEXT)
    world.put("waitlist", email=f"y{ADDRESS}", notes=NOTES, created_at=PROMPT)
    with FaultProxy(engine_endpoint) as proxy:
        _connection.forget_client()
        reconfigure(endpoint=proxy.endpoint, max_attempts=1, time_limit=0.05)
        yield proxy
    _connection.forget_client()


def run_all(quarantine: Path) -> list[str]:
    """Make all calls; return the tracebacks of our errors and of Pydantic's, as a runtime would log them."""
    tracebacks = []
    for call in calls(quarantine):
        try:
            call()
        except (DataLayerError, ValueError) as error:
            lines = traceback.format_exception(error)
            # The source lines of this file are in it as well.
            tracebacks.append("\n".join(line for line in lines if __file__ not in line))
    return tracebacks


def leaks(text: str) -> list[str]:
    return [private for private in PRIVATE if private in text]


FAULTS: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "throttled": faults.throttled,
    "damaged": faults.wrong_crc32,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_that_people_wrote_is_logged_above_debug(
    fault: str, proxied: FaultProxy, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """All loggers are listened to, botocore's and urllib3's too; a callback that fails is logged with its traceback."""
    caplog.set_level(logging.DEBUG, "dynamodb")
    caplog.set_level(logging.INFO)
    made = FAULTS[fault]()
    if made is not None:
        proxied.inject(made, times=None)

    def broken(request: Any) -> None:
        raise RuntimeError(request.operation)

    stop = on_request(broken)
    try:
        tracebacks = run_all(tmp_path / "quarantine.ndjson")
    finally:
        stop()
    logged = [caplog.handler.format(record) for record in caplog.records if record.levelno > logging.DEBUG]
    assert len(tracebacks) > 10
    assert any("a callback given to on_request failed" in text for text in logged)
    assert [found for text in logged if (found := leaks(text))] == []
    assert [(found, text) for text in tracebacks if (found := leaks(text))] == []


def test_the_secret_key_is_in_no_log_at_any_level_of_ours(
    proxied: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "dynamodb")
    warm()
    with pytest.raises(DataLayerError):
        ProjectRepository().get("nobody")
    logged = [caplog.handler.format(record) for record in caplog.records if record.name == "dynamodb"]
    assert logged
    assert not [text for text in logged if any(secret in text for secret in (KEY_ID, SECRET_KEY, TOKEN))]
