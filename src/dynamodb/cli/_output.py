"""What a command prints: results on standard output, everything else on standard error."""

import json
import re
import sys
from datetime import datetime
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

#: Wide enough that nothing is cut or wrapped where no terminal sets a width.
_UNLIMITED = 100_000

# What would move the cursor or change colours: rows of earlier writers can hold it.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Output:
    """Where a command prints.

    Args:
        as_json: results as JSON, errors as one JSON object.
        no_color: no colours even on a terminal.
    """

    def __init__(self, *, as_json: bool = False, no_color: bool = False) -> None:
        self.as_json = as_json
        self._out = _console(sys.stdout, no_color=no_color)
        self.err = _console(sys.stderr, no_color=no_color)

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads the results."""
        return self._out.is_terminal

    @property
    def has_bars(self) -> bool:
        """Whether a person watches."""
        return self.err.is_terminal and not self.as_json

    def ask(self, question: str) -> None:
        """Print a question; the answer is read elsewhere."""
        self.err.print(Text(question, style="bold"), end="", soft_wrap=True)

    def result(self, data: Any, shown: RenderableType | None = None) -> None:
        """Print a result: as JSON where that is asked for, else the way a person reads it.

        Args:
            data: JSON-ready.
            shown: for people; default: the JSON.
        """
        if self.as_json or shown is None:
            sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        else:
            self.show(shown)

    def show(self, shown: RenderableType) -> None:
        """Print a part of the result that only people read."""
        if self.as_json:
            return
        if self.is_terminal:
            # What is to be copied is not broken into lines.
            self._out.print(shown, soft_wrap=isinstance(shown, Text))
            return
        # A table is padded to its width: in a pipe that would be in the way.
        with self._out.capture() as printed:
            self._out.print(shown)
        sys.stdout.write("\n".join(line.rstrip() for line in printed.get().split("\n")))

    def flush(self) -> None:
        """Let a reader of a pipe see now what was printed."""
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Say something that is not the result."""
        self.err.print(Text(clean(text), style="dim"), soft_wrap=True)

    def warn(self, text: str) -> None:
        """Say something that must not be overlooked."""
        self.err.print(Text(clean(text), style="yellow"), soft_wrap=True)

    def error(self, code: str, message: str) -> None:
        """Say in one line what went wrong."""
        said = one_line(message)
        if self.as_json:
            sys.stderr.write(json.dumps({"code": code, "message": said}, ensure_ascii=False) + "\n")
        else:
            self.err.print(Text.assemble(("error", "bold red"), f" {code}: {said}"), soft_wrap=True)

    def table(self, *columns: str, numbers: tuple[str, ...] = ()) -> Table:
        """Return an empty table; in a pipe it has no frame and nothing is cut.

        Args:
            columns: their headings.
            numbers: those that are aligned to the right.
        """
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0), show_header=any(columns))
        for column in columns:
            table.add_column(
                column, justify="right" if column in numbers else "left", overflow="fold", no_wrap=not self.is_terminal
            )
        return table


def moment(time: datetime) -> str:
    """Write a moment for people: UTC, to the second."""
    return f"{time:%Y-%m-%d %H:%M:%S}"


def clean(text: str) -> str:
    """Return text whose control characters cannot do anything to a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 - called while the BrokenPipeError is handled; rich itself would exit


def one_line(text: str) -> str:
    """Return text for a cell or a line of a tree: line breaks become spaces."""
    return " ".join(clean(text).split())


def _console(stream: Any, *, no_color: bool) -> Console:
    console = _Console(file=stream, markup=False, highlight=False, emoji=False)
    if no_color or not console.is_terminal:
        console = _Console(file=stream, markup=False, highlight=False, emoji=False, color_system=None)
    if not console.is_terminal:
        console.width = _UNLIMITED
    return console
