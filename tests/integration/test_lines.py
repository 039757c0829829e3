"""A project as lines of JSON: out, and in again, row by row."""

import json

import pytest

from dynamodb.errors import AlreadyExistsError, ConnectionFailedError, InvalidInputError, PartialWriteError
from dynamodb.repositories import HierarchyRepository
from support.interruptions import crash_at_write, watched
from support.invariants import assert_sound
from support.tables import LEVELS
from support.trees import ids, outline, sample, size
from support.world import Hierarchy

pytestmark = pytest.mark.engine

PROJECT = {"kind": "projects", "id": "p", "name": "n", "user_id": "ada"}
FLOW = {"kind": "user_flows", "uiid": "f", "project_id": "p", "name": "n"}
HLR = {"kind": "high_level_requirements", "uiid": "h", "parent_uiid": "f", "name": "n"}


def text(*rows):
    return [json.dumps(row) for row in rows]


@pytest.mark.parametrize("shape", [(0, 0, 0, 0), (2, 2, 2, 2), (3, 4, 3, 3)])
def test_what_was_exported_is_imported(shape, world):
    """With new ids beside the original, and with its own where that is gone."""
    tree = HierarchyRepository().create(sample(*shape))
    lines = list(HierarchyRepository().export_lines(tree.id))
    assert [json.loads(line)["kind"] for line in lines] == [
        key for key, count in zip(LEVELS, size(*shape), strict=True) for _ in range(count)
    ]
    beside = HierarchyRepository().load(HierarchyRepository().import_lines(lines, user_id="grace"))
    assert (outline(beside), beside.user_id) == (outline(tree), "grace")
    assert not set(ids(beside)) & set(ids(tree))
    with pytest.raises(AlreadyExistsError):
        HierarchyRepository().import_lines(lines, keep_ids=True)
    HierarchyRepository().delete_project(tree.id)
    assert HierarchyRepository().import_lines([line.decode() for line in lines], keep_ids=True) == tree.id
    again = HierarchyRepository().load(tree.id)
    assert (ids(again), outline(again)) == (ids(tree), outline(tree))
    assert_sound(world)


def test_the_project_of_an_earlier_writer_is_exported_too(world):
    tree = Hierarchy(world, tree_format=None, version=None)
    lines = list(HierarchyRepository(user_id="ada").export_lines(tree.project))
    assert [json.loads(line).get("uiid", tree.project) for line in lines] == list(tree.ids.values())


BAD = {
    "nothing": [],
    "no JSON": ["{"],
    "no object": ["[1]"],
    "no text": [5],
    "no UTF-8": [b"\xff"],
    "no kind": text({"id": "p", "name": "n", "user_id": "ada"}),
    "another kind first": text(FLOW),
    "no owner": text({**PROJECT, "user_id": None}),
    "no id of the project": text({**PROJECT, "id": None}),
    "an empty name": text(PROJECT, {**FLOW, "name": ""}),
    "no id": text(PROJECT, {**FLOW, "uiid": None}),
    "no parent": text(PROJECT, {**FLOW, "project_id": None}),
    "a parent on no line": text(PROJECT, FLOW, {**HLR, "parent_uiid": "x"}),
    "a parent on a line below": text(PROJECT, HLR, FLOW),
    "an id twice": text(PROJECT, FLOW, FLOW),
    "a second project": text(PROJECT, FLOW, PROJECT),
    "an unknown kind": text(PROJECT, FLOW, {**HLR, "kind": "waitlist"}),
    "a lone surrogate": text(PROJECT, {**FLOW, "description": "\ud800"}),
    "a row over 400 KB": text(PROJECT, FLOW, {**HLR, "description": "x" * 410_000}),
}


@pytest.mark.parametrize("keep_ids", [False, True])
@pytest.mark.parametrize("lines", BAD.values(), ids=BAD)
def test_a_bad_line_is_named_and_nothing_stays(lines, keep_ids, world):
    """Also where rows of the lines above it were written."""
    with pytest.raises(InvalidInputError, match="400 KB|limit of an item" if "x" * 99 in str(lines) else r"^line \d"):
        HierarchyRepository().import_lines(lines, keep_ids=keep_ids)
    assert world.counts() == (0, 0, 0, 0, 0)


def test_an_id_that_is_taken_leaves_nothing_of_the_import(world):
    """It is met when the project and its flow are written."""
    other = Hierarchy(world, "q")
    before = world.levels()
    with pytest.raises(AlreadyExistsError):
        HierarchyRepository().import_lines(text(PROJECT, FLOW, {**HLR, "uiid": other.hlr}), keep_ids=True)
    assert world.levels() == before


def test_what_an_earlier_call_wrote_stays_when_a_line_is_bad(world, reconfigure):
    """The same call with good lines finishes it."""
    reconfigure(max_attempts=1)
    with watched(crash_at_write(2, applied=False)), pytest.raises((ConnectionFailedError, PartialWriteError)):
        HierarchyRepository().import_lines(text(PROJECT, FLOW), new_id="n")
    assert world.counts() == (1, 1, 0, 0, 0)
    with pytest.raises(InvalidInputError, match="line 3"):
        HierarchyRepository().import_lines(text(PROJECT, FLOW, {**HLR, "name": ""}), new_id="n")
    assert world.counts() == (1, 1, 0, 0, 0)
    HierarchyRepository().import_lines(text(PROJECT, FLOW), new_id="n")
    assert [flow.name for flow in HierarchyRepository().load("n").flows] == ["n"]
    assert_sound(world)


def test_empty_lines_are_no_lines(world):
    project_id = HierarchyRepository().import_lines(["", *text(PROJECT), "\n", *text(FLOW), b" "])
    assert len(HierarchyRepository().load(project_id).flows) == 1
