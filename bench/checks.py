"""Checks, outside the measured part, that a contender's work was really done."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bench import dataset
from bench.works import WORKS

if TYPE_CHECKING:
    from bench.contenders.base import Contender


class WrongResultError(AssertionError):
    """A contender returned something else than what the server holds."""


def check(contender: "Contender", work: str) -> dict[str, Any]:
    """Do a piece of work once and compare what it returned with the data set, row by row and field by field.

    Writes return nothing to compare: whoever runs the server counts what arrived.

    Raises:
        WrongResultError: if a row is missing, superfluous or different.
    """
    result = WORKS[work].make(contender)()
    match work.split("_"):
        case ["get"]:
            _compare(contender, [result], [dataset.ONE])
        case ["hundred"]:
            _compare(contender, result, dataset.make_rows(dataset.HUNDRED_ID, 100))
        case ["page"]:
            _compare(contender, result, dataset.make_rows(dataset.PAGE_ID, dataset.PAGE_ROWS))
        case ["tree", size]:
            for got, expected in zip(contender.levels(result), dataset.make_tree(int(size)).levels, strict=True):
                _compare(contender, got, expected)
    return {"checked": WORKS[work].label}


def _compare(contender: "Contender", got: Sequence[Any], expected: Sequence[dataset.Row]) -> None:
    if len(got) != len(expected):
        raise WrongResultError(f"{len(got)} rows instead of {len(expected)}")
    for row, right in zip(got, expected, strict=True):
        plain = contender.plain(row)
        # A nested tree does not repeat in a row what its place says; a schema may have fields that no row holds.
        if wrong := {key: (plain.get(key), value) for key, value in right.items() if plain.get(key) != value}:
            raise WrongResultError(f"row {right['uiid']} differs: {wrong}")
