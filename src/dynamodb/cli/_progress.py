"""A bar for what takes long: how far it is, how fast, how long it will take still."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from dynamodb.cli._output import Output


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


@contextmanager
def progress(out: Output, title: str, count: Callable[[], int] | int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs, on a terminal only; it goes away with the block.

    Args:
        out: where to show it.
        title: what is going on.
        count: how many there will be, or what finds it out; that is asked only where there is a bar.

    Yields:
        What to call with how many were just done, from any thread.
    """
    if not out.has_bars:
        yield lambda _: None
        return
    total = count() if callable(count) else count
    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate()]
    with Progress(*columns, TimeRemainingColumn(), console=out.err, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)
