"""The waitlist's repository."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dynamodb.errors import (
    AlreadyExistsError,
    ConnectionFailedError,
    InvalidInputError,
    NotFoundError,
    VersionConflictError,
)
from dynamodb.repositories import WaitlistRepository
from support.interruptions import lose_first, watched
from support.world import to_item

pytestmark = pytest.mark.engine


def stored(world, email):
    return world.get("waitlist", email=email)


def test_a_sign_up_is_stored_lower_cased(world):
    made = WaitlistRepository().create({"email": "Ada@Example.ORG", "notes": "met at the fair"})
    item = stored(world, "ada@example.org")
    assert (made.email, made.status, made.version) == ("ada@example.org", "pending", 1)
    assert {name: item[name] for name in ("email", "status", "notes", "version")} == to_item(
        {"email": "ada@example.org", "status": "pending", "notes": "met at the fair", "version": 1}
    )
    assert set(item) == {"email", "status", "notes", "version", "created_at", "updated_at"}
    assert WaitlistRepository().get("ADA@example.org") == made


@pytest.mark.parametrize("spelling", ["ada@example.org", "ADA@EXAMPLE.ORG", "Ada@example.org"])
def test_an_address_signs_up_once_however_it_is_spelled(spelling, world):
    WaitlistRepository().create({"email": "Ada@Example.org", "notes": "first"})
    before = world.rows("waitlist")
    with pytest.raises(AlreadyExistsError) as caught:
        WaitlistRepository().create({"email": spelling, "notes": "second"})
    assert "ada@" not in str(caught.value).lower()
    assert world.rows("waitlist") == before


def test_a_spelling_that_an_earlier_writer_left_is_taken_too(world, legacy_items):
    world.put_items("waitlist", legacy_items["waitlist"])
    with pytest.raises(AlreadyExistsError):
        WaitlistRepository().create({"email": "User@Example.com"})
    with pytest.raises(AlreadyExistsError):
        WaitlistRepository().create_many([{"email": "other@example.org"}, {"email": "User@Example.com"}])
    assert len(world.rows("waitlist")) == 1


def test_an_earlier_writers_spelling_is_found_changed_and_deleted_by_it(world, legacy_items):
    world.put_items("waitlist", legacy_items["waitlist"])
    repository = WaitlistRepository()
    assert repository.get("User@Example.com").notes is None
    changed = repository.update("User@Example.com", {"status": "contacted"})
    assert (changed.email, changed.status, changed.version) == ("User@Example.com", "contacted", 1)
    assert stored(world, "User@Example.com")["notes"] == {"NULL": True}
    repository.delete("User@Example.com")
    assert world.rows("waitlist") == []


@pytest.mark.parametrize(
    ("created", "asked"),
    [
        ("ünal@example.org", "ÜNAL@Example.org"),
        ("a@bücher.example.org", "A@BÜCHER.example.org"),
        ("a@xn--bcher-kva.example.org", "a@bücher.example.org"),
        ("a@bücher.example.org", "a@xn--bcher-kva.example.org"),
        ("a@xn--bcher-kva.example.org", "A@XN--BCHER-KVA.example.org"),
    ],
)
def test_an_international_address_is_one_address_in_every_form(created, asked, world):
    made = WaitlistRepository().create({"email": created})
    assert WaitlistRepository().get(asked) == made
    with pytest.raises(AlreadyExistsError):
        WaitlistRepository().create({"email": asked})
    WaitlistRepository().delete(asked)
    assert world.rows("waitlist") == []


def test_what_is_absent_is_absent(world):
    repository = WaitlistRepository()
    assert repository.find("nobody@example.org") is None
    for call in (repository.get, repository.delete, lambda key: repository.update(key, {"notes": "x"})):
        with pytest.raises(NotFoundError) as caught:
            call("nobody@example.org")
        assert "nobody@" not in str(caught.value)
    assert world.rows("waitlist") == []


def test_an_entry_is_changed_with_a_version(world):
    repository = WaitlistRepository()
    made = repository.create({"email": "a@example.org", "notes": "x"})
    changed = repository.update("A@example.org", {"status": "contacted", "notes": None}, expected_version=made.version)
    assert (changed.status, changed.notes, changed.version) == ("contacted", None, 2)
    assert "notes" not in stored(world, "a@example.org")
    with pytest.raises(VersionConflictError) as caught:
        repository.update("a@example.org", {"status": "converted"}, expected_version=1)
    assert caught.value.current == changed
    assert "a@example" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@example.org", "status": "done"}, "status"),
        ({"email": "a@example.org", "notes": "x" * 501}, "notes"),
        ({"email": "a@example.org", "notes": "\x00"}, "notes"),
        ({"email": "a@example.org", "nots": "x"}, "nots"),
        ({}, "email"),
        ({"email": None}, "email"),
        (5, "data"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(fields, field, world):
    for call in (WaitlistRepository().create, lambda one: WaitlistRepository().create_many([one])):
        with pytest.raises(InvalidInputError, match=field) as caught:
            call(fields)
        assert "no address" not in str(caught.value)
    assert world.rows("waitlist") == []


def test_bad_changes_are_named_and_nothing_is_written(world):
    WaitlistRepository().create({"email": "a@example.org"})
    before = world.rows("waitlist")
    for changes in ({"status": "done"}, {"notes": "x" * 501}, {"status": None}, {"email": "b@example.org"}):
        with pytest.raises(InvalidInputError, match=next(iter(changes))):
            WaitlistRepository().update("a@example.org", changes)
    assert world.rows("waitlist") == before


def test_notes_and_addresses_may_be_anything_that_is_text(world):
    notes = "\U0001f600\u05d0\u0627漢\n\t" * 60
    made = WaitlistRepository().create({"email": "a@example.org", "notes": notes})
    assert WaitlistRepository().get("a@example.org").notes == notes == made.notes


def test_many_sign_ups_are_all_or_nothing(world):
    repository = WaitlistRepository()
    repository.create({"email": "b@example.org"})
    with pytest.raises(AlreadyExistsError):
        repository.create_many([{"email": f"{name}@example.org"} for name in "abc"])
    with pytest.raises(InvalidInputError, match="twice"):
        repository.create_many([{"email": "a@example.org"}, {"email": "A@example.org"}])
    assert len(world.rows("waitlist")) == 1
    made = repository.create_many([{"email": f"{name}@Example.org"} for name in "zyx"])
    assert [one.email for one in made] == ["z@example.org", "y@example.org", "x@example.org"]
    assert [one.email for one in repository.iter_by_status("pending")] == [
        "b@example.org",
        *(one.email for one in made),
    ]
    assert repository.create_many([]) == []


def test_entries_are_listed_by_status_in_the_order_they_came(world):
    repository = WaitlistRepository()
    names = [f"{number}@example.org" for number in (3, 1, 2)]
    repository.create_many([{"email": name} for name in names])
    repository.update(names[1], {"status": "contacted"})
    assert [one.email for one in repository.list_by_status("pending").items] == [names[0], names[2]]
    assert [one.email for one in repository.iter_by_status("pending", newest_first=True)] == [names[2], names[0]]
    assert [one.email for one in repository.list_by_status("contacted").items] == [names[1]]
    assert repository.list_by_status("converted").items == []
    assert list(repository.iter_by_status("converted")) == []
    assert sorted(one.email for one in repository.iter_all()) == sorted(names)


def test_a_status_that_does_not_exist_is_refused_unless_an_earlier_writer_left_it(world):
    repository = WaitlistRepository()
    for call in (repository.list_by_status, lambda one: next(repository.iter_by_status(one))):
        with pytest.raises(InvalidInputError, match="pending, contacted, converted"):
            call("invited")
    world.put("waitlist", email="a@example.org", status="invited")
    assert [one.email for one in repository.list_by_status("invited").items] == ["a@example.org"]
    assert [one.email for one in repository.iter_by_status("invited")] == ["a@example.org"]


def test_all_pages_of_a_scan_are_read(world):
    """Entries of an earlier writer with notes far too long: more than 1 MB together."""
    world.put_items(
        "waitlist",
        [
            to_item({"email": f"{n}@example.org", "status": "pending", "notes": "x" * 200_000, "created_at": "2025"})
            for n in range(8)
        ],
    )
    assert len(list(WaitlistRepository().iter_all())) == 8
    assert len(list(WaitlistRepository().iter_by_status("pending"))) == 8


def test_many_statuses_are_set_and_each_address_gets_its_answer(world):
    repository = WaitlistRepository()
    repository.create_many([{"email": f"{name}@example.org"} for name in "abc"])
    done = repository.update_status(
        ["A@example.org", "nobody@example.org", "c@example.org", "", "b@example.org"], "contacted"
    )
    assert [getattr(one, "email", type(one).__name__) for one in done] == [
        "a@example.org",
        "NotFoundError",
        "c@example.org",
        "InvalidInputError",
        "b@example.org",
    ]
    assert {row["status"]["S"] for row in world.rows("waitlist")} == {"contacted"}
    with pytest.raises(InvalidInputError, match="status"):
        repository.update_status(["a@example.org"], "done")
    assert repository.update_status([], "pending") == []


def test_an_address_whose_request_is_lost_does_not_hide_what_became_of_the_others(world, reconfigure):
    reconfigure(max_attempts=1)
    repository = WaitlistRepository()
    repository.create_many([{"email": f"{name}@example.org"} for name in "abc"])
    with watched(lose_first("UpdateItem", applied=False)):
        done = repository.update_status([f"{name}@example.org" for name in "abc"], "contacted")
    failed = [isinstance(one, ConnectionFailedError) for one in done]
    written = [row["status"]["S"] == "contacted" for row in world.rows("waitlist")]
    assert sum(failed) == 1
    assert [not one for one in failed] == written


def test_of_sign_ups_at_the_same_moment_one_wins(world):
    def sign_up(number):
        try:
            return WaitlistRepository().create({"email": "a@example.org", "notes": str(number)})
        except AlreadyExistsError:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [one for one in pool.map(sign_up, range(16)) if one]
    assert len(made) == 1
    assert [row["notes"]["S"] for row in world.rows("waitlist")] == [made[0].notes]


def test_a_repository_for_an_owner_has_no_waitlist(world):
    WaitlistRepository().create({"email": "a@example.org"})
    before = world.rows("waitlist")
    mine = WaitlistRepository(user_id="ada")
    assert mine.find("a@example.org") is None
    assert mine.list_by_status("pending").items == []
    assert list(mine.iter_by_status("pending")) == list(mine.iter_all()) == []
    for call in (mine.create, lambda one: mine.create_many([one])):
        with pytest.raises(InvalidInputError, match="owner"):
            call({"email": "b@example.org"})
    for change in (mine.get, mine.delete, lambda key: mine.update(key, {"notes": "x"})):
        with pytest.raises(NotFoundError):
            change("a@example.org")
    assert [type(one) for one in mine.update_status(["a@example.org"], "contacted")] == [NotFoundError]
    assert world.rows("waitlist") == before
