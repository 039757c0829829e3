"""Generated parts of pages: what lies between two markers is written by a program, the rest by hand."""

import re


def replaced(page: str, name: str, content: str) -> str:
    """Return a page with the part of this name made new.

    Raises:
        ValueError: if the page does not have the part exactly once.
    """
    begin, end = f"<!-- begin generated: {name} -->", f"<!-- end generated: {name} -->"
    pattern = re.compile(rf"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
    changed, count = pattern.subn(lambda _: f"\n{content.strip()}\n\n", page)
    if count != 1:
        raise ValueError(f"there are {count} parts `{begin}` … `{end}` in the page, not one")
    return changed


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Write a Markdown table; columns after the first two whose head ends with `:` are aligned right."""
    line = [("---:" if title.endswith(":") else "---") for title in head]
    titles = [title.removesuffix(":") for title in head]
    return "\n".join(f"| {' | '.join(row)} |" for row in [titles, line, *rows])


def number(value: float) -> str:
    """Write a number of units or requests; nothing where there are none."""
    return f"{value:,g}" if value else ""
