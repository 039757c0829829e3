"""Arguments as nobody should give them: hostile texts, wrong types, sizes beyond every limit."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

#: What is expression, key, markup, path or format somewhere, and must be a text here.
INJECTIONS = (
    "#0",
    ":0",
    "a.b.c",
    "a[0]",
    "name",
    "size",
    "attribute_not_exists(id)",
    "id) OR attribute_exists(id",
    "SET #0 = :0",
    "' OR '1'='1",
    "id = :0 AND #1",
    "../../etc/passwd",
    "</script><script>alert(1)</script>",
    "{0.__class__}",
    "%s%n%(x)s",
    "${jndi:ldap://x}",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egnp.exe",
    "a\r\nERROR forged line",
    "=cmd|' /C calc'!A0",
    "__proto__",
    "constructor",
)
BROKEN = ("\ud800", "a\udfffb", "\x00", "\x7f", "\u0085")
_LONG = ("x" * 256, "\U0001f600" * 255, "\U0001f600" * 256, "x" * 2049, "x" * 409_601)

texts = st.one_of(
    st.sampled_from(INJECTIONS),
    st.sampled_from(BROKEN),
    st.sampled_from(_LONG),
    st.sampled_from(["", " ", "None", "null"]),
    st.text(st.characters(), max_size=12),
)
numbers: st.SearchStrategy[Any] = st.sampled_from(
    [
        0,
        -1,
        1,
        True,
        False,
        2**31,
        2**63,
        -(10**200),
        0.1,
        -0.0,
        1e308,
        5e-324,
        float("nan"),
        float("inf"),
        float("-inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1E+1000"),
        Decimal("1E-1000"),
        Decimal("1." + "0" * 40),
        1j,
    ]
) | st.builds(lambda: 10**5000)  # drawn so, because its repr is a ValueError


def _cyclic() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


def _deep(levels: int = 2000) -> Any:
    made: Any = {}
    for _ in range(levels):
        made = {"a": [made]}
    return made


odd: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.binary(max_size=8),
    st.builds(bytearray, st.binary(max_size=4)),
    st.builds(_cyclic),
    st.builds(_deep),
    st.builds(object),
    st.sampled_from([..., int, len, range(3), datetime(2025, 1, 1, tzinfo=UTC), timedelta(1), ValueError("x")]),
    st.builds(lambda: iter(["a"])),
    st.builds(set),
    st.sets(st.one_of(st.text(max_size=2), st.integers(), st.binary(max_size=2)), max_size=3),
)
scalars = st.one_of(texts, numbers, odd)
containers = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(texts, st.integers(), st.none()), inner, max_size=3),
        st.builds(tuple, st.lists(inner, max_size=2)),
    ),
    max_leaves=6,
)
anything = st.one_of(scalars, containers)


def mappings(fields: list[str]) -> st.SearchStrategy[Any]:
    """Mappings with the fields that a call knows, hostile values in some of them, and sometimes unknown ones."""
    good = st.sampled_from(["ada", "p-project", "p-flow", "p-hlr", "p-llr", "Ada@example.org", "pending", "text"])
    known = st.dictionaries(st.sampled_from(fields), st.one_of(good, good, anything), max_size=len(fields))
    made = st.builds(
        lambda one, more: {**one, **more}, known, st.one_of(st.just({}), st.dictionaries(texts, anything, max_size=1))
    )
    return st.one_of(made, made.map(MappingProxyType))


def arguments(function: Callable[..., Any], known: Callable[[str], st.SearchStrategy[Any] | None]) -> Any:
    """Draw arguments for a function.

    Args:
        function: what is called.
        known: gives for a parameter's name what it should be given, beside anything else; `None` leaves it out.
    """
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        strategy = known(name)
        if strategy is None:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = strategy
        else:
            positional.append(strategy)
    return st.tuples(st.tuples(*positional), st.fixed_dictionaries({}, optional=named))
