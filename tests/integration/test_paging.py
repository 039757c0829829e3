"""Pages: whatever their size, one after the other they are the whole; a cursor leads on or is refused."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodb.errors import InvalidCursorError, InvalidInputError
from dynamodb.repositories import (
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
    WaitlistRepository,
)
from support.interruptions import watched
from support.world import text_time, to_item

pytestmark = pytest.mark.engine

COUNT = 23
REPOSITORIES = {
    "projects": ProjectRepository,
    "user_flows": UserFlowRepository,
    "high_level_requirements": HighLevelRequirementRepository,
    "low_level_requirements": LowLevelRequirementRepository,
    "test_cases": TestCaseRepository,
    "waitlist": WaitlistRepository,
}


@dataclass(frozen=True)
class Listing:
    """One way to list rows: of whom, by what, with which value."""

    table: str
    by: str
    value: str

    def list(self, *, user_id=None, **options):
        repository = REPOSITORIES[self.table](user_id=user_id)
        return getattr(repository, f"list_by_{self.by}")(self.value, **options)

    def iter(self, *, user_id=None, **options):
        repository = REPOSITORIES[self.table](user_id=user_id)
        return getattr(repository, f"iter_by_{self.by}")(self.value, **options)


LISTINGS = [
    Listing("projects", "user", "ada"),
    Listing("projects", "name", "many"),
    Listing("user_flows", "project", "p"),
    Listing("high_level_requirements", "parent", "f"),
    Listing("high_level_requirements", "project", "p"),
    Listing("low_level_requirements", "parent", "h"),
    Listing("low_level_requirements", "project", "p"),
    Listing("test_cases", "parent", "l"),
    Listing("test_cases", "project", "p"),
    Listing("waitlist", "status", "pending"),
]
every_listing = pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: f"{one.table}-{one.by}")


def fill(world, table):
    """Many rows of one table, created in another order than their ids; now and then one that is not shown."""
    items = []
    above = {"project_id": "p", "parent_uiid": {"high": "f", "low_": "h", "test": "l"}.get(table[:4])}
    for number in range(COUNT):
        row_id = f"{number * 7 % COUNT:02}"
        hidden = {"tree_state": "creating"} if number % 5 == 2 and table != "waitlist" else {}
        fields = {
            "projects": {"id": row_id, "user_id": "ada", "name": "many"},
            "user_flows": {"uiid": row_id, "project_id": "p", "name": "n"},
            "waitlist": {"email": f"{row_id}@example.org", "status": "pending"},
        }.get(table, {"uiid": row_id, "name": "n", **above})
        items.append(to_item({**fields, **hidden, "created_at": text_time(), "version": 1}))
    world.put_items(table, items)


def name_of(row):
    return getattr(row, "uiid", None) or getattr(row, "id", None) or row.email


def expected(listing):
    hidden = () if listing.table == "waitlist" else range(2, COUNT, 5)
    names = [f"{number * 7 % COUNT:02}" for number in range(COUNT) if number not in hidden]
    return [f"{name}@example.org" if listing.table == "waitlist" else name for name in names]


@pytest.fixture
def filled(world):
    """A project of ada's, and the rows above those that are listed."""
    world.put("projects", id="p", user_id="ada", name="p")
    world.put("user_flows", uiid="f", project_id="p", name="f")
    world.put("high_level_requirements", uiid="h", parent_uiid="f", project_id="p", name="h")
    world.put("low_level_requirements", uiid="l", parent_uiid="h", project_id="p", name="l")
    return world


def ours(listing, rows):
    """The rows of `fill`, without the one that is above the others."""
    return [name_of(row) for row in rows if name_of(row) not in {"p", "f", "h", "l"}]


def all_pages(listing, **options):
    cursor, pages = None, []
    while True:
        page = listing.list(cursor=cursor, **options)
        pages.append(page.items)
        if page.cursor is None:
            return pages
        cursor = page.cursor


@every_listing
def test_pages_of_any_size_make_the_whole(listing, filled):
    """In the order of creation and against it; every page full but the last ones; hidden rows are on none."""
    fill(filled, listing.table)
    whole = expected(listing)
    assert ours(listing, listing.iter()) == whole
    assert ours(listing, listing.iter(newest_first=True)) == whole[::-1]
    assert ours(listing, listing.list().items) == whole
    assert listing.list().cursor is None
    for limit, newest_first in ((2, False), (7, True), (COUNT, False)):
        pages = all_pages(listing, limit=limit, newest_first=newest_first)
        rows = [row for page in pages for row in page]
        assert ours(listing, rows) == (whole[::-1] if newest_first else whole)
        assert all(len(page) == limit for page in pages[:-1])


@every_listing
def test_an_owner_pages_through_his_own(listing, filled):
    """The same pages, and none of anybody else's."""
    fill(filled, listing.table)
    if listing.table == "waitlist":
        assert all_pages(listing, limit=3, user_id="ada") == [[]]
        return
    assert ours(listing, listing.iter(user_id="ada")) == expected(listing)
    rows = [row for page in all_pages(listing, limit=4, user_id="ada") for row in page]
    assert ours(listing, rows) == expected(listing)
    assert all_pages(listing, limit=4, user_id="grace") == [[]]
    assert list(listing.iter(user_id="grace")) == []


@pytest.fixture
def flows(filled):
    fill(filled, "user_flows")
    return Listing("user_flows", "project", "p")


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=st.lists(st.integers(1, 40), min_size=1, max_size=8), newest_first=st.booleans())
def test_pages_of_changing_sizes_make_the_whole(flows, limits, newest_first):
    """A cursor is not bound to the size of the page it ended."""
    seen, cursor, place = [], None, 0
    while True:
        page = flows.list(limit=limits[place % len(limits)], cursor=cursor, newest_first=newest_first)
        seen += page.items
        cursor, place = page.cursor, place + 1
        if cursor is None:
            break
    whole = expected(flows)
    assert ours(flows, seen) == (whole[::-1] if newest_first else whole)


def test_nothing_is_an_empty_page_without_a_cursor(world):
    for listing in LISTINGS:
        page = listing.list(limit=5)
        assert (page.items, page.cursor) == ([], None)
        assert list(listing.iter()) == []


def test_a_cursor_is_refused_by_every_other_query(filled, flows):
    """Of another value, direction, owner, index or table; and its own goes on taking it."""
    fill(filled, "high_level_requirements")
    cursor = flows.list(limit=3).cursor
    others = [
        lambda: Listing("user_flows", "project", "q").list(cursor=cursor),
        lambda: flows.list(cursor=cursor, newest_first=True),
        lambda: Listing("high_level_requirements", "project", "p").list(cursor=cursor),
        lambda: Listing("high_level_requirements", "parent", "p").list(cursor=cursor),
        lambda: Listing("projects", "user", "p").list(cursor=cursor),
        lambda: Listing("waitlist", "status", "p").list(cursor=cursor),
    ]
    for other in others:
        with watched() as seen, pytest.raises(InvalidCursorError):
            other()
        assert seen.requests == []
    with watched() as seen, pytest.raises(InvalidCursorError):
        flows.list(cursor=cursor, user_id="ada")
    assert len(seen.requests) == 1  # whose project it is
    assert len(flows.list(limit=3, cursor=cursor).items) == 3


def test_a_cursor_of_one_owner_is_refused_by_another(filled, flows):
    cursor = flows.list(limit=3, user_id="ada").cursor
    assert flows.list(limit=3, user_id="ada", cursor=cursor).items
    with pytest.raises(InvalidCursorError):
        flows.list(limit=3, cursor=cursor)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "ä", "\x00", 5, b"x", "a" * 5000])
def test_a_made_up_cursor_is_refused_by_every_list(cursor, world):
    for listing in LISTINGS:
        with pytest.raises(InvalidCursorError):
            listing.list(cursor=cursor)


def test_a_cursor_stays_good_while_rows_come_and_go(filled, flows):
    """The rows at which a page ended may have gone; later rows come on later pages."""
    page = flows.list(limit=5)
    UserFlowRepository().delete(page.items[-1].uiid)
    filled.put("user_flows", uiid="late", project_id="p", name="n", created_at="2026-01-01T00:00:00.000000+00:00")
    rest = [name_of(row) for page in all_from(flows, page.cursor) for row in page]
    assert ours(flows, page.items) + [name for name in rest if name not in {"late", "f"}] == expected(flows)
    assert rest[-1] == "late"


def all_from(listing, cursor):
    while cursor is not None:
        page = listing.list(limit=4, cursor=cursor)
        yield page.items
        cursor = page.cursor


def test_rows_of_the_same_moment_are_neither_lost_nor_repeated(world):
    """As an earlier writer may have made them."""
    world.put("projects", id="p", user_id="ada", name="p")
    world.put_items(
        "user_flows",
        [
            to_item({"uiid": f"{n}", "project_id": "p", "name": "n", "created_at": "2025-01-01T00:00:00"})
            for n in range(9)
        ],
    )
    listing = Listing("user_flows", "project", "p")
    for limit in (1, 2, 4):
        rows = [name_of(row) for page in all_pages(listing, limit=limit) for row in page]
        assert sorted(rows) == [f"{n}" for n in range(9)]


def test_every_page_of_1_mb_is_read(world):
    """Without a limit a page is as large as DynamoDB makes it; iterating reads them all."""
    world.put("projects", id="p", user_id="ada", name="p")
    names = [f"{number:02}" for number in range(9)]
    for name in names:
        world.put("user_flows", uiid=name, project_id="p", name="n", description="x" * 300_000)
    listing = Listing("user_flows", "project", "p")
    assert [row.uiid for row in listing.iter()] == names
    first = listing.list()
    assert 3 <= len(first.items) <= 4
    assert first.cursor
    assert [row.uiid for page in all_pages(listing) for row in page] == names
    assert [row.uiid for row in listing.list(limit=8).items] == names[:8]


@pytest.mark.parametrize("limit", [0, -1, 1.5, "5", True])
def test_a_bad_limit_is_refused_before_anything_is_sent(limit, world):
    for listing in LISTINGS:
        with watched() as seen, pytest.raises(InvalidInputError, match="limit"):
            listing.list(limit=limit)
        assert seen.requests == []


@pytest.mark.parametrize("value", ["", "x" * 256, None, 5])
def test_what_is_listed_by_is_text_of_1_to_255_characters(value, world):
    for listing in LISTINGS:
        bad = Listing(listing.table, listing.by, value)
        for call in (bad.list, lambda one=bad: list(one.iter())):
            with pytest.raises(InvalidInputError):
                call()
