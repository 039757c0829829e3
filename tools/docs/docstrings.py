"""Makes the reference read this code's docstrings in full (an extension of griffe)."""

from collections.abc import Iterator
from typing import Any

import griffe

#: The bases of classes whose attributes are fields, and need no docstring of their own.
_WITH_FIELDS = {"Input", "Wire", "Table"}


class Docstrings(griffe.Extension):
    """Knows the section `Example:`, `#:` comments above an attribute, and the fields of schemas and models."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rename the section, which griffe knows by its plural only, and keep the shape of tables drawn with `=`."""
        if obj.docstring:
            obj.docstring.value = _fenced(obj.docstring.value.replace("\nExample:\n", "\nExamples:\n"))

    def on_attribute_instance(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Look at the lines above an attribute without docstring."""
        if attr.docstring or not attr.lineno:
            return
        lines = attr.lines_collection[attr.filepath]  # type: ignore[index]
        comment: list[str] = []
        for line in reversed(lines[: attr.lineno - 1]):
            if not line.strip().startswith("#:"):
                break
            comment.insert(0, line.strip().removeprefix("#:").strip())
        if comment:
            attr.docstring = griffe.Docstring(" ".join(comment), parent=attr, lineno=attr.lineno)

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """List the fields of schemas and models in their docstrings."""
        described = [(found, list(_fields(found))) for found in _classes(pkg)]
        for found, fields in described:
            if fields and found.docstring and "Attributes:" not in found.docstring.value:
                lines = [f"    {name}{kind}: {text}" for name, kind, text in fields]
                found.docstring.value += "\n\nAttributes:\n" + "\n".join(lines)
        for found, fields in described:
            for name in found.members.keys() & {name for name, *_ in fields}:
                found.members[name].docstring = None  # it is in the lists now


def _fenced(text: str) -> str:
    lines = text.split("\n")
    rules = [number for number, line in enumerate(lines) if line.startswith("====")]
    if rules:
        lines[rules[0] : rules[-1] + 1] = ["```text", *lines[rules[0] : rules[-1] + 1], "```"]
    return "\n".join(lines)


def _classes(module: griffe.Module) -> Iterator[griffe.Class]:
    for member in module.members.values():
        if member.is_alias:
            continue
        if isinstance(member, griffe.Module):
            yield from _classes(member)
        elif isinstance(member, griffe.Class) and _WITH_FIELDS & {base.name for base in member.mro()}:
            yield member


def _fields(found: griffe.Class) -> Iterator[tuple[str, str, str]]:
    """Give the name, the type in parentheses, and the description of each field, inherited ones first."""
    fields = {
        name: member
        for one in [*reversed(found.mro()), found]
        for name, member in one.members.items()
        if isinstance(member, griffe.Attribute) and not name.startswith(("_", "model_config"))
    }
    for name, field in fields.items():
        text = field.docstring.value if field.docstring else _words(field)
        yield name, f" ({field.annotation})" if field.annotation else "", text


def _words(field: griffe.Attribute) -> str:
    if not field.annotation:
        return f"`{field.value}`"
    if field.value is None:
        return "required"
    return "may be left out, but not be `None`" if str(field.value) == "NOT_GIVEN" else "may be left out"
