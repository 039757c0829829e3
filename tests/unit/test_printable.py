"""Messages are one line of bounded length that can be written anywhere, whatever is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynamodb._printable import MAX_MESSAGE, MAX_VALUE, line, shown
from dynamodb.errors import DataLayerError, InvalidInputError


@given(st.text(st.characters()))
def test_a_line_has_nothing_that_ends_it_or_steers_a_terminal(text: str) -> None:
    made = line(text)
    made.encode()
    assert len(made.splitlines()) <= 1
    assert not any(character in made for character in "\x1b\x07\x00\x9b")
    assert line(made) == made


@pytest.mark.parametrize("text", ["", "name: ok", "Größe 漢字 \U0001f600 \u202e", "'quoted' \\n"])
def test_text_stays_as_it_is(text: str) -> None:
    assert line(text) == text


@pytest.mark.parametrize("text", ["x" * 10_000_000, "\ud800" * 5000])
def test_a_message_is_cut(text: str) -> None:
    assert len(line(text)) == MAX_MESSAGE + 1
    assert str(InvalidInputError(text)) == line(text)


def _cyclic() -> list[object]:
    made: list[object] = []
    for _ in range(100_000):
        made = [made]
    return made


@pytest.mark.parametrize(
    "value", [10**5000, _cyclic(), "x" * 1_000_000, {"a": b"\xff" * 5000}], ids=["n", "d", "s", "m"]
)
def test_any_value_can_be_shown(value: object) -> None:
    assert 0 < len(shown(value)) <= MAX_VALUE + 1


def test_an_error_cannot_forge_a_line_of_a_log() -> None:
    assert str(DataLayerError("t: a\r\n2026-01-01 ERROR forged")) == "t: a\\r\\n2026-01-01 ERROR forged"
