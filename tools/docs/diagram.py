"""The tables and how they hang together, drawn from the models as an SVG."""

from collections.abc import Iterator
from html import escape

from dynamodb.infrastructure import TableShape, model_shapes
from models._fields import Stored
from models._kinds import KINDS, Kind, child_kind

_WIDTH, _GAP, _LINE, _PADDING = 280, 64, 19, 12

#: Column and row of each table, so that every arrow is straight.
_PLACES = {
    "projects": (0, 0),
    "user_flows": (1, 0),
    "high_level_requirements": (2, 0),
    "low_level_requirements": (2, 1),
    "test_cases": (1, 1),
    "waitlist": (0, 1),
}

_STYLE = """
text { font: 13px ui-sans-serif, system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1c2733 }
.title { font-weight: 600; font-size: 14px; fill: #ffffff }
.key { font-weight: 600 }
.bookkeeping { fill: #5a6775; font-style: italic }
.note, .index { fill: #5a6775; font-size: 12px }
.arrow { stroke: #3f51b5; stroke-width: 1.6; fill: none; marker-end: url(#tip) }
.box { fill: #ffffff; stroke: #9aa7b5 }
.head { fill: #3f51b5 }
"""


def draw() -> str:
    """Return the drawing."""
    shapes = model_shapes()
    lines = {kind.key: list(_lines(kind, shapes[kind.key])) for kind in KINDS}
    row_heights = [max(_height(lines[key]) for key, (_, row) in _PLACES.items() if row == which) for which in (0, 1)]
    tops = (_PADDING, _PADDING + row_heights[0] + _GAP)
    width = 3 * _WIDTH + 2 * _GAP + 2 * _PADDING
    height = tops[1] + row_heights[1] + _PADDING
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t">',
        '<title id="t">The six tables: attributes, keys, indexes, and which row belongs to which</title>',
        f"<style>{_STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">',
        '<path d="M0 0 10 5 0 10z" fill="#3f51b5"/></marker></defs>',
        f'<rect width="{width}" height="{height}" rx="6" fill="#f6f8fa"/>',
    ]
    for kind in KINDS:
        left, top = _corner(kind, tops)
        parts += _box(kind.key.replace("_", "-"), lines[kind.key], left, top)
        if below := child_kind(kind):
            parts += _arrow(kind, below, lines, tops)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _corner(kind: Kind, tops: tuple[int, int]) -> tuple[int, int]:
    column, row = _PLACES[kind.key]
    return _PADDING + column * (_WIDTH + _GAP), tops[row]


def _height(lines: list[tuple[str, str, str]]) -> int:
    return 28 + len(lines) * _LINE + 10


def _lines(kind: Kind, shape: TableShape) -> Iterator[tuple[str, str, str]]:
    """Give each line of a box: its class, what is on the left and what on the right."""
    attributes = kind.model.get_attributes()
    fields = kind.schema.model_fields
    own = [name for name in fields if name not in Stored.model_fields]
    # A dictionary keeps the first place that a name has.
    for name in dict.fromkeys([*shape.key.attributes, *own, *fields, *attributes]):
        attribute = attributes[name]
        style = "key" if name in shape.key.attributes else "attribute" if name in fields else "bookkeeping"
        yield style, name + ("?" if attribute.null else ""), _note(shape, name, attribute.attr_type)
    for name, index in shape.indexes.items():
        yield "index", name, f"in order of {index.key.range_key}"


def _note(shape: TableShape, name: str, letter: str) -> str:
    if name in shape.key.attributes:
        return "hash key" if name == shape.key.hash_key else "range key"
    return {"S": "text", "N": "number"}[letter]


def _box(title: str, lines: list[tuple[str, str, str]], left: int, top: int) -> Iterator[str]:
    height = _height(lines)
    yield f'<rect class="box" x="{left}" y="{top}" width="{_WIDTH}" height="{height}" rx="5"/>'
    yield f'<path class="head" d="M{left} {top + 28}v-23a5 5 0 0 1 5-5h{_WIDTH - 10}a5 5 0 0 1 5 5v23z"/>'
    yield f'<text class="title" x="{left + 10}" y="{top + 19}">{escape(title)}</text>'
    for number, (style, text, note) in enumerate(lines):
        y = top + 28 + (number + 1) * _LINE - 2
        if style == "index" and lines[number - 1][0] != "index":
            yield f'<path d="M{left} {y - 14}h{_WIDTH}" stroke="#d5dce3"/>'
        yield f'<text class="{style}" x="{left + 10}" y="{y}">{escape(text)}</text>'
        if note:
            yield f'<text class="note" x="{left + _WIDTH - 10}" y="{y}" text-anchor="end">{escape(note)}</text>'


def _arrow(
    above: Kind, below: Kind, lines: dict[str, list[tuple[str, str, str]]], tops: tuple[int, int]
) -> Iterator[str]:
    (left, top), (to_left, to_top) = _corner(above, tops), _corner(below, tops)
    if top == to_top:
        y = top + 90
        start, end = (left + _WIDTH, to_left) if to_left > left else (left, to_left + _WIDTH)
        yield f'<path class="arrow" d="M{start} {y}H{end}"/>'
        yield f'<text class="note" x="{(start + end) // 2}" y="{y - 8}" text-anchor="middle">0…n</text>'
    else:
        x = left + _WIDTH // 2
        yield f'<path class="arrow" d="M{x} {top + _height(lines[above.key])}V{to_top}"/>'
        yield f'<text class="note" x="{x + 8}" y="{to_top - 24}">0…n</text>'
