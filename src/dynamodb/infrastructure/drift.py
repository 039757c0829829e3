"""What differs between the models, the live tables and Terraform, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dynamodb.infrastructure.shapes import BILLING_MODE, Key, TableShape

#: What a `Difference` says of a side that does not have the thing.
MISSING = "missing"

Severity = Literal["differs", "unsorted"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the sides do not agree.

    Attributes:
        table: the table's name.
        what: what differs, in words: `table`, `key`, `type of id`, `index name-index`, `projection of name-index`,
            `billing mode` and so on.
        models: what the models say; `None` where they say nothing about it.
        live: what the live table says; `None` where it was not asked, or says nothing about it.
        terraform: what Terraform says; `None` where it was not asked, or says nothing about it.
        severity: `unsorted` where an index lacks the sort key that the models have: every query works, its answer has
            no order. Otherwise `differs`.
        advice: what to do, in a sentence.
    """

    table: str
    what: str
    models: str | None
    live: str | None
    terraform: str | None
    severity: Severity
    advice: str


def compare(
    models: Mapping[str, TableShape],
    live: Mapping[str, TableShape] | None = None,
    terraform: Mapping[str, TableShape] | None = None,
) -> list[Difference]:
    """Compare the models' tables with the live ones and with Terraform's.

    Args:
        models: the shapes that the models declare, by any key.
        live: the live tables by name; `None` where they were not asked. A table that does not exist is left out.
        terraform: Terraform's tables by name; `None` where there is no plan or state. Other tables do not matter.

    Returns:
        The differences, in the order of `models`; none where all sides agree.
    """
    return [
        difference
        for shape in models.values()
        for difference in _compare_table(
            shape,
            None if live is None else _Side(live.get(shape.name)),
            None if terraform is None else _Side(terraform.get(shape.name)),
        )
    ]


class _Side:
    """What one side says about a table, each thing by its name."""

    def __init__(self, shape: TableShape | None) -> None:
        self.shape = shape
        self.stated: dict[str, str] = {} if shape is None else _state(shape)

    def says(self, what: str) -> str | None:
        """What this side says; `MISSING` for an index it does not have."""
        if self.shape is None:
            return None
        return self.stated.get(what, MISSING if what.startswith("index ") else None)


def _state(shape: TableShape) -> dict[str, str]:
    stated = {"key": str(shape.key)}
    stated |= {f"type of {name}": kind for name, kind in shape.attribute_types.items()}
    for name, index in shape.indexes.items():
        stated[f"index {name}"] = str(index.key)
        stated[f"projection of {name}"] = " ".join((index.projection, *index.non_key_attributes))
    return stated | dict(shape.settings)


def _compare_table(shape: TableShape, live: _Side | None, terraform: _Side | None) -> list[Difference]:
    models = _Side(shape)
    asked = [side for side in (live, terraform) if side is not None]
    differences = []
    if any(side.shape is None for side in asked):
        differences.append(_missing_table(shape.name, live, terraform))
    for what in dict.fromkeys(name for side in (models, *asked) for name in side.stated):
        said = [side.says(what) if side else None for side in (models, live, terraform)]
        if len({value for value in said if value is not None}) > 1:
            differences.append(_difference(shape, what, *said))
    return differences


def _missing_table(name: str, live: _Side | None, terraform: _Side | None) -> Difference:
    def presence(side: _Side | None) -> str | None:
        return None if side is None else MISSING if side.shape is None else "present"

    if live is not None and live.shape is None:
        advice = (
            "Create it with `terraform apply` or `vishmaker-dynamodb tables create`; "
            "if it exists under another name, set the table's environment variable to that name."
        )
    else:
        advice = (
            "Terraform does not manage it: if this is the plan or state of the same environment, "
            "bring the table under it with an `import` block."
        )
    return Difference(name, "table", "present", presence(live), presence(terraform), "differs", advice)


def _difference(
    shape: TableShape, what: str, models: str | None, live: str | None, terraform: str | None
) -> Difference:
    severity = _severity(shape, what, models, (live, terraform))
    advice = _UNSORTED_ADVICE if severity == "unsorted" else _advice(what, models, live, terraform)
    return Difference(shape.name, what, models, live, terraform, severity, advice)


def _severity(shape: TableShape, what: str, models: str | None, others: tuple[str | None, ...]) -> Severity:
    index = shape.indexes.get(what.removeprefix("index ")) if what.startswith("index ") else None
    if index is None or index.key.range_key is None:
        return "differs"
    hash_only = str(Key(index.key.hash_key))
    return "unsorted" if all(value in {None, models, hash_only} for value in others) else "differs"


_UNSORTED_ADVICE = (
    "Usable: queries work, in no order. An index's key cannot be changed: when it suits, delete the index and make it "
    "again with its range key; until then queries on it fail, and a table takes one such change at a time."
)


def _advice(what: str, models: str | None, live: str | None, terraform: str | None) -> str:
    if models is not None and terraform not in {None, models} and live in {None, models}:
        return "Correct Terraform before the next `terraform apply`: it would move the table away from the models."
    if what == "key" or what.startswith("type of "):
        return (
            "A key cannot be changed: make a table of another name with the models' key, copy the items, "
            "and set the table's environment variable to the new name."
        )
    if what.startswith(("index ", "projection of ")):
        return _index_advice(models, live)
    if what == BILLING_MODE:
        return "Set it with `terraform apply` or UpdateTable: nothing here plans provisioned capacity."
    return "Live and Terraform disagree: run `terraform apply`, or set the module's variable to what is live."


def _index_advice(models: str | None, live: str | None) -> str:
    if live == MISSING:
        return "Add the index with `terraform apply` or UpdateTable: queries on it fail until it is active."
    if models == MISSING:
        return "Nothing here reads this index and every write pays for it: delete it, or declare it in the models."
    return (
        "An index cannot be changed: delete it and make it again as the models have it; "
        "until then queries on it fail or miss attributes."
    )
