"""Ids and timestamps, and what counts as text."""

import itertools
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122, UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models import _values
from models._values import check_text, format_timestamp, generate_uuid, parse_timestamp, take_moments
from support.forks import run_in_fork

MICROSECOND = timedelta(microseconds=1)
moments = st.datetimes(timezones=st.timezones() | st.none())


def test_an_id_is_a_version_7_uuid_of_this_moment():
    before = time.time_ns() // 1_000_000
    made = UUID(generate_uuid())
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, RFC_4122)
    # Ids made faster than the clock ticks run a little ahead of it.
    assert before <= made.int >> 80 <= after + 1


def test_ids_sort_in_the_order_they_were_made_however_fast():
    made = [generate_uuid() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_no_two_threads_get_the_same_id_or_moment():
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: generate_uuid(), range(4000)))
        starts = list(pool.map(lambda count: (take_moments(count), count), [1, 2, 5, 100] * 500))
    assert len(set(ids)) == 4000
    reserved = sorted((start, start + count * MICROSECOND) for start, count in starts)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(reserved))


@pytest.mark.parametrize("make", [generate_uuid, format_timestamp])
def test_a_clock_that_goes_back_breaks_no_order(make, monkeypatch):
    first = make()
    now = time.time_ns()
    monkeypatch.setattr(_values.time, "time_ns", lambda: now - 3_600_000_000_000)
    assert first < make() < make()


def test_ids_and_moments_go_on_in_a_forked_process_that_inherits_a_held_lock():
    """A thread of the parent may be inside; its lock is never released in the child."""
    with _values._lock:
        assert run_in_fork(lambda: bool(generate_uuid() and format_timestamp()))


@given(moments)
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
def test_a_written_moment_is_read_back_and_has_one_form(moment):
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        expected = aware.astimezone(UTC)
    except OverflowError:
        return  # the first and last hours of the calendar have no UTC form
    text = format_timestamp(moment)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", text)
    assert parse_timestamp(text) == expected


@given(st.lists(st.datetimes(), min_size=2, max_size=2))
def test_written_moments_sort_as_the_moments_do(pair):
    assert sorted(pair) == sorted(pair, key=format_timestamp)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-08-25T02:07:57.123456+00:00", datetime(2025, 8, 25, 2, 7, 57, 123456, UTC)),
        ("2025-08-25T02:07:57.123456", datetime(2025, 8, 25, 2, 7, 57, 123456, UTC)),
        ("2025-08-25T02:07:57Z", datetime(2025, 8, 25, 2, 7, 57, tzinfo=UTC)),
        ("2025-08-25T02:08:02.5", datetime(2025, 8, 25, 2, 8, 2, 500_000, UTC)),
        ("2025-08-25T02:07:57.123456+0000", datetime(2025, 8, 25, 2, 7, 57, 123456, UTC)),
        ("2025-08-25T04:07:57+02:00", datetime(2025, 8, 25, 2, 7, 57, tzinfo=UTC)),
        ("2025-08-25 02:07:57", datetime(2025, 8, 25, 2, 7, 57, tzinfo=UTC)),
    ],
)
def test_every_spelling_that_rows_hold_is_read(text, expected):
    read = parse_timestamp(text)
    assert (read, read.utcoffset()) == (expected, timedelta(0))


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01T00:00:00", "2025-08-25T25:00:00", "Mon Aug 25 2025"])
def test_what_is_no_timestamp_is_refused(text):
    with pytest.raises(ValueError, match=r"isoformat|month|hour|day"):
        parse_timestamp(text)


def test_other_zones_become_utc():
    assert format_timestamp(datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=-5)))).startswith("2025-01-01T05:00")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\t\n\r")))
@example("👩‍👩‍👧‍👦 مرحبا \u202e עברית \U0010ffff\ufeff\u2028")
def test_text_of_every_script_is_text(text):
    assert check_text(text) == text


@pytest.mark.parametrize("damage", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\x9f", "\ud800"])
def test_control_characters_and_lone_surrogates_are_named_with_their_place(damage):
    with pytest.raises(ValueError, match=rf"character 2 is U\+{ord(damage):04X}"):
        check_text(f"ab{damage}c")


def test_moments_are_reserved_for_all_rows_of_a_call():
    first = take_moments(1000)
    assert take_moments() >= first + 1000 * MICROSECOND
