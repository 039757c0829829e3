"""Single rows of the five levels: created, read, changed, listed, deleted."""

from typing import Any

from dynamodb.repositories import (
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from reliability.operations import Operation

_PROJECTS = [
    Operation("project: create", lambda: ProjectRepository().create({"id": "n", "name": "n", "user_id": "ada"})),
    Operation("project: create without id", lambda: ProjectRepository().create({"name": "n", "user_id": "ada"})),
    Operation("project: create many", lambda: ProjectRepository().create_many(_projects("n1", "n2", "n3"))),
    Operation("project: get", lambda: ProjectRepository().get("p")),
    Operation("project: find nothing", lambda: ProjectRepository().find("nowhere")),
    Operation("project: find another owner's", lambda: ProjectRepository(user_id="ada").find("q")),
    Operation("project: update", lambda: ProjectRepository().update("p", {"name": "new"})),
    Operation(
        "project: update a version",
        lambda: ProjectRepository(user_id="ada").update("p", {"initial_prompt": None}, expected_version=1),
    ),
    Operation("project: update an earlier writer's", lambda: ProjectRepository().update("old", {"name": "new"})),
    Operation("project: list by user", lambda: ProjectRepository(user_id="ada").list_by_user("ada")),
    Operation("project: pages by user", lambda: list(_pages(ProjectRepository().list_by_user, "ada"))),
    Operation("project: iterate by user", lambda: list(ProjectRepository().iter_by_user("ada", newest_first=True))),
    Operation("project: list by name", lambda: ProjectRepository(user_id="ada").list_by_name("project p")),
    Operation("project: delete", lambda: ProjectRepository().delete("p"), atomic=False, removes=True),
    Operation("project: delete dry", lambda: ProjectRepository().delete("p", dry_run=True)),
    Operation("project: delete an earlier writer's", lambda: ProjectRepository().delete("old"), atomic=False),
]


def _projects(*ids: str) -> list[dict[str, str]]:
    return [{"id": one, "name": f"project {one}", "user_id": "ada"} for one in ids]


def _flow(uiid: str) -> dict[str, str]:
    return {"uiid": uiid, "name": uiid, "project_id": "p"}


def _below(parent: str, *uiids: str | None) -> list[dict[str, Any]]:
    return [{"uiid": one, "name": f"new {number}", "parent_uiid": parent} for number, one in enumerate(uiids)]


_FLOWS = [
    Operation("flow: create", lambda: UserFlowRepository().create(_flow("n"))),
    Operation("flow: create for an owner", lambda: UserFlowRepository(user_id="ada").create(_flow("n"))),
    Operation("flow: create many", lambda: UserFlowRepository().create_many([_flow("n1"), _flow("n2")])),
    Operation("flow: get", lambda: UserFlowRepository(user_id="ada").get("f1")),
    Operation("flow: update", lambda: UserFlowRepository(user_id="ada").update("f1", {"description": None})),
    Operation("flow: list by project", lambda: UserFlowRepository(user_id="ada").list_by_project("p")),
    Operation("flow: iterate by project", lambda: list(UserFlowRepository().iter_by_project("p"))),
    Operation("flow: delete", lambda: UserFlowRepository().delete("f1"), atomic=False, removes=True),
]

_REQUIREMENTS = [
    Operation("hlr: create", lambda: HighLevelRequirementRepository().create(_below("f1", "n")[0])),
    Operation("hlr: get", lambda: HighLevelRequirementRepository(user_id="ada").get("h1")),
    Operation("hlr: update", lambda: HighLevelRequirementRepository().update("h1", {"name": "new"})),
    Operation("hlr: list by parent", lambda: HighLevelRequirementRepository(user_id="ada").list_by_parent("f1")),
    Operation("hlr: pages by project", lambda: list(_pages(HighLevelRequirementRepository().list_by_project, "p"))),
    Operation(
        "hlr: delete for an owner",
        lambda: HighLevelRequirementRepository(user_id="ada").delete("h1"),
        atomic=False,
        removes=True,
    ),
    Operation("llr: create", lambda: LowLevelRequirementRepository(user_id="ada").create(_below("h1", "n")[0])),
    Operation("llr: get an earlier writer's", lambda: LowLevelRequirementRepository(user_id="ada").get("old-l")),
    Operation("llr: update", lambda: LowLevelRequirementRepository(user_id="ada").update("l1", {"name": "new"})),
    Operation("llr: iterate by parent", lambda: list(LowLevelRequirementRepository().iter_by_parent("h1"))),
    Operation("llr: list by project", lambda: LowLevelRequirementRepository().list_by_project("p", newest_first=True)),
    Operation("llr: delete", lambda: LowLevelRequirementRepository().delete("l1"), atomic=False, removes=True),
]

_TEST_CASES = [
    Operation("test case: create", lambda: TestCaseRepository(user_id="ada").create(_below("l1", "n")[0])),
    Operation("test case: create without id", lambda: TestCaseRepository().create(_below("l1", None)[0])),
    Operation(
        "test case: create below an earlier writer's", lambda: TestCaseRepository().create(_below("old-l", "n")[0])
    ),
    Operation(
        "test case: create many",
        lambda: TestCaseRepository().create_many([*_below("l1", "n1", "n2"), *_below("l3", "n3")]),
    ),
    Operation(
        "test case: create 150",
        lambda: TestCaseRepository().create_many(_below("l1", "n1", "n2", *[None] * 148)),
        atomic=False,
        # The rows that were written are refused then; the error says which are not.
        resumes=False,
    ),
    Operation("test case: get", lambda: TestCaseRepository(user_id="ada").get("t1")),
    Operation("test case: get another owner's", lambda: TestCaseRepository(user_id="ada").find("qt")),
    Operation("test case: update", lambda: TestCaseRepository(user_id="ada").update("t1", {"description": "new"})),
    Operation(
        "test case: update a version", lambda: TestCaseRepository().update("t1", {"name": "new"}, expected_version=1)
    ),
    Operation(
        "test case: pages by parent", lambda: list(_pages(TestCaseRepository(user_id="ada").list_by_parent, "l1"))
    ),
    Operation("test case: iterate by project", lambda: list(TestCaseRepository().iter_by_project("p"))),
    Operation("test case: delete", lambda: TestCaseRepository(user_id="ada").delete("t1"), removes=True),
]


def _pages(list_page: Any, key: str) -> Any:
    """All rows, page by page of one row."""
    cursor = None
    while True:
        page = list_page(key, limit=1, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


NODE_OPERATIONS = [*_PROJECTS, *_FLOWS, *_REQUIREMENTS, *_TEST_CASES]
