"""What is reported when the three sides do not agree."""

from dataclasses import replace

import pytest

from dynamodb.infrastructure import Difference, IndexShape, Key, TableShape, compare

MODEL = TableShape(
    name="t",
    key=Key("id", "user_id"),
    attribute_types={"id": "S", "name": "S", "user_id": "S", "created_at": "S"},
    indexes={"name-index": IndexShape(Key("name", "created_at"))},
    settings={"billing mode": "PAY_PER_REQUEST"},
)
LIVE = replace(MODEL, settings=MODEL.settings | {"deletion protection": "on", "KMS key": "arn:aws-managed"})
TERRAFORM = replace(MODEL, settings=MODEL.settings | {"deletion protection": "on", "point-in-time recovery": "on"})

HASH_ONLY = {"name-index": IndexShape(Key("name"))}


def only(found: list[Difference]) -> Difference:
    (difference,) = found
    return difference


def against(live: TableShape | None, terraform: TableShape | None) -> list[Difference]:
    return compare({"t": MODEL}, live and {"t": live}, terraform and {"t": terraform})


def test_agreement_is_silent():
    """What only one side states (a key's ARN, recovery) is no difference."""
    assert against(LIVE, TERRAFORM) == []
    assert against(LIVE, None) == []
    assert against(None, TERRAFORM) == []
    assert against(None, None) == []


def test_other_tables_do_not_matter():
    """Live tables and Terraform's that are not the models' are passed over."""
    other = replace(LIVE, name="other")

    assert compare({"t": MODEL}, {"t": LIVE, "other": other}, {"t": TERRAFORM, "other": other}) == []


def test_tables_are_found_by_their_name():
    """The key of a model does not matter, the name of its table does."""
    assert compare({"any": MODEL}, {"t": LIVE}) == []


def test_missing_live_table():
    """A table that does not exist is reported once, with how to make it."""
    difference = only(compare({"t": MODEL}, {}, {"t": TERRAFORM}))

    assert (difference.table, difference.what, difference.severity) == ("t", "table", "differs")
    assert (difference.models, difference.live, difference.terraform) == ("present", "missing", "present")
    assert "vishmaker-dynamodb tables create" in difference.advice


def test_table_unknown_to_terraform():
    """A table that Terraform does not manage is reported with how to bring it in."""
    difference = only(compare({"t": MODEL}, {"t": LIVE}, {}))

    assert (difference.live, difference.terraform) == ("present", "missing")
    assert "`import` block" in difference.advice


def test_missing_table_still_compares_the_other_side():
    """That there is no live table does not hide that Terraform would make the wrong one."""
    wrong = replace(TERRAFORM, key=Key("id"))

    assert [found.what for found in compare({"t": MODEL}, {}, {"t": wrong})] == ["table", "key"]


def test_hash_only_live_index_is_unsorted():
    """An index of earlier deployments, without the sort key, is usable but unsorted."""
    difference = only(against(replace(LIVE, indexes=HASH_ONLY), TERRAFORM))

    assert (difference.what, difference.severity) == ("index name-index", "unsorted")
    assert (difference.models, difference.live) == ("hash name, range created_at", "hash name")
    assert difference.advice.startswith("Usable")


def test_hash_only_index_on_both_sides_is_unsorted():
    """The same where Terraform says so as well."""
    difference = only(against(replace(LIVE, indexes=HASH_ONLY), replace(TERRAFORM, indexes=HASH_ONLY)))

    assert (difference.severity, difference.terraform) == ("unsorted", "hash name")


@pytest.mark.parametrize(
    ("index", "shown"),
    [
        (Key("other"), "hash other"),
        (Key("other", "created_at"), "hash other, range created_at"),
        (Key("name", "updated_at"), "hash name, range updated_at"),
    ],
)
def test_other_index_keys_are_broken(index: Key, shown: str):
    """Another hash key, or a sort key that is not the models', is no lesser case."""
    difference = only(against(replace(LIVE, indexes={"name-index": IndexShape(index)}), TERRAFORM))

    assert (difference.severity, difference.live) == ("differs", shown)
    assert "delete it and make it again" in difference.advice


def test_index_that_should_have_no_sort_key():
    """Where the models have a hash-only index, a sort key is a plain difference."""
    model = replace(MODEL, indexes=HASH_ONLY)

    assert only(compare({"t": model}, {"t": LIVE})).severity == "differs"


def test_missing_index():
    """An index that is not there is named, with what stops working."""
    difference = only(against(replace(LIVE, indexes={}), TERRAFORM))

    assert (difference.what, difference.live, difference.severity) == ("index name-index", "missing", "differs")
    assert "queries on it fail until" in difference.advice


def test_unsorted_live_and_missing_in_terraform_is_not_only_unsorted():
    """An index that Terraform would delete is not reported as usable."""
    difference = only(against(replace(LIVE, indexes=HASH_ONLY), replace(TERRAFORM, indexes={})))

    assert difference.severity == "differs"


def test_unknown_live_index():
    """An index that no model has costs every write, and is named."""
    extra = LIVE.indexes | {"extra-index": IndexShape(Key("user_id"))}

    difference = only(against(replace(LIVE, indexes=extra), TERRAFORM))

    assert (difference.what, difference.models, difference.live) == ("index extra-index", "missing", "hash user_id")
    assert "every write pays" in difference.advice


def test_projection():
    """An index that does not project everything answers with incomplete rows."""
    narrow = {"name-index": IndexShape(Key("name", "created_at"), "INCLUDE", ("a", "b"))}

    difference = only(against(replace(LIVE, indexes=narrow), None))

    assert (difference.what, difference.models, difference.live) == ("projection of name-index", "ALL", "INCLUDE a b")


def test_table_key():
    """A table's key cannot be changed; the advice is a new table."""
    difference = only(against(replace(LIVE, key=Key("id")), TERRAFORM))

    assert (difference.what, difference.models, difference.live) == ("key", "hash id, range user_id", "hash id")
    assert "copy the items" in difference.advice


def test_attribute_type():
    """A key attribute of another type is named."""
    difference = only(against(replace(LIVE, attribute_types=MODEL.attribute_types | {"created_at": "N"}), TERRAFORM))

    assert (difference.what, difference.models, difference.live) == ("type of created_at", "S", "N")


def test_billing_mode():
    """Provisioned capacity is a difference, for nothing here plans it."""
    difference = only(against(replace(LIVE, settings=LIVE.settings | {"billing mode": "PROVISIONED"}), None))

    assert (difference.what, difference.live) == ("billing mode", "PROVISIONED")


def test_protection_turned_off_by_hand():
    """What only the live table and Terraform state is compared between them."""
    difference = only(against(replace(LIVE, settings=LIVE.settings | {"deletion protection": "off"}), TERRAFORM))

    assert (difference.what, difference.models) == ("deletion protection", None)
    assert (difference.live, difference.terraform) == ("off", "on")
    assert "terraform apply" in difference.advice


def test_wrong_terraform_is_stopped_before_it_is_applied():
    """Where the live table is right and Terraform is not, the advice is about Terraform."""
    difference = only(against(LIVE, replace(TERRAFORM, indexes={})))

    assert (difference.live, difference.terraform) == ("hash name, range created_at", "missing")
    assert difference.advice.startswith("Correct Terraform")


def test_every_difference_is_reported():
    """One difference does not hide another."""
    wrong = replace(LIVE, key=Key("id"), indexes={}, settings={"billing mode": "PROVISIONED"})

    assert [found.what for found in against(wrong, None)] == ["key", "index name-index", "billing mode"]
