"""Ids and timestamps: how they are made, written and read.

Both are strictly increasing within a process, so that rows made in one call keep their order
however fast they are made.
"""

import os
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

_TICKS_PER_MS = (
    4096  # rand_a of a version 7 UUID has 12 bits for the fraction of a millisecond (RFC 9562, 6.2, method 3)
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: How far apart the rows of one call are.
MICROSECOND = timedelta(microseconds=1)

_lock = threading.Lock()
_last_tick = 0
_last_moment = 0


def _new_lock() -> None:
    global _lock  # noqa: PLW0603 - a forked child must not wait for a lock that its parent's thread held
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_new_lock)


def generate_uuid() -> str:
    """Make a new id: a version 7 UUID, later ones sorting after earlier ones of this process.

    Returns:
        36 characters in the canonical form. 48 bits are the Unix time in milliseconds, 12 the fraction of it
        (or a counter where ids come faster), 62 are random (RFC 9562, section 5.7).
    """
    global _last_tick  # noqa: PLW0603 - one sequence for the whole process
    with _lock:
        tick = _last_tick = max(time.time_ns() * _TICKS_PER_MS // 1_000_000, _last_tick + 1)
    milliseconds, fraction = divmod(tick, _TICKS_PER_MS)
    random = int.from_bytes(os.urandom(8)) >> 2
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random))


def take_moments(count: int = 1) -> datetime:
    """Reserve `count` consecutive microseconds and return the first: no two calls of a process share one.

    Args:
        count: how many moments, the returned one included.
    """
    global _last_moment  # noqa: PLW0603 - one sequence for the whole process
    with _lock:
        first = max(time.time_ns() // 1000, _last_moment + 1)
        _last_moment = first + count - 1
    return _EPOCH + first * MICROSECOND


def format_timestamp(moment: datetime | None = None) -> str:
    """Write a moment the way every row holds it: ISO 8601, UTC, microseconds, `+00:00`.

    Args:
        moment: an aware datetime of any zone; a naive one is taken as UTC. Default: now.

    Returns:
        32 characters, for example `2025-08-25T02:07:57.123456+00:00`. They sort as the moments do.

    Raises:
        ValueError: if it is no datetime, or in UTC before the year 1 or after 9999.
    """
    moment = take_moments() if moment is None else as_utc(moment)
    return moment.isoformat(timespec="microseconds")


def parse_timestamp(text: str) -> datetime:
    """Read a timestamp in any of the forms that rows hold: with `Z`, an offset or none, with or without a fraction.

    Args:
        text: ISO 8601. Without an offset it is UTC.

    Returns:
        An aware datetime in UTC.

    Raises:
        ValueError: if the text is no ISO 8601 timestamp, or of no moment from the year 1 to 9999 in UTC.
    """
    # PynamoDB's UTCDateTimeAttribute writes "+0000"; fromisoformat reads that and the rest.
    try:
        return as_utc(datetime.fromisoformat(text))
    except TypeError as error:
        raise ValueError(f"a {type(text).__name__} is no timestamp") from error


def as_utc(moment: datetime) -> datetime:
    """Turn a datetime into an aware one in UTC; a naive one is taken as UTC.

    Raises:
        ValueError: if it is none, or in UTC before the year 1 or after 9999.
    """
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999 in UTC") from error
    except AttributeError as error:
        raise ValueError(f"a {type(moment).__name__} is no datetime") from error


# Tabs and line breaks are text; other control characters, and halves of surrogate pairs, are damage.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def check_text(text: str) -> str:
    """Return the text if DynamoDB and every reader can hold it.

    Raises:
        ValueError: if it has a control character (other than tab, line feed, carriage return) or a lone surrogate.
    """
    if found := _NOT_TEXT.search(text):
        raise ValueError(
            f"character {found.start()} is U+{ord(found[0]):04X}: "
            "control characters and lone surrogates cannot be stored"
        )
    return text
