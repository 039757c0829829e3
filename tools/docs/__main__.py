"""Writes what the documentation takes from code and from runs: `python tools/docs [--check] [part …]`.

Parts: `names` (docs/api), `diagram` (docs/data-model.svg), `costs` and `layouts` (the tables of docs/access-patterns.md
and docs/layouts.md, measured on DynamoDB Local), `figures` (docs/reliability.md, from what `make reliability` wrote).
With `--check` nothing is written: the exit status is 1 where something would change.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import diagram
import growth
import layouts
import marked
import names
import patterns
from charges import Meter, check_sizes

import dynamodb
import reliability
from dynamodb import _connection
from dynamodb.testing.engines import dynamodb_local

DOCS = Path(__file__).parents[2] / "docs"

Files = dict[Path, str]


def _names() -> Files:
    return {DOCS / "api" / name: text for name, text in names.pages().items()}


def _diagram() -> Files:
    return {DOCS / "data-model.svg": diagram.draw()}


def _costs() -> Files:
    page = DOCS / "access-patterns.md"
    text = page.read_text(encoding="utf-8")
    # DynamoDB Local wants some credentials and does not check them.
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")  # noqa: S106 - made up
    with dynamodb_local() as endpoint:
        dynamodb.configure(endpoint=endpoint, table_prefix=dynamodb._config.DEFAULT_PREFIX)
        dynamodb.create_all_tables()
        client = _connection.client()
        meter = Meter(client)
        for section, table in patterns.tables(meter):
            text = marked.replaced(text, section, table)
        check_sizes(client)
        text = marked.replaced(text, "growth", growth.measure(meter))
    return {page: text}


def _layouts() -> Files:
    page = DOCS / "layouts.md"
    text = page.read_text(encoding="utf-8")
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")  # noqa: S106 - made up
    with dynamodb_local() as endpoint:
        for part, table in layouts.tables(endpoint):
            text = marked.replaced(text, part, table)
    return {page: text}


def _figures() -> Files:
    page = DOCS / "reliability.md"
    return {page: marked.replaced(page.read_text("utf-8"), "figures", reliability.tables(DOCS))}


PARTS: dict[str, Callable[[], Files]] = {
    "names": _names,
    "diagram": _diagram,
    "costs": _costs,
    "layouts": _layouts,
    "figures": _figures,
}


def main() -> int:
    """Write or compare the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="tools/docs", description="Write the generated parts of the documentation.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something would change")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    arguments = parser.parse_args()
    files: Files = {}
    for part in arguments.parts or PARTS:
        files |= PARTS[part]()
    changed = {path: text for path, text in files.items() if not path.is_file() or path.read_text("utf-8") != text}
    for path, text in changed.items():
        if arguments.check:
            before = path.read_text("utf-8").splitlines() if path.is_file() else []
            print(*difflib.unified_diff(before, text.splitlines(), str(path), "now", lineterm=""), sep="\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print("wrote", path.relative_to(DOCS.parent))
    if arguments.check and changed:
        print("run `make docs-generate`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
