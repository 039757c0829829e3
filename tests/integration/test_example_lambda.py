"""The example Lambda, asked through events of an HTTP API and of a REST API."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from dynamodb import _connection as connection
from dynamodb import _observing as observing
from dynamodb import get_table_info
from dynamodb.repositories import HierarchyRepository
from dynamodb.testing.faults import Faults
from models.requirement import ProjectTree
from support.gateway import EVENTS, EXAMPLE, Gateway, query


@pytest.fixture(params=EVENTS)
def api(request: pytest.FixtureRequest, vishmaker_tables: dict[str, str]) -> Gateway:
    return Gateway(request.param)


@pytest.fixture
def no_callbacks() -> Iterator[None]:
    """What a test switches on ends with it."""
    yield
    for callback in observing._callbacks:
        observing._stop(callback)


@pytest.mark.parametrize("kind", EVENTS)
def test_the_events_are_answered_as_they_are(kind: str, vishmaker_tables: dict[str, str]) -> None:
    """The files beside the example are events that the example understands."""
    answer = Gateway(kind).send(EVENTS[kind])

    assert (answer.status, answer.body) == (200, {"items": [], "next": None})
    assert answer.headers["content-type"] == "application/json"


def test_a_project_comes_and_goes(api: Gateway) -> None:
    """A project is created for the token's owner, read, changed, listed and deleted."""
    made = api.call("POST", "/api/projects", {"name": "Aware", "initial_prompt": "A web app"})
    path = f"/api/projects/{made.body['id']}"
    changed = api.call("PUT", path, {"name": "Renamed", "initial_prompt": None})
    found = api.call("GET", path)
    listed = api.call("GET", "/api/projects")
    deleted = api.call("DELETE", path)
    gone = api.call("GET", path)

    assert (made.status, made.body["user_id"], made.body["version"]) == (201, "owner-a", 1)
    assert (changed.status, changed.body["name"], changed.body["initial_prompt"]) == (200, "Renamed", None)
    assert (found.status, found.body) == (200, changed.body)
    assert (listed.body["items"], listed.body["next"]) == ([changed.body], None)
    assert (deleted.status, deleted.body["counts"]["projects"], deleted.body["finished"]) == (200, 1, True)
    assert (gone.status, gone.body["code"]) == (404, "not_found")


def test_a_tree_grows_level_by_level(api: Gateway) -> None:
    """A row is created on each level, and the whole tree is read as the data layer gives it."""
    project_id = api.call("POST", "/api/projects", {"name": "Aware"}).body["id"]
    base = f"/api/requirements/{project_id}"
    parent = api.call("POST", f"{base}/flows", {"name": "Flow", "description": "First"}).body["uiid"]
    for level in ("high-level-requirements", "low-level-requirements", "test-cases"):
        made = api.call("POST", f"{base}/{level}", {"name": level, "parent_uiid": parent})
        assert (made.status, made.body["project_id"], made.body["parent_uiid"]) == (201, project_id, parent)
        parent = made.body["uiid"]

    tree = api.call("GET", base)

    assert tree.status == 200
    assert tree.text == HierarchyRepository().load(project_id).model_dump_json()
    assert tree.body["flows"][0]["high_level_requirement_list"][0]["name"] == "high-level-requirements"


def test_a_row_under_another_project_is_refused(api: Gateway, vishmaker_project: ProjectTree) -> None:
    """A parent of another project than the path's is an input error, one that is not there is not found."""
    mine = api.call("POST", "/api/projects", {"name": "Aware"}, owner="user-1").body["id"]
    node = {"name": "HLR", "parent_uiid": vishmaker_project.flows[0].uiid}
    path = f"/api/requirements/{mine}/high-level-requirements"

    elsewhere = api.call("POST", path, node, owner="user-1")
    nowhere = api.call("POST", path, {**node, "parent_uiid": "nowhere"}, owner="user-1")

    assert (elsewhere.status, elsewhere.body["code"]) == (422, "invalid_input")
    assert (nowhere.status, nowhere.body["code"]) == (404, "parent_not_found")


def test_pages_are_followed_by_their_links(api: Gateway) -> None:
    """`next` and the Link header lead from page to page until there is none; a link is one owner's only."""
    names = [f"Project {number}" for number in range(5)]
    for name in names:
        api.call("POST", "/api/projects", {"name": name})

    found, pages, last = [], [], ""
    link: str | None = query(limit=2)
    while link:
        answer = api.call("GET", f"/api/projects{link}")
        found += [item["name"] for item in answer.body["items"]]
        pages.append(len(answer.body["items"]))
        link = answer.body["next"]
        assert answer.headers.get("link") == (f'<{link}>; rel="next"' if link else None)
        last = link or last
    foreign = api.call("GET", f"/api/projects{last}", owner="owner-b")

    assert found == names
    assert pages[:2] == [2, 2]
    assert (foreign.status, foreign.body["code"]) == (422, "invalid_cursor")


def test_a_change_of_an_older_version_is_a_conflict(api: Gateway) -> None:
    """With the ETag of an earlier answer a change is refused, and the project is shown as it is now."""
    made = api.call("POST", "/api/projects", {"name": "Aware"})
    path, etag = f"/api/projects/{made.body['id']}", {"If-Match": made.headers["etag"]}

    first = api.call("PUT", path, {"name": "First"}, headers=etag)
    second = api.call("PUT", path, {"name": "Second"}, headers=etag)
    no_etag = api.call("PUT", path, {"name": "Third"}, headers={"If-Match": "*"})

    assert (first.status, first.headers["etag"]) == (200, '"2"')
    assert (second.status, second.body["code"], second.body["current"]["name"]) == (409, "version_conflict", "First")
    assert no_etag.status == 422


def test_without_an_owner_nothing_is_answered(api: Gateway) -> None:
    """Without the authoriser's claims, or with an empty `sub`, every route but the waitlist answers 401."""
    routes = [
        ("GET", "/api/projects"),
        ("POST", "/api/projects"),
        ("GET", "/api/projects/p-1"),
        ("PUT", "/api/projects/p-1"),
        ("DELETE", "/api/projects/p-1"),
        ("GET", "/api/requirements/p-1"),
        ("POST", "/api/requirements/p-1/flows"),
        ("POST", "/api/requirements/p-1/high-level-requirements"),
        ("POST", "/api/requirements/p-1/low-level-requirements"),
        ("POST", "/api/requirements/p-1/test-cases"),
    ]
    body = {"name": "Aware", "parent_uiid": "x"}
    for method, path in routes:
        for owner in (None, ""):
            claimed = api.call(method, path, body, owner=owner, headers={"sub": "owner-b", "x-user-id": "owner-b"})
            assert (claimed.status, claimed.body["code"]) == (401, "unauthorized"), (method, path)
    assert claimed.headers["www-authenticate"] == "Bearer"


@pytest.mark.usefixtures("api")
def test_every_route_is_known_to_the_test_above() -> None:
    """A route that is added without a look at who asks is noticed."""
    app = sys.modules["vishmaker_api.handler"].app
    routes = {(method, path) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert len(routes) == 11


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/projects", {"name": "x" * 256}),
        ("POST", "/api/projects", {"name": ""}),
        ("POST", "/api/projects", {"name": "Aware", "id": "chosen"}),
        ("POST", "/api/projects", {"name": "Aware", "user_id": "owner-b"}),
        ("POST", "/api/projects", {}),
        ("POST", "/api/projects", "{not json"),
        ("PUT", "/api/projects/p-1", {"user_id": "owner-b"}),
        ("GET", "/api/projects?limit=0", None),
        ("GET", "/api/projects?cursor=made-up", None),
        ("POST", "/api/waitlist", {"email": "nobody"}),
        ("POST", "/api/waitlist", {"email": "ada@example.org", "status": "converted"}),
    ],
)
def test_what_is_outside_its_limits_is_refused(api: Gateway, method: str, path: str, body: Any) -> None:
    """A body, or a query, that the data layer or the route does not take is answered with 422 and the reason."""
    answer = api.call(method, path, body)

    assert answer.status == 422
    assert answer.body["code"] in {"invalid_input", "invalid_cursor"}
    assert answer.body["message"]


def test_what_is_not_there_is_not_found(api: Gateway, vishmaker_project: ProjectTree) -> None:
    """Neither what does not exist nor what somebody else has; both answers look the same but for the id."""
    for method, path in [
        ("GET", "/api/projects/{}"),
        ("DELETE", "/api/projects/{}"),
        ("PUT", "/api/projects/{}"),
        ("GET", "/api/requirements/{}"),
        ("POST", "/api/requirements/{}/flows"),
    ]:
        answers = []
        for project_id in ("no-such-id", vishmaker_project.id):
            answer = api.call(method, path.format(project_id), {"name": "Mine now"})
            answers.append((answer.status, answer.text.replace(project_id, "ID")))
        assert answers[0] == answers[1], (method, path)
        assert answers[0][0] == 404
    assert api.call("GET", "/nowhere").body == {"code": "not_found", "message": "Not Found"}


def test_an_address_signs_up_once(api: Gateway) -> None:
    """Signing up needs no token; the second time is a conflict, in whatever case the address is spelled."""
    first = api.call("POST", "/api/waitlist", {"email": "Ada@Example.org", "notes": "early"}, owner=None)
    second = api.call("POST", "/api/waitlist", {"email": "ada@example.ORG"}, owner=None)

    assert (first.status, first.body["email"], first.body["status"]) == (201, "ada@example.org", "pending")
    assert (second.status, second.body["code"]) == (409, "already_exists")


def test_what_may_work_later_says_so(api: Gateway, dynamodb_faults: Faults) -> None:
    """Throttling and broken connections are 503 with Retry-After, and say nothing of what is behind the API."""
    throttled = dynamodb_faults.throttle(4)
    first = api.call("GET", "/api/projects")
    dynamodb_faults.break_connection(4)
    second = api.call("POST", "/api/projects", {"name": "Aware"})

    assert throttled.happened == 4
    for answer, code in ((first, "throttled"), (second, "connection_failed")):
        assert (answer.status, answer.body) == (503, {"code": code, "message": "try again"})
        assert answer.headers["retry-after"] == "1"


def test_what_is_our_fault_is_logged_and_not_told(
    api: Gateway, vishmaker_tables: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """A missing table is a 500 whose reason stands in the log only."""
    connection.client().delete_table(TableName=vishmaker_tables["projects"])

    answer = api.call("GET", "/api/projects")

    assert (answer.status, answer.body["code"]) == (500, "table_not_found")
    assert vishmaker_tables["projects"] not in answer.text
    assert vishmaker_tables["projects"] in caplog.text


@pytest.mark.usefixtures("no_callbacks")
def test_the_log_has_a_line_for_each_request(api: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    """Each line is JSON with the invocation's id, also from the data layer's own threads, and holds no content."""
    sys.modules["vishmaker_api.observing"].log_requests()
    project_id = api.call("POST", "/api/projects", {"name": "A secret name"}).body["id"]
    caplog.clear()
    with caplog.at_level(logging.INFO):
        assert api.call("GET", f"/api/requirements/{project_id}").status == 200
        get_table_info("nowhere")

    lines = [json.loads(record.message) for record in caplog.records if record.name == "vishmaker_api.dynamodb"]
    assert [line["operation"] for line in lines] == ["Query"] * 5 + ["DescribeTable"]
    assert [line["invocation"] for line in lines] == ["8f5b6c3e-invocation"] * 5 + [""]
    assert lines[-1]["error"] == "ResourceNotFoundException"
    assert caplog.records[-1].levelno == logging.WARNING
    assert "secret" not in caplog.text


@pytest.mark.usefixtures("no_callbacks")
def test_each_request_is_a_span(api: Gateway, dynamodb_faults: Faults) -> None:
    """A tracer gets a span for each request, with the times of the request and its error."""
    spans = []

    class Span:
        def __init__(self, name: str, **given: Any) -> None:
            self.name, self.given, self.status = name, given, None
            spans.append(self)

        def set_status(self, status: Any) -> None:
            self.status = status

        def end(self, end_time: int) -> None:
            self.end_time = end_time

    class Tracer:
        start_span = staticmethod(Span)

    sys.modules["vishmaker_api.observing"].trace_requests(Tracer())
    api.call("POST", "/api/projects", {"name": "Aware"})
    dynamodb_faults.time_out(4)
    api.call("GET", "/api/projects")

    assert [span.name for span in spans] == ["DynamoDB.PutItem", "DynamoDB.Query"]
    assert [span.status and span.status.description for span in spans] == [None, "ReadTimeoutError"]
    assert spans[0].given["attributes"]["aws.dynamodb.table_names"] == ("prod-vishmaker-projects",)
    assert spans[0].given["start_time"] < spans[0].end_time <= spans[1].given["start_time"]


def test_importing_the_handler_opens_the_connection() -> None:
    """The first invocation finds the client made: one DescribeTable was sent while the module was imported."""
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(EXAMPLE)!r})\n"
        "from dynamodb import on_request\n"
        "from dynamodb.testing.tables import mocked_tables\n"
        "with mocked_tables():\n"
        "    on_request(lambda request: print(request.operation))\n"
        "    import vishmaker_api.handler\n"
    )
    command = [sys.executable, "-c", code]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own code
    assert printed.split() == ["DescribeTable"]
