"""The documentation as text: its pages, the code in them, and what a run of it must print."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

#: What a reader is given first, and every page of docs/ that a person wrote.
README = ROOT / "README.md"
PAGES = sorted(DOCS.glob("*.md"))

#: A page's code that is run before its first block, and that a reader does not see.
_HIDDEN = re.compile(r"^<!-- setup\n(.*?)^-->$", flags=re.MULTILINE | re.DOTALL)
_BEGIN, _END = "\x02", "\x03"


def written_by_hand() -> str:
    """The text of the README and of the pages, without the generated reference."""
    return "\n".join(page.read_text(encoding="utf-8") for page in (README, *PAGES))


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language that begin at the start of a line."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def shell_lines(text: str) -> list[str]:
    """The lines of all shell blocks, indented ones too, continued lines joined, comments left out."""
    found = re.findall(r"^ *```(?:sh|shell|bash|console)\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
    joined = "\n".join(found).replace("\\\n", " ")
    return [line.split(" # ")[0].strip().removeprefix("$ ") for line in joined.splitlines() if line.strip()]


def code_of(text: str) -> tuple[str, list[str]]:
    """A page's Python, and what it promises: the comment behind each `print` at the start of a line.

    What such a line prints is set apart from what others print, so that each promise is held against its own output.
    """
    hidden = "\n".join(_HIDDEN.findall(text))
    lines, promises = [], []
    for line in "\n".join(blocks(text, "python")).splitlines():
        lines.append(line)
        if line.startswith("print(") and "  # " in line:
            promises.append(line.rsplit("  # ", 1)[1].strip())
            lines.insert(-1, f"print({_BEGIN!r}, end='')")
            lines.append(f"print({_END!r}, end='')")
    return "\n".join([hidden, *lines]), promises


def run(code: str, **environment: str) -> str:
    """Run code in a fresh process and return what it prints.

    Raises:
        AssertionError: if it fails, with what it printed.
    """
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-P", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def kept(promise: str, output: str) -> bool:
    """Say whether an output is what was promised; `…` in a promise stands for anything."""
    pattern = ".*".join(map(re.escape, promise.split("…")))
    return re.fullmatch(pattern, output.strip(), flags=re.DOTALL) is not None


def outputs(printed: str) -> list[str]:
    """What each line with a promise printed, in their order."""
    return re.findall(f"{_BEGIN}(.*?){_END}", printed, flags=re.DOTALL)
