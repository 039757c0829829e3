"""What an operation of the matrix is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reliability import world


@dataclass(frozen=True)
class Operation:
    """One public call of the data layer.

    Attributes:
        name: what the reports call it.
        run: the call; the same every time.
        seed: the rows it starts from.
        atomic: it happens as a whole or not at all; otherwise an error may leave a part of it, marked as such.
        removes: it deletes what it names.
    """

    name: str
    run: Callable[[], Any]
    seed: Callable[[], world.Rows] = world.small
    atomic: bool = True
    removes: bool = False

    def __str__(self) -> str:
        return self.name
