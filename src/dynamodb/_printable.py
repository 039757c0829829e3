"""Values of callers, and texts of others, in messages: one line, of bounded length, that can always be written."""

import re
from typing import Any

#: Characters of a message, and of one value in it.
MAX_MESSAGE, MAX_VALUE = 4000, 300

# What would begin a new line in a log, steer a terminal, or cannot be encoded.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def line(text: str, most: int = MAX_MESSAGE) -> str:
    """Return a text as one line: control characters and lone surrogates as escapes, what is too long cut.

    Args:
        text: whatever somebody sent.
        most: characters that are kept.
    """
    # Cut before, so that a text of megabytes is not gone through, and after, since escapes are longer.
    escaped = _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text[: most + 1])
    return escaped if len(escaped) <= most else f"{escaped[:most]}…"


def shown(value: Any) -> str:
    """Return the `repr` of a value as a part of a line; a value that has none is named by its type."""
    try:
        return line(repr(value), MAX_VALUE)
    except (ValueError, RecursionError):  # a whole number of over 4300 digits; lists in lists in lists
        return f"a {type(value).__name__} too large to be shown"
