"""The parts of the migration that need neither a source nor a target."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dynamodb.errors import InvalidInputError, NotFoundError
from dynamodb.migrate import NAMESPACE, Owners, project_id, read_owners
from dynamodb.migrate._lineage import Lineage
from dynamodb.migrate._pace import Pace
from dynamodb.migrate._source import SourceRow
from dynamodb.migrate._state import State, Written
from models._kinds import USER_FLOW
from support.clock import Clock

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FLOW = {"uiid": {"S": "f"}, "project_id": {"S": "p"}}


def test_a_project_id_is_the_same_in_every_run() -> None:
    """It is UUID version 5 of a documented name in a documented namespace."""
    assert str(NAMESPACE) == "bede2362-e2c0-5461-95f9-e61224dc1598"
    assert project_id(1) == "a8302906-573f-5eaa-8114-767cb272f9c3"
    assert project_id(2) != project_id(1)


def test_the_rate_is_held_over_time() -> None:
    """Whatever the sizes of the groups, no more units go out than the limit gives."""
    clock = Clock()
    pace = Pace(100, clock=clock, sleep=clock.sleep)
    for _ in range(50):
        pace.take(60)
    assert clock.now == pytest.approx(49 * 0.6)


def test_what_really_was_used_counts() -> None:
    """An estimate that was too low is paid for by waiting."""
    clock = Clock()
    pace = Pace(100, clock=clock, sleep=clock.sleep)
    pace.take(10)
    pace.add(190)
    pace.take(1)
    assert clock.now == pytest.approx(2)


def test_throttling_halves_the_rate_which_then_recovers_up_to_the_limit() -> None:
    """It never passes the limit, and never stands still."""
    clock = Clock()
    pace = Pace(100, clock=clock, sleep=clock.sleep)
    pace.slower()
    assert pace.rate == 50
    for _ in range(20):
        pace.faster()
    assert pace.rate == 100
    for _ in range(20):
        pace.slower()
    assert pace.rate == 5


def test_without_a_limit_throttling_makes_one_from_what_went_through() -> None:
    """Half of the units a second so far."""
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.take(4000)
    clock.now = 10
    pace.slower()
    assert pace.rate == 200


def test_siblings_of_one_time_get_the_next_free_moments(tmp_path: Path) -> None:
    """In the order they come, also where one of those moments is another one's own."""
    with Lineage(tmp_path) as lineage:
        times = [NOON, NOON + MICROSECOND, NOON, NOON, NOON + MICROSECOND, NOON + 9 * MICROSECOND, NOON]
        got = [(lineage.free_moment("a", time) - NOON) // MICROSECOND for time in times]
        assert got == [0, 1, 2, 3, 4, 9, 5]
        assert lineage.free_moment("b", NOON) == NOON
    assert not list(tmp_path.iterdir())


def test_of_one_address_the_entry_that_was_written_last_stays(tmp_path: Path) -> None:
    """Of two of one moment, the one with the higher serial id."""
    rows = [SourceRow(number, {}) for number in range(4)]
    with Lineage(tmp_path) as lineage:
        for row, moment in zip(rows, (NOON, NOON + MICROSECOND, NOON + MICROSECOND, NOON), strict=True):
            lineage.claim("a@b.org", row, moment)
        assert [lineage.has_address("a@b.org", row) for row in rows] == [False, False, True, False]


def test_owners_are_read_from_a_file(tmp_path: Path) -> None:
    """What it does not list has the default owner, or none."""
    file = tmp_path / "owners.csv"
    file.write_text("\ufeffproject_id,user_id,remark\n1,ada,\n2,bob,x\n", encoding="utf-8")
    owners = read_owners("eve", file)
    assert [owners.of(number) for number in (1, 2, 3)] == ["ada", "bob", "eve"]
    assert read_owners(None, file).of(3) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,owner\n1,ada\n", "must name the columns"),
        ("project_id,user_id\none,ada\n", "line 2: project_id: 'one' is no integer"),
        ("project_id,user_id\n1,\n", "line 2: user_id: must be text"),
        ("project_id,user_id\n1\n", "line 2: user_id: must be text"),
        ("project_id,user_id\n1,ada\n1,bob\n", "line 3: project_id: 1 is listed twice"),
        ("", "must name the columns"),
    ],
)
def test_a_wrong_file_of_owners_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The message names the line and the column."""
    file = tmp_path / "owners.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=said):
        read_owners(None, file)


def test_an_empty_owner_is_refused() -> None:
    """It could not be a key."""
    with pytest.raises(InvalidInputError, match="owner: must be text"):
        read_owners("", None)
    assert Owners().of(1) is None


def test_a_journal_keeps_what_it_has(tmp_path: Path) -> None:
    """The first entry of a row stays: it may say what the row replaced."""
    first = Written(USER_FLOW, FLOW, b"1", {"uiid": {"S": "f"}})
    with State(tmp_path / "state") as state:
        state.begin(USER_FLOW, [first], acknowledged=None, sent=5)
        state.begin(USER_FLOW, [Written(USER_FLOW, FLOW, b"2")], acknowledged=3, sent=4)
        assert (state.acknowledged(USER_FLOW), state.sent(USER_FLOW)) == (3, 5)
    with State(tmp_path / "state", must_exist=True) as state:
        assert [row for rows in state.written(USER_FLOW, at_a_time=1) for row in rows] == [first]
        state.finish(USER_FLOW)
        assert state.acknowledged(USER_FLOW) == 5
        state.forget([first])
        assert state.count_written(USER_FLOW) == 0


def test_a_folder_without_a_run_is_refused_where_one_is_needed(tmp_path: Path) -> None:
    """A misspelt folder is not made."""
    with pytest.raises(NotFoundError, match="no migration"):
        State(tmp_path / "nothing", must_exist=True)
    assert not (tmp_path / "nothing").exists()
