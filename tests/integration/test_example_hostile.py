"""Whatever a client sends to the example Lambda is answered with what is wrong with it: no 5xx, no crash."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from support.gateway import EVENTS, Gateway

FIELDS = ("name", "description", "initial_prompt", "parent_uiid", "email", "notes", "id", "user_id")
ROUTES = [
    ("POST", "/api/projects"),
    ("GET", "/api/projects"),
    ("GET", "/api/projects/{}"),
    ("PUT", "/api/projects/{}"),
    ("DELETE", "/api/projects/{}"),
    ("GET", "/api/requirements/{}"),
    ("POST", "/api/requirements/{}/flows"),
    ("POST", "/api/requirements/{}/high-level-requirements"),
    ("POST", "/api/requirements/{}/test-cases"),
    ("POST", "/api/waitlist"),
]
texts = st.one_of(
    st.text(st.characters(), max_size=8),
    st.sampled_from(
        ["\ud800", "\x00", "x" * 256, "x" * 500_000, "a@b", "\u202e", "' OR 1=1 --", "</script>", "9" * 5000]
    ),
)
json_values = st.recursive(
    st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
bodies = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS) | texts, json_values, max_size=4).map(json.dumps),
    json_values.map(json.dumps),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.sampled_from(["", "{", "[" * 20_000, '{"a":' * 3000, "NaN", '{"name":1e999}', "9" * 5000]),
)
queries = st.sampled_from(
    ["", "?limit=0", "?limit=x", "?limit=" + "9" * 5000, "?cursor=%00", "?cursor=abc", "?cursor=%FF"]
)
if_match = st.sampled_from([None, '"1"', "9" * 5000, "*", '"x"', "\u0663", "-1", ""])
ids = st.one_of(st.sampled_from(["p", "..", "x" * 300]), st.text(st.characters(codec="utf-8"), min_size=1, max_size=5))


@pytest.fixture(params=EVENTS)
def api(request: pytest.FixtureRequest, vishmaker_tables: dict[str, str]) -> Gateway:
    return Gateway(request.param)


def test_whatever_is_sent_is_the_clients_fault(api: Gateway) -> None:
    made = api.call("POST", "/api/projects", {"name": "Aware"}).body["id"]

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(ROUTES), ids | st.just(made), bodies, queries, if_match)
    @example(("PUT", "/api/projects/{}"), made, '{"name": "n"}', "", "9" * 5000)
    @example(("POST", "/api/projects"), "p", '{"\\ud800": 1}', "", None)
    @example(("POST", "/api/projects"), "p", '{"name": "\\ud800"}', "", None)
    @example(("POST", "/api/waitlist"), "p", '{"email": "\\ud800@example.org"}', "", None)
    @example(("POST", "/api/projects"), "p", '{"a":' * 3000, "", None)
    def tried(route: Any, row_id: str, body: str, query: str, version: str | None) -> None:
        method, path = route
        headers = {} if version is None else {"If-Match": version}
        sent = None if method in {"GET", "DELETE"} else body
        answer = api.call(method, path.format(quote(row_id, safe="")) + query, sent, headers=headers)
        assert answer.status < 500, answer
        answer.text.encode()

    tried()
