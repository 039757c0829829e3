"""What may go in: limits, hostile text, and what an update says."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from models._copying import copy_of, derived_id
from models._hierarchy import (
    HighLevelRequirementCreate,
    HighLevelRequirementTreeCreate,
    LowLevelRequirementCreate,
    ProjectCreate,
    ProjectTree,
    ProjectTreeCreate,
    ProjectUpdate,
    TestCaseCreate,
    TestCaseUpdate,
    UserFlowCreate,
    UserFlowUpdate,
)
from models._kinds import HIERARCHY
from support.trees import ids, outline, sample

FOUR_BYTES = "\U0001f600"
ANY_TEXT = st.text(st.characters())


def is_text(value):
    """What DynamoDB and every reader can hold: no control character but tab and line breaks, no lone surrogate."""
    controls = {*range(0x20), *range(0x7F, 0xA0)} - {0x09, 0x0A, 0x0D}
    return not any(ord(one) in controls or 0xD800 <= ord(one) <= 0xDFFF for one in value)


VALID = {
    ProjectCreate: {"name": "n", "user_id": "u"},
    UserFlowCreate: {"name": "n", "project_id": "p"},
    HighLevelRequirementCreate: {"name": "n", "parent_uiid": "p"},
    LowLevelRequirementCreate: {"name": "n", "parent_uiid": "p"},
    TestCaseCreate: {"name": "n", "parent_uiid": "p"},
    ProjectTreeCreate: {"name": "n", "user_id": "u"},
    HighLevelRequirementTreeCreate: {"name": "n"},
}
every_create = pytest.mark.parametrize("schema", VALID, ids=lambda schema: schema.__name__)


@pytest.mark.parametrize("schema", VALID, ids=lambda schema: schema.__name__)
@given(ANY_TEXT)
@example("")
@example(FOUR_BYTES * 255)
@example(FOUR_BYTES * 256)
@example("a\x00")
@example("\ud83d\ude00")
@example("'; DROP TABLE projects; --")
@example("{{7*7}} ${jndi:ldap://x} <script>")
@example("\u202egnirts\u2066")
def test_a_name_is_any_text_of_1_to_255_characters(schema, name):
    fields = {**VALID[schema], "name": name}
    if 1 <= len(name) <= 255 and is_text(name):
        assert schema(**fields).name == name
    else:
        with pytest.raises(ValidationError, match="name"):
            schema(**fields)


@given(ANY_TEXT)
@example("x" * 255)
@example("x" * 256)
@example("a\x1fb")
def test_an_id_from_elsewhere_is_any_text_of_1_to_255_characters(given_id):
    if 1 <= len(given_id) <= 255 and is_text(given_id):
        assert UserFlowCreate(uiid=given_id, project_id=given_id, name="n").uiid == given_id
    else:
        for field in ("uiid", "project_id"):
            with pytest.raises(ValidationError, match=field):
                UserFlowCreate(**{"project_id": "p", "name": "n", field: given_id})


@given(ANY_TEXT)
def test_a_long_text_may_be_empty_but_not_damaged(prompt):
    if is_text(prompt):
        assert ProjectCreate(name="n", user_id="u", initial_prompt=prompt).initial_prompt == prompt
    else:
        with pytest.raises(ValidationError, match="initial_prompt"):
            ProjectCreate(name="n", user_id="u", initial_prompt=prompt)


@every_create
def test_a_misspelt_field_is_refused_and_not_lost(schema):
    with pytest.raises(ValidationError, match="descripton"):
        schema(**VALID[schema], descripton="x")


@every_create
@pytest.mark.parametrize("value", [None, 5, ["list"], {"a": 1}, True])
def test_a_name_of_another_type_is_refused(schema, value):
    with pytest.raises(ValidationError, match="name"):
        schema(**{**VALID[schema], "name": value})


@every_create
def test_what_is_missing_is_named(schema):
    for field in VALID[schema]:
        with pytest.raises(ValidationError, match=field):
            schema(**{name: value for name, value in VALID[schema].items() if name != field})


@pytest.mark.parametrize("schema", [ProjectUpdate, UserFlowUpdate, TestCaseUpdate])
def test_an_update_says_only_what_was_given(schema):
    text = "initial_prompt" if schema is ProjectUpdate else "description"
    assert schema().given() == {}
    assert schema(name="n").given() == {"name": "n"}
    assert schema(**{text: None}).given() == {text: None}
    assert schema(**{text: ""}).given() == {text: ""}


@pytest.mark.parametrize("schema", [ProjectUpdate, UserFlowUpdate, TestCaseUpdate])
@pytest.mark.parametrize("name", [None, "", "x" * 256, "\x00", "\ud800", 5])
def test_a_name_cannot_be_taken_away_or_spoilt(schema, name):
    with pytest.raises(ValidationError, match="name"):
        schema(name=name)


@pytest.mark.parametrize("field", ["id", "uiid", "user_id", "project_id", "parent_uiid", "version", "created_at"])
def test_an_update_changes_neither_keys_nor_bookkeeping(field):
    for schema in (ProjectUpdate, UserFlowUpdate, TestCaseUpdate):
        with pytest.raises(ValidationError, match=field):
            schema(**{field: "x"})


def test_ids_are_made_with_the_object():
    """So the same object given twice names the same rows."""
    made = ProjectTreeCreate.model_validate(sample())
    assert len(set(ids(made))) == len(ids(made)) == 31
    assert ids(ProjectTreeCreate.model_validate_json(made.model_dump_json())) == ids(made)
    assert not set(ids(ProjectTreeCreate.model_validate(sample()))) & set(ids(made))


def stored_tree(**fields):
    """A tree as it would be loaded, every row with what storage sets."""
    create = ProjectTreeCreate.model_validate(sample(**fields))
    number = iter(range(1000))

    def store(data, level, parent_id, project_id):
        kind = HIERARCHY[level]
        moment = datetime(2025, 1, 1, 0, 0, 0, next(number), UTC)
        data |= {"created_at": moment, "updated_at": moment, "version": 3}
        if level:
            data["project_id"] = project_id
            if level > 1:
                data["parent_uiid"] = parent_id
        for child in data.get(kind.children_field or "", []):
            store(child, level + 1, data[kind.id_field], project_id)
        return data

    return ProjectTree.model_validate(store(create.model_dump(), 0, None, create.id))


def test_an_export_can_be_created_again():
    """Ids, names, texts and order are kept; times, versions and parents are storage's."""
    tree = stored_tree()
    again = ProjectTreeCreate.model_validate_json(tree.model_dump_json())
    assert outline(again) == outline(tree)
    assert ids(again) == ids(tree)


def test_an_export_without_ids_gets_new_ones():
    def strip(data):
        return {
            name: [strip(one) for one in value] if isinstance(value, list) else value
            for name, value in data.items()
            if name not in {"id", "uiid"}
        }

    tree = stored_tree()
    again = ProjectTreeCreate.model_validate(strip(json.loads(tree.model_dump_json())))
    assert outline(again) == outline(tree)
    assert not set(ids(again)) & set(ids(tree))


def test_a_copy_has_the_shape_and_other_ids():
    tree = stored_tree()
    made, new_ids = copy_of(tree, "copy")
    assert outline(made) == outline(tree)
    assert [new_ids[old] for old in ids(tree)] == ids(made)
    assert len(set(new_ids.values()) | set(new_ids)) == 2 * len(ids(tree))


def test_the_same_copy_again_has_the_same_ids():
    tree = stored_tree()
    assert copy_of(tree, "copy") == copy_of(tree, "copy")
    assert not set(ids(copy_of(tree, "copy")[0])) & set(ids(copy_of(tree, "other")[0]))


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_derived_id_is_a_valid_uuid_whatever_the_ids_are(project_id, old_id):
    made = derived_id(project_id, old_id)
    assert (made[14], len(made)) == ("7", 36)
    assert derived_id(project_id, old_id) == made
    assert derived_id(project_id, old_id + "x") != made


def test_the_nasa_file_is_a_tree(nasa_tree):
    made = ProjectTreeCreate.model_validate(nasa_tree)
    assert len(ids(made)) == 1 + 5 + 282 + 109 + 6
