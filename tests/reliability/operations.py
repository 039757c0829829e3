"""What an operation of the matrix is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from reliability import world
from support.layouts import SINGLE, SIX


@dataclass(frozen=True)
class Operation:
    """One public call of the data layer.

    Attributes:
        name: what the reports call it.
        run: the call; the same every time.
        seed: the rows it starts from.
        atomic: it happens as a whole or not at all; otherwise an error may leave a part of it, marked as such.
        removes: it deletes what it names.
        resumes: after an error the same call goes on, or says that all is there.
        mends: it starts from damaged rows, so that only its end is sound.
        six_tables_only: it names keys or indexes that are those of six tables, or is not there for others.
        one_layout_only: it writes into one layout alone, and is refused while both are written.
        given: makes what `run` is given: objects with ids of their own, so that a repeated call gets the same.
    """

    name: str
    run: Callable[..., Any]
    seed: Callable[[], world.Rows] = world.small
    atomic: bool = True
    removes: bool = False
    resumes: bool = True
    mends: bool = False
    six_tables_only: bool = False
    one_layout_only: bool = False
    given: Callable[[], Any] | None = None

    def bind(self) -> Callable[[], Any]:
        """Make the call ready, to be made once or several times."""
        return self.bind_to(self.given() if self.given else None)

    def bind_to(self, given: Any) -> Callable[[], Any]:
        """Make the call ready with what `given` made."""
        return partial(self.run, given) if self.given else self.run

    def can_be_in(self, layout: str) -> bool:
        """Say whether there is such a call where rows lie in a layout, or in both."""
        if self.one_layout_only and layout not in {SIX, SINGLE}:
            return False
        return layout == SIX or not self.six_tables_only

    def __str__(self) -> str:
        return self.name
