"""Terraform files read with python-hcl2: no Terraform, no provider. Expressions come as text (`${...}`)."""

from pathlib import Path
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions


def read_blocks(folder: Path) -> dict[str, list[Any]]:
    """The blocks of all files of a folder by their kind."""
    options = SerializationOptions(strip_string_quotes=True, explicit_blocks=False, with_comments=False)
    blocks: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for kind, found in hcl2.loads(path.read_text(), serialization_options=options).items():
            blocks.setdefault(kind, []).extend(found)
    return blocks
