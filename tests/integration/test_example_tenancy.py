"""No sequence of calls as one owner shows or changes anything of another's, through the example Lambda."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dynamodb import TABLE_NAMES
from dynamodb import _connection as connection
from dynamodb.repositories import HierarchyRepository, ProjectRepository
from dynamodb.testing.samples import sample_project
from dynamodb.testing.tables import mocked_tables
from models.requirement import ProjectTree, ProjectTreeCreate
from support.gateway import EVENTS, Gateway

SECRET = "of-b-alone"
OWNED_BY = ("id", "uiid", "user_id", "project_id", "parent_uiid")

LEVELS = ("flows", "high-level-requirements", "low-level-requirements", "test-cases")
ROUTES = (
    ("GET", "/api/projects"),
    ("POST", "/api/projects"),
    ("GET", "/api/projects/{id}"),
    ("PUT", "/api/projects/{id}"),
    ("DELETE", "/api/projects/{id}"),
    ("GET", "/api/requirements/{id}"),
    *(("POST", f"/api/requirements/{{id}}/{level}") for level in LEVELS),
)

# An id is a number: which of those that are known at that moment, b's and a's own.
ids = st.integers(min_value=0, max_value=200)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Mine", SECRET[:2], ""]),
        "description": st.sampled_from([None, "text"]),
        "initial_prompt": st.just("text"),
        "parent_uiid": ids,
        "project_id": ids,
        "user_id": st.sampled_from(["owner-a", "owner-b"]),
        "id": ids,
        "uiid": ids,
        "version": st.just(1),
    },
)
# What the routes take, often enough that a's own rows come to be.
plain_bodies = st.fixed_dictionaries({"name": st.just("Mine")}, optional={"parent_uiid": ids})
calls = st.tuples(
    # Aimed at b's project, and for a new row at b's row above it; else at whatever the numbers say.
    st.booleans(),
    st.sampled_from(ROUTES),
    ids,
    plain_bodies | bodies,
    st.sampled_from(["", "?limit=1", "?cursor={cursor}", "?limit=1&cursor={cursor}", "?user_id=owner-b"]),
    st.sampled_from([{}, {"If-Match": '"1"'}, {"x-user-id": "owner-b", "sub": "owner-b"}]),
)


def project_of_b() -> ProjectTree:
    """A project whose every text is b's secret."""
    data = json.loads(sample_project("owner-b").model_dump_json())

    def mark(node: dict[str, Any]) -> None:
        for field, value in node.items():
            if field in {"name", "description", "initial_prompt"}:
                node[field] = f"{SECRET} {value}"
            if isinstance(value, list):
                for child in value:
                    mark(child)

    mark(data)
    return HierarchyRepository().create(ProjectTreeCreate.model_validate(data))


def rows_that_touch(known: set[str]) -> list[dict[str, Any]]:
    """Every row, of any table, that is one of these or hangs under one."""
    return sorted(
        (
            item
            for name in TABLE_NAMES.values()
            for item in connection.client().scan(TableName=name, ConsistentRead=True)["Items"]
            if any(item.get(field, {}).get("S") in known for field in OWNED_BY)
        ),
        key=str,
    )


def ids_of(node: dict[str, Any]) -> list[str]:
    """Return the ids in a tree, its own first."""
    found = [node.get("id") or node["uiid"]]
    for value in node.values():
        if isinstance(value, list):
            for child in value:
                found += ids_of(child)
    return found


class World:
    """Two owners' rows, and somebody who calls the API."""

    def __init__(self, kind: str, owner: str) -> None:
        self.gateway = Gateway(kind)
        self.owner = owner
        self.tree = tree = project_of_b()
        ProjectRepository().create({"name": f"{SECRET} second", "user_id": "owner-b"})
        page = ProjectRepository(user_id="owner-b").list_by_user("owner-b", limit=1)
        self.cursor = str(page.cursor)
        self.ids_of_b = [*ids_of(tree.model_dump(mode="json")), *(row.id for row in page.items), "owner-b"]
        # What a knows: everything of b's, which a must not be able to use.
        self.known = [*self.ids_of_b, "nowhere"]

    def call(self, call: Any) -> str:
        aimed, (method, path), target, body, query, headers = call
        body = {field: self._id(value) if isinstance(value, int) else value for field, value in body.items()}
        if aimed:
            body = {"name": "Mine", **self._row_above(path.rsplit("/", 1)[-1])}
        route = path.format(id=self.tree.id if aimed else self._id(target)) + query.format(cursor=self.cursor)
        answer = self.gateway.call(
            method, route, body if method in {"POST", "PUT"} else None, owner=self.owner, headers=headers
        )
        assert answer.status < 500, answer
        if answer.status == 201:
            self.known.append(answer.body.get("id") or answer.body["uiid"])
        return answer.text

    def _row_above(self, level: str) -> dict[str, str]:
        flow = self.tree.flows[0]
        high = flow.high_level_requirement_list[0]
        above = dict(zip(LEVELS[1:], (flow, high, high.low_level_requirement_list[0]), strict=True))
        return {"parent_uiid": above[level].uiid} if level in above else {}

    def _id(self, number: int) -> str:
        # From the end, so that small numbers mean what was made last.
        return self.known[-1 - number % len(self.known)]


@settings(max_examples=40)
@given(st.sampled_from(sorted(EVENTS)), st.lists(calls, min_size=1, max_size=12))
def test_no_calls_show_or_change_what_is_anothers(kind: str, sequence: list[Any]) -> None:
    """Whatever a calls, with all of b's ids and cursors known: no answer holds b's texts, b's rows stay as they are."""
    with mocked_tables():
        world = World(kind, "owner-a")
        before = rows_that_touch(set(world.ids_of_b))
        for call in sequence:
            assert SECRET not in world.call(call), call
        assert rows_that_touch(set(world.ids_of_b)) == before


def test_the_same_calls_do_show_and_change_ones_own() -> None:
    """For b itself the same calls show b's texts and change b's rows: the property above could fail."""
    with mocked_tables():
        world = World("http-api", "owner-b")
        before = rows_that_touch(set(world.ids_of_b))

        tree = world.call((True, ("GET", "/api/requirements/{id}"), 0, {}, "", {}))
        listed = world.call((False, ("GET", "/api/projects"), 0, {}, "?limit=1&cursor={cursor}", {}))
        for route in ROUTES[-len(LEVELS) :]:
            world.call((True, route, 0, {}, "", {}))

        assert tree.count(SECRET) > 13
        assert f"{SECRET} second" in listed
        assert len(rows_that_touch(set(world.ids_of_b))) == len(before) + len(LEVELS)
