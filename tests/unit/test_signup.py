"""Addresses, and the waitlist's schemas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models._signup import Waitlist, WaitlistCreate, WaitlistUpdate, normalize_email

letters = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=20)


@given(letters, st.integers(0, 2**20))
def test_every_spelling_of_an_address_is_one_address(local, mask):
    address = f"{local}@example.org"
    spelled = "".join(one.upper() if mask >> place & 1 else one.lower() for place, one in enumerate(address))
    assert WaitlistCreate(email=spelled).email == normalize_email(spelled) == address.lower()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "a@",
        "@example.org",
        "a b@example.org",
        "a@b@example.org",
        "a@example",
        "a@-example.org",
        "a@example..org",
        ".a@example.org",
        "a..b@example.org",
        "a@example.org\n",
        "a@example.org, b@example.org",
        "Ada <ada@example.org>",
        "a\x00@example.org",
        "\ud800@example.org",
        f"a@{'b' * 250}.org",
        "a@[127.0.0.1]",
        5,
        None,
        ["a@example.org"],
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError, match="email"):
        WaitlistCreate(email=address)


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("ÜNAL@example.org", "ünal@example.org"),
        ("u\u0308nal@example.org", "ünal@example.org"),
        ("a@BÜCHER.example.org", "a@bücher.example.org"),
        ("a@xn--bcher-kva.example.org", "a@bücher.example.org"),
        ("a+tag@Example.org", "a+tag@example.org"),
    ],
)
def test_an_address_has_one_form_in_unicode_too(address, normal):
    assert normalize_email(address) == normal


def test_an_entry_begins_as_pending():
    assert WaitlistCreate(email="a@example.org").status == "pending"


def test_notes_have_at_most_500_characters():
    assert len(WaitlistCreate(email="a@example.org", notes="\U0001f600" * 500).notes) == 500
    for schema, fields in ((WaitlistCreate, {"email": "a@example.org"}), (WaitlistUpdate, {})):
        with pytest.raises(ValidationError, match="notes"):
            schema(**fields, notes="x" * 501)


@pytest.mark.parametrize("status", ["", "done", "Pending", None, 1])
def test_there_are_three_statuses(status):
    with pytest.raises(ValidationError, match="status"):
        WaitlistCreate(email="a@example.org", status=status)
    with pytest.raises(ValidationError, match="status"):
        WaitlistUpdate(status=status)


def test_an_update_leaves_the_address_alone():
    with pytest.raises(ValidationError, match="email"):
        WaitlistUpdate(email="b@example.org")
    assert WaitlistUpdate(notes=None).given() == {"notes": None}


def test_the_spelling_that_was_given_is_remembered():
    """An earlier writer may have left a row under exactly it."""
    for made in (
        WaitlistCreate(email="Ada@Example.org"),
        WaitlistCreate.model_validate({"email": "Ada@Example.org"}),
        WaitlistCreate.model_validate_json('{"email": "Ada@Example.org"}'),
    ):
        assert (made.spelling, made.email) == ("Ada@Example.org", "ada@example.org")
    assert WaitlistCreate(email="ada@example.org").spelling == "ada@example.org"


def test_a_stored_entry_may_be_what_an_earlier_writer_left():
    made = Waitlist(email="User@Example.com", status="invited", created_at="2025-08-25T02:09:00")
    assert (made.email, made.status, made.version) == ("User@Example.com", "invited", 0)
