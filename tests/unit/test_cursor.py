"""A cursor leads on, or is refused: never to a wrong answer."""

import base64
import string

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodb import _layout
from dynamodb._paging import Asked, _check, check_limit, decode_cursor, encode_cursor
from dynamodb.errors import InvalidCursorError, InvalidInputError
from models._kinds import HIGH_LEVEL_REQUIREMENT, LOW_LEVEL_REQUIREMENT, PROJECT, USER_FLOW, WAITLIST

URL_SAFE = set(string.ascii_letters + string.digits + "-_")
text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


def asked(kind=HIGH_LEVEL_REQUIREMENT, value="flow", *, newest_first=False, owner=None):
    return Asked(_layout.current().by_parent(kind, value), newest_first, owner)


def last_key(kind=HIGH_LEVEL_REQUIREMENT, value="flow", row_id="row", at="2025-01-01T00:00:00.000000+00:00"):
    names = _layout.name_fields(kind)
    return {names[0]: {"S": row_id}, names[1]: {"S": value}, "created_at": {"S": at}}


def cursor_with(body, query=None):
    """A cursor whose check is right: there is no secret in it."""
    query = query or asked()
    return base64.urlsafe_b64encode(_check(query, body) + body).rstrip(b"=").decode()


@given(text, text, text)
def test_a_cursor_is_url_safe_and_gives_its_key_back(value, row_id, at):
    query, key = asked(value=value), last_key(value=value, row_id=row_id, at=at)
    made = encode_cursor(query, key)
    assert set(made) <= URL_SAFE
    assert decode_cursor(query, made) == key


@given(text)
def test_a_key_of_an_index_without_sort_key_is_enough(value):
    key = {name: one for name, one in last_key(value=value).items() if name != "created_at"}
    assert decode_cursor(asked(value=value), encode_cursor(asked(value=value), key)) == key


OTHERS = {
    "value": asked(value="other"),
    "direction": asked(newest_first=True),
    "owner": asked(owner="ada"),
    "table": asked(LOW_LEVEL_REQUIREMENT),
    "index": Asked(_layout.current().by_project(HIGH_LEVEL_REQUIREMENT, "flow"), newest_first=False, owner=None),
    "field": Asked(_layout.current().by_field(PROJECT, "name", "flow"), newest_first=False, owner=None),
    "kind": asked(USER_FLOW),
    "waitlist": Asked(_layout.current().by_field(WAITLIST, "status", "flow"), newest_first=False, owner=None),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_cursor_of_another_query_is_refused(other):
    with pytest.raises(InvalidCursorError):
        decode_cursor(other, encode_cursor(asked(), last_key()))


def test_a_cursor_of_another_table_is_refused(monkeypatch):
    """Of the same kind of row, but in another environment's tables."""
    made = encode_cursor(asked(), last_key())
    monkeypatch.setenv("HIGH_LEVEL_REQUIREMENTS_TABLE_NAME", "elsewhere")
    with pytest.raises(InvalidCursorError):
        decode_cursor(asked(), made)


@given(st.data())
def test_a_damaged_cursor_is_refused(data):
    """One character changed, taken out or put in, or the end cut off."""
    made = encode_cursor(asked(), last_key())
    place = data.draw(st.integers(0, len(made) - 1))
    other = data.draw(st.sampled_from(sorted(URL_SAFE - {made[place]})))
    damaged = data.draw(
        st.sampled_from([made[:place] + other + made[place + 1 :], made[:place] + made[place + 1 :], made[:place]])
        | st.just(made[:place] + other + made[place:])
    )
    if damaged != made:
        with pytest.raises(InvalidCursorError):
            decode_cursor(asked(), damaged)


@given(st.text(st.characters()))
def test_made_up_text_is_no_cursor(made_up):
    with pytest.raises(InvalidCursorError):
        decode_cursor(asked(), made_up)


@pytest.mark.parametrize("made_up", [5, b"bytes", ["list"], {"S": "x"}, 1.5, True])
def test_what_is_no_text_is_no_cursor(made_up):
    with pytest.raises(InvalidCursorError):
        decode_cursor(asked(), made_up)


@pytest.mark.parametrize("addition", ["=", "==", "\n", " ", "A"])
def test_a_cursor_has_one_spelling(addition):
    with pytest.raises(InvalidCursorError):
        decode_cursor(asked(), encode_cursor(asked(), last_key()) + addition)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_letters, max_size=8), inner),
    max_leaves=8,
)


@given(JSON)
def test_a_cursor_made_by_somebody_who_knows_how_is_checked_for_its_shape(content):
    with pytest.raises(InvalidCursorError):
        decode_cursor(asked(), cursor_with(orjson.dumps(content)))


@pytest.mark.parametrize(
    "change",
    [
        {"parent_uiid": {"S": "other"}},
        {"parent_uiid": None},
        {"uiid": {"N": "1"}},
        {"uiid": "row"},
        {"uiid": {"S": ""}},
        {"uiid": None},
        {"created_at": {"S": 5}},
        {"created_at": {"S": "a", "N": "1"}},
        {"more": {"S": "x"}},
    ],
)
def test_a_key_that_is_not_this_querys_is_refused_though_its_check_is_right(change):
    key = {name: value for name, value in (last_key() | change).items() if value is not None}
    with pytest.raises(InvalidCursorError):
        decode_cursor(asked(), cursor_with(orjson.dumps(key, option=orjson.OPT_SORT_KEYS)))


def test_a_value_that_cannot_be_written_has_no_cursors():
    """A lone surrogate: no query with it can ever have made one."""
    with pytest.raises(InvalidInputError):
        decode_cursor(asked(value="\ud800"), base64.urlsafe_b64encode(b"x" * 12 + b"{}").decode().rstrip("="))


@pytest.mark.parametrize("limit", [0, -1, 2**31, 10**12, 1.0, "1", True, [], float("nan")])
def test_a_limit_is_a_whole_number_of_at_least_one(limit):
    with pytest.raises(InvalidInputError, match="limit"):
        check_limit(limit)


@pytest.mark.parametrize("limit", [None, 1, 2**31 - 1])
def test_other_limits_pass(limit):
    check_limit(limit)
