"""The public names: each module's page of the reference, and one page that lists them all."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

import marked

PACKAGES = ("dynamodb", "models")


def public_modules() -> Iterator[ModuleType]:
    """Give the modules that have an `__all__` and no underscore in their name."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        found = [root.__name__, *(info.name for info in pkgutil.walk_packages(root.__path__, f"{package}."))]
        for name in sorted(found):
            if not any(part.startswith("_") for part in name.split(".")):
                module = importlib.import_module(name)
                if hasattr(module, "__all__"):
                    yield module


def pages() -> dict[str, str]:
    """Return the pages of the reference by their file names."""
    modules = list(public_modules())
    made = {f"{module.__name__}.md": f"# `{module.__name__}`\n\n::: {module.__name__}\n" for module in modules}
    sections = [_section(module) for module in modules]
    introduction = "What is not on this page is not public and changes without notice. This page is generated."
    made["index.md"] = "\n\n".join(["# Public names", introduction, *sections]) + "\n"
    return made


def _section(module: ModuleType) -> str:
    name = module.__name__
    rows = [(f"[`{one}`][{name}.{one}]", _description(module, one)) for one in sorted(module.__all__)]
    head = f"## [`{name}`]({name}.md)\n\n{_summary(module.__doc__)}"
    return f"{head}\n\n{marked.table(('name', 'what it is'), rows)}"


def _description(module: ModuleType, name: str) -> str:
    if name == "__version__":
        return "The version of the installed package."
    thing: Any = getattr(module, name)
    if inspect.isroutine(thing) or inspect.isclass(thing):
        return _summary(inspect.getdoc(thing))
    if get_origin(thing) is Literal:
        return ", ".join(f"`{one}`" for one in get_args(thing))
    if isinstance(thing, str | tuple | int | timedelta):
        return f"`{thing!r}`"
    if type(thing).__module__.split(".")[0] in PACKAGES:
        return _summary(type(thing).__doc__)
    return f"a `{type(thing).__module__}.{type(thing).__name__}`"


def _summary(docstring: str | None) -> str:
    if not docstring:
        raise ValueError("a public name has no docstring")
    return " ".join(docstring.split("\n\n")[0].split()).replace("|", "\\|")
