"""Whatever combination of damage there is, one repair ends it, loses nothing and touches nothing that was sound."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodb import doctor
from models._kinds import HIERARCHY, parent_kind
from models._values import format_timestamp
from support.doctoring import lines, row_in
from support.stored import KIND_OF, LONG_AGO, Tables, key_fields, names_of, node, project
from support.world import Item

pytestmark = pytest.mark.engine

Rows = dict[tuple[str, ...], Item]

LEVELS = [kind.key for kind in HIERARCHY]
#: What `repair` may set in a row that stays.
SET_BY_REPAIR = {"project_id", "version", "tree_format"}


def name_of(table: str, item: Item) -> tuple[str, ...]:
    return (table, *names_of(table, item))


def sound_trees() -> Rows:
    """Two projects: on each level two rows, the first of which has the next level's below it."""
    items = []
    for owner, root in (("ann", "p"), ("bob", "q")):
        items.append(("projects", project(root, owner)))
        parent = root
        for kind in HIERARCHY[1:]:
            ids = [f"{root}-{kind.key}-{number}" for number in range(2)]
            items += [(kind.key, node(kind, uiid, parent, root)) for uiid in ids]
            parent = ids[0]
    return {name_of(table, item): item for table, item in items}


@st.composite
def damaged(draw: st.DrawFn) -> Rows:
    """Trees to which several things have happened."""
    rows = sound_trees()
    ids = [*sorted({name[1] for name in rows}), "nowhere"]
    for _ in range(draw(st.integers(1, 5))):
        if not rows:
            break
        name = draw(st.sampled_from(sorted(rows)))
        what = draw(st.sampled_from(sorted(DAMAGES)))
        DAMAGES[what](rows, name, draw(st.sampled_from(ids)))
    return rows


def drop(rows: Rows, name: tuple[str, ...], other: str) -> None:
    del rows[name]


def reparent(rows: Rows, name: tuple[str, ...], other: str) -> None:
    twin(rows, name, other, LONG_AGO)
    if name[2] != other:
        del rows[name]


def twin(rows: Rows, name: tuple[str, ...], other: str, created_at: str) -> None:
    item = {**rows[name], str(KIND_OF[name[0]].parent_field): {"S": other}, "created_at": {"S": created_at}}
    rows[name_of(name[0], item)] = item


def change(rows: Rows, row: tuple[str, ...], **fields: str | None) -> None:
    fields = {field: value for field, value in fields.items() if field not in key_fields(row[0])}
    kept = {field: value for field, value in rows[row].items() if field not in fields}
    rows[row] = kept | {field: {"S": value} for field, value in fields.items() if value is not None}


DAMAGES: dict[str, Any] = {
    "drop": drop,
    "reparent": reparent,
    "older twin": lambda rows, name, other: twin(rows, name, other, "2001-01-01"),
    "younger twin": lambda rows, name, other: twin(rows, name, other, "2024-12-01"),
    "no project_id": lambda rows, name, other: change(rows, name, project_id=None, version=None),
    "another project_id": lambda rows, name, other: change(rows, name, project_id=other),
    "deleting": lambda rows, name, other: change(rows, name, tree_state="deleting"),
    "creating": lambda rows, name, other: change(rows, name, tree_state="creating"),
    "just creating": lambda rows, name, other: change(
        rows, name, tree_state="creating", created_at=format_timestamp(), updated_at=format_timestamp()
    ),
    "unknown state": lambda rows, name, other: change(rows, name, tree_state="frozen"),
    "no name": lambda rows, name, other: change(rows, name, name=None),
    "no tree_format": lambda rows, name, other: change(rows, name, tree_format=None),
}


class Model:
    """What a set of rows means, told without any of the code under test."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.by_id: dict[tuple[str, str], list[tuple[str, ...]]] = {}
        for name in rows:
            self.by_id.setdefault((name[0], name[1]), []).append(name)

    def above(self, name: tuple[str, ...]) -> list[tuple[str, ...]] | None:
        above = parent_kind(KIND_OF[name[0]])
        return None if above is None else self.by_id.get((above.key, name[2]), [])

    def is_sound(self, name: tuple[str, ...]) -> bool:
        if "tree_state" in self.rows[name]:
            return False
        above = self.above(name)
        return above is None or any(self.is_sound(one) for one in above)

    def is_below(self, name: tuple[str, ...], roots: set[tuple[str, ...]]) -> bool:
        return name in roots or any(self.is_below(one, roots) for one in self.above(name) or [])

    def with_state(self, state: str) -> set[tuple[str, ...]]:
        return {name for name, item in self.rows.items() if item.get("tree_state") == {"S": state}}

    def unreadable(self) -> set[tuple[str, ...]]:
        return {name for name, item in self.rows.items() if "name" not in item}


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=damaged(), take_unreadable=st.booleans())
def test_any_damage_is_repaired_at_once(
    *, tables: Tables, tmp_path_factory: pytest.TempPathFactory, rows: Rows, take_unreadable: bool
) -> None:
    """Sound rows stay; of one id one stays; what goes is in the file or was being deleted; nothing more is found."""
    file = tmp_path_factory.mktemp("doctor") / "quarantine"
    tables.restore({table: [item for name, item in rows.items() if name[0] == table] for table in KIND_OF})
    doctor.repair(quarantine=file, quarantine_unreadable=take_unreadable)
    after = {name_of(table, item): item for table in LEVELS for item in tables.all(table)}
    kept = [(line["table"], row_in(line)) for line in lines(file)]
    check(rows, after, kept, take_unreadable=take_unreadable)
    a_person_decides = {"unknown_tree_state"} | ({"unreadable_row"} if not take_unreadable else set())
    frozen = {name[:2] for name in Model(rows).with_state("frozen")}
    for finding in doctor.examine().findings:
        assert finding.kind in a_person_decides or (finding.table, finding.names[0]) in frozen, finding


def check(before: Rows, after: Rows, kept: list[tuple[str, Item]], *, take_unreadable: bool) -> None:
    model = Model(before)
    given_up = model.unreadable() if take_unreadable else set()
    for (table, row_id), names in model.by_id.items():
        sound = [name for name in names if model.is_sound(name)]
        there = [name for name in sound if name in after]
        assert len(there) <= 1, (table, row_id)
        if sound and not any(model.is_below(name, given_up) for name in names):
            assert len(there) == 1, (table, row_id)
            assert _public(after[there[0]]) == _public(before[there[0]])
    deleting = model.with_state("deleting")
    coming = {name for name in model.with_state("creating") if before[name]["created_at"]["S"] > "2025"}
    for name, item in before.items():
        if name not in after:
            is_kept = (name[0], _public(item)) in [(table, _public(one)) for table, one in kept]
            assert is_kept or model.is_below(name, deleting) or _names_one_of(item, deleting), name
        elif name in coming:
            assert after[name] == item
    assert set(after) <= set(before)


def _names_one_of(item: Item, roots: set[tuple[str, ...]]) -> bool:
    """A cascade goes by `project_id` too; rows above which something is missing may go with it."""
    return ("projects", item.get("project_id", {}).get("S")) in {name[:2] for name in roots}


def _public(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in SET_BY_REPAIR}
