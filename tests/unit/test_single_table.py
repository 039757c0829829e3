"""The keys of the one table: no id leads to another's rows, whatever is in it, and all are within DynamoDB's limits."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodb import configure, from_stream_record
from dynamodb._decoding import MixedDecoder
from dynamodb._layout import current
from dynamodb._layout._single_table import part
from dynamodb.errors import InvalidInputError
from models._kinds import HIERARCHY, PROJECT, TEST_CASE, USER_FLOW, WAITLIST

ids = st.text(st.one_of(st.sampled_from("#%=a2"), st.characters(codec="utf-8", exclude_categories=["Cs"])), min_size=1)
all_ids = st.one_of(ids, ids.map(lambda text: (text * 255)[:255]))
NOW = datetime(2025, 8, 25, 2, 7, 57, 123456, tzinfo=UTC)


@pytest.fixture
def layout(_restored_environment):
    configure(layout="single-table")
    return current()


def fields(kind, **more):
    return {"project_id": "p", "created_at": NOW, str(kind.parent_field): "up", kind.id_field: "one", **more}


def keys(layout, kind, **more):
    return tuple(value["S"] for value in layout.key(kind, fields(kind, **more)).values())


@given(all_ids, all_ids)
def test_two_ids_are_never_one_part_of_a_key(one, other):
    assert (part(one) == part(other)) == (one == other)
    assert "#" not in part(one)


@given(all_ids, all_ids, all_ids)
def test_a_parents_children_are_never_anothers(one, other, child):
    """Also where its id begins with the other's, and has the separator in it."""
    configure(layout="single-table")
    layout = current()
    place = layout.by_parent(TEST_CASE, one, "p")
    _, sort_key = keys(layout, TEST_CASE, parent_uiid=other, uiid=child)
    assert sort_key.startswith(place.begins) == (one == other)


@pytest.mark.parametrize("other", ["a#b", "a#", "a%23b", "a%", "A"])
def test_a_parent_does_not_see_the_children_of_one_that_begins_alike(other, layout):
    _, sort_key = keys(layout, TEST_CASE, parent_uiid=other)
    assert not sort_key.startswith(layout.by_parent(TEST_CASE, "a", "p").begins)


@pytest.mark.parametrize("character", ["x", "#", "%", "é", "漢", "\U0001f600"])
def test_the_longest_ids_are_within_the_limits_of_keys(character, layout):
    long = character * 255
    for kind in HIERARCHY[1:]:
        row = {"project_id": long, str(kind.parent_field): long, kind.id_field: long}
        hash_key, sort_key = keys(layout, kind, **row)
        assert len(hash_key.encode()) <= 2048
        assert len(sort_key.encode()) <= 1024
        assert len(layout.taken(kind, long).value.encode()) <= 2048


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=5))
def test_siblings_lie_in_the_order_they_were_created(moments):
    configure(layout="single-table")
    sort_keys = [keys(current(), USER_FLOW, created_at=moment)[1] for moment in sorted(moments)]
    assert sort_keys == sorted(sort_keys)


@pytest.mark.parametrize(
    "text", ["2025-08-25T02:07:57.123456Z", "2025-08-25T02:07:57.123456+0000", "2025-08-25T04:07:57.123456+02:00"]
)
def test_other_spellings_of_a_time_give_the_same_key(text, layout):
    assert keys(layout, TEST_CASE, created_at=text) == keys(layout, TEST_CASE)


def test_a_projects_own_row_is_the_first_of_its_partition(layout):
    below = [keys(layout, kind, project_id="p") for kind in HIERARCHY[1:]]
    assert {hash_key for hash_key, _ in below} == {"P#p"} == {keys(layout, PROJECT, id="p")[0]}
    levels = [sort_key for _, sort_key in below]
    assert [keys(layout, PROJECT, id="p")[1], *levels] == sorted([keys(layout, PROJECT, id="p")[1], *levels])


def test_only_a_project_is_in_the_index_of_names(layout):
    for kind in HIERARCHY:
        wire = {"name": {"S": "n"}, "created_at": {"S": "2025-08-25T02:07:57.123456+00:00"}}
        wire |= {field: {"S": value} for field, value in fields(kind).items() if field != "created_at"}
        item = layout.item(kind, wire)
        assert ("project_name" in item) == (kind is PROJECT)
        assert len(layout.companions(kind, item)) == (kind is not PROJECT)
    assert layout.companions(WAITLIST, {}) == ()


def test_an_item_of_an_unknown_type_is_refused():
    decoder = MixedDecoder("item_type", {"user_flows": USER_FLOW.schema})
    item = '{"item_type":{"S":"%s"},"uiid":{"S":"u"},"project_id":{"S":"p"},"name":{"S":"n"},'
    item += '"created_at":{"S":"2025-08-25T02:07:57Z"}}'
    [row] = decoder.from_bytes(b'{"Items":[' + (item % "user_flows").encode() + b"]}")["Items"]
    assert type(row) is USER_FLOW.schema
    assert set(vars(row)) == set(USER_FLOW.schema.model_fields)
    with pytest.raises(ValueError, match="item_type"):
        decoder.from_bytes(b'{"Items":[' + (item % "other").encode() + b"]}")


def record(pk, sk, **images):
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/prod-vishmaker/stream/2025-08-25T02:07:57.123"
    keys = {"pk": {"S": pk}, "sk": {"S": sk}}
    return {"eventName": "REMOVE", "eventSourceARN": arn, "dynamodb": {"Keys": keys, **images}}


@pytest.mark.parametrize(
    ("pk", "sk", "kind", "key"),
    [
        ("P#a#b", "#PROJECT", "projects", "a#b"),
        ("P#p", "FLOW#p#2025-08-25T02:07:57.123456+00:00#a%23b%25", "user_flows", "a#b%"),
        ("P#p", "TC#l#2025-08-25T02:07:57.123456+00:00#t", "test_cases", "t"),
        ("W#ada@example.org", "WAITLIST", "waitlist", "ada@example.org"),
    ],
)
def test_a_stream_record_is_read_by_its_key(pk, sk, kind, key, layout):
    change = from_stream_record(record(pk, sk))
    assert (change.kind, change.key, change.old) == (kind, key, None)


def test_the_id_of_a_row_with_a_long_one_is_in_its_image(layout):
    long = "x" * 255
    fields = {"uiid": long * 2, "project_id": "p", "name": "n", "created_at": "2025-08-25T02:07:57Z"}
    image = {name: {"S": value} for name, value in fields.items()}
    sk = f"FLOW#p#2025-08-25T02:07:57.000000+00:00#{part(long * 2)}"
    assert from_stream_record(record("P#p", sk, OldImage=image)).key == long * 2
    with pytest.raises(InvalidInputError, match="uiid"):
        from_stream_record(record("P#p", sk))


def test_an_id_item_is_no_row_of_a_stream(layout):
    with pytest.raises(InvalidInputError, match="filter"):
        from_stream_record(record("ID#u", "user_flows"))
