"""From one layout to the other and back: every row as it was, nothing newer overwritten, what cannot be there kept."""

import json

import pytest

from dynamodb import _requests
from dynamodb.cli import _statuses as status
from dynamodb.errors import AlreadyExistsError, InvalidInputError, TableNotFoundError
from dynamodb.migrate import migrate_layout, rollback, summarize_layout, verify_layout
from dynamodb.repositories import HierarchyRepository, UserFlowRepository
from support.both_layouts import LAYOUTS, ON_MOTO, SLOW_ON_MOTO, WAYS, put_odd_rows
from support.cli import Cli
from support.trees import sample
from support.world import Hierarchy, text_time

pytestmark = pytest.mark.engine

SIX, SINGLE = LAYOUTS


def quarantined(done):
    return [json.loads(line) for line in done.quarantine.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("tree", ["sample", pytest.param("nasa_tree", marks=SLOW_ON_MOTO)])
def test_a_hierarchy_moved_there_and_back_is_byte_for_byte_the_same_export(both, move, request, tree):
    """NASA's requirements and rows of every oddity; attributes that this layer does not know stay, too."""
    odd = put_odd_rows(both[SIX])
    given = sample() if tree == "sample" else request.getfixturevalue(tree)
    nasa = HierarchyRepository().create({**given, "user_id": "nasa"}).id
    before, rows = both.export(SIX, nasa, *odd), both.rows(SIX)
    there = move(SIX, SINGLE)
    assert there.quarantined == 0
    assert both.rows(SINGLE) == rows
    assert both[SINGLE].loose_ends() == []
    assert both.export(SINGLE, nasa, *odd) == before
    both.empty(SIX)
    back = move(SINGLE, SIX)
    assert back.quarantined == 0
    assert both.rows(SIX) == rows
    assert both.export(SIX, nasa, *odd) == before
    assert {key: table.written for key, table in back.tables.items()} == {
        key: len(items) for key, items in rows.items()
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_target_with_rows_is_refused_and_merged_only_when_asked(both, move, tmp_path, way):
    """The same row is left alone, an older one replaced, a newer one kept and reported."""
    source, target = way
    Hierarchy(both[source])
    move(source, target)
    with pytest.raises(AlreadyExistsError, match="--merge"):
        migrate_layout(source, target, state=tmp_path / "state")
    same = both[source].put("user_flows", uiid="same", project_id="p-project", name="same", created_at=text_time(1))
    both[target].put_items("user_flows", [same])
    newer = {"uiid": "newer", "project_id": "p-project", "created_at": text_time(2)}
    both[source].put("user_flows", **newer, name="before", version=1)
    both[target].put("user_flows", **newer, name="after", version=2)
    older = {"uiid": "older", "project_id": "p-project", "created_at": text_time(3), "version": 1}
    both[source].put("user_flows", **older, name="after", updated_at=text_time(9))
    both[target].put("user_flows", **older, name="before")
    done = migrate_layout(source, target, state=tmp_path / "merged", merge=True)
    names = {row["uiid"]["S"]: row["name"]["S"] for row in both[target].rows("user_flows")}
    assert names["newer"] == "after"
    assert names["older"] == "after"
    [line] = quarantined(done)
    assert (line["kind"], line["row"]["name"]["S"], line["target"]["name"]["S"]) == ("target_newer", "before", "after")
    found = verify_layout(source, target)
    assert found.tables["user_flows"].problems == {"newer": 1}
    assert found.wrong == 1


def test_what_the_one_table_cannot_hold_is_in_quarantine_with_what_is_under_it(both, move, monkeypatch):
    """Rows without a key there, two of one id, a project that would be too large; the rest is moved."""
    six = both[SIX]
    good = Hierarchy(six)
    monkeypatch.setattr(_requests, "MAX_ITEM_BYTES", 404_900)  # moto takes no item over 405,000
    flow = {"uiid": "no-project", "project_id": "p-project"}
    six.put("user_flows", **flow, name="timeless", created_at=None)
    six.put("high_level_requirements", uiid="under", parent_uiid="no-project", project_id="p-project", name="under it")
    six.put("low_level_requirements", uiid="legacy", parent_uiid=good.hlr, name="of an earlier writer")
    six.put("projects", id="huge", user_id="ada", name="n" * 255, initial_prompt="x" * 404_500)
    six.put("user_flows", uiid="in-huge", project_id="huge", name="f")
    six.put("user_flows", uiid="kept", project_id="p-project", name="f", pk="mine")
    six.put("test_cases", uiid="twice", parent_uiid=good.llr, project_id="p-project", name="old")
    six.put("test_cases", uiid="twice", parent_uiid="other", project_id="p-project", name="young")
    dry = summarize_layout(SIX, SINGLE)
    assert dry.quarantined == 6  # that an id is taken shows when it is written
    done = move(SIX, SINGLE, wrong=1)
    reasons = {key: dict(counts) for key, counts in done.reasons.items()}
    assert reasons == {
        "projects": {"item_too_large": 1},
        "user_flows": {"no_key": 1, "parent_quarantined": 1, "reserved_attribute": 1},
        "high_level_requirements": {"parent_quarantined": 1},
        "low_level_requirements": {"no_key": 1},
        "test_cases": {"id_taken": 1},
    }
    lines = {(line["table"], *line["serial"]): line["row"] for line in quarantined(done)}
    assert lines["test_cases", "twice", "other"]["name"]["S"] == "young"
    assert lines["projects", "huge", "ada"] == six.get("projects", id="huge", user_id="ada")
    assert [row["uiid"]["S"] for row in both[SINGLE].rows("high_level_requirements")] == [good.hlr]


@pytest.mark.skipif(ON_MOTO, reason="moto takes any type in an index's key")
def test_a_row_that_dynamodb_refuses_is_in_quarantine_and_the_others_of_its_transaction_are_not(both, tmp_path):
    """A project whose creation time is a number has no place in the one table's index."""
    six = both[SIX]
    Hierarchy(six)
    six.client.delete_table(TableName=six.table("projects"))
    shape = {"TableName": six.table("projects"), "BillingMode": "PAY_PER_REQUEST"}
    keys = [("id", "HASH"), ("user_id", "RANGE")]
    six.client.create_table(
        **shape,
        KeySchema=[{"AttributeName": name, "KeyType": of} for name, of in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
    )
    six.put("projects", id="p-project", user_id="ada", name="good")
    six.put("projects", id="odd", user_id="ada", name="odd", created_at=17)
    done = migrate_layout(SIX, SINGLE, state=tmp_path / "state")
    assert done.reasons == {"projects": {"refused": 1}}
    assert [row["id"]["S"] for row in both[SINGLE].rows("projects")] == ["p-project"]


@pytest.mark.parametrize("way", WAYS)
def test_verification_names_what_is_missing_extra_or_different_and_prunes(both, move, way):
    """Both directions; `prune` deletes what the source does not have, and nothing else."""
    source, target = way
    put_odd_rows(both[source])
    move(source, target)
    [gone] = [row for row in both[target].rows("user_flows") if row["uiid"]["S"] == "p-flow"]
    both[target].delete("user_flows", gone)
    [changed] = [row for row in both[target].rows("test_cases") if row["uiid"]["S"] == "p-test"]
    both[target].put_items("test_cases", [{**changed, "unknown": {"S": "new"}}])
    both[target].put("waitlist", email="eve@example.org", status="pending")
    both[target].put("test_cases", uiid="extra", parent_uiid="p-llr", project_id="p-project", name="extra")
    seen = []
    found = verify_layout(source, target, see=seen.append)
    assert {(one.table, one.problem, one.key[0]) for one in seen} == {
        ("user_flows", "missing", "p-flow"),
        ("test_cases", "different", "p-test"),
        ("test_cases", "extra", "extra"),
        ("waitlist", "extra", "eve@example.org"),
    }
    assert found.wrong == 4
    assert next(one.detail for one in seen if one.problem == "different") == "differs in unknown"
    pruned = verify_layout(source, target, prune=True)
    assert pruned.tables["waitlist"].problems == {"pruned": 1}
    assert pruned.wrong == 2
    assert both[target].loose_ends() == []
    assert verify_layout(source, target).wrong == 2


def test_a_row_that_its_id_does_not_lead_to_is_named(both, move):
    """The one table's id items are looked at, too."""
    Hierarchy(both[SIX])
    move(SIX, SINGLE)
    one = both[SINGLE]
    one.client.delete_item(
        TableName=one.table(""), Key={"pk": {"S": "ID#p-hlr"}, "sk": {"S": "high_level_requirements"}}
    )
    found = verify_layout(SIX, SINGLE)
    assert [(one.problem, one.key[0], one.detail) for one in found.differences] == [
        ("not_indexed", "p-hlr", "is not found by uiid"),
        ("not_indexed", "p-llr", "is not found by parent_uiid"),
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_rollback_takes_away_what_was_written(both, tmp_path, way):
    """By its journal, whichever layout is configured; a row that was changed since stays, with what is above it."""
    source, target = way
    put_odd_rows(both[source])
    migrate_layout(source, target, state=tmp_path / "state")
    both.use(target)
    UserFlowRepository().update("FLOW#", {"name": "changed"})
    both.use(source)
    undone = rollback(tmp_path / "state")
    assert undone["user_flows"].changed == 1
    assert [row["uiid"]["S"] for row in both[target].rows("user_flows")] == ["FLOW#"]
    assert [row["id"]["S"] for row in both[target].rows("projects")] == ["a#b%c"]
    assert both[target].counts()[2:] == (0, 0, 0)


def test_a_state_of_another_migration_is_refused(both, tmp_path):
    """Another direction, tables that were made anew, a run that is complete, the same layout twice, none."""
    Hierarchy(both[SIX])
    state = tmp_path / "state"
    migrate_layout(SIX, SINGLE, state=state)
    with pytest.raises(InvalidInputError, match="complete"):
        migrate_layout(SIX, SINGLE, state=state)
    with pytest.raises(InvalidInputError, match="another source"):
        migrate_layout(SINGLE, SIX, state=state, merge=True)
    with pytest.raises(InvalidInputError, match="both"):
        migrate_layout(SIX, SIX, state=state)
    with pytest.raises(InvalidInputError, match="no layout"):
        verify_layout(SIX, "seven-table")
    both[SINGLE].drop_tables()
    with pytest.raises(TableNotFoundError):
        migrate_layout(SIX, SINGLE, state=tmp_path / "other")


@pytest.mark.skipif(ON_MOTO, reason="moto counts no units of a transaction")
@pytest.mark.parametrize("way", WAYS)
def test_the_dry_run_says_what_it_will_cost(both, move, way):
    """A project, a node on each level, an entry: the source's check, the row, what belongs to it, the indexes."""
    source, target = way
    Hierarchy(both[source])
    both[source].put("waitlist", email="ada@example.org", status="pending")
    told = {key: table.write_units for key, table in summarize_layout(source, target).tables.items()}
    flow, node = (6, 6) if target == SINGLE else (6, 8)
    below = dict.fromkeys(("high_level_requirements", "low_level_requirements", "test_cases"), node)
    assert told == {"projects": 8, "user_flows": flow, **below, "waitlist": 6}
    done = move(source, target)
    if target == SIX:  # of small items of one table DynamoDB Local counts the bytes together
        assert done.write_units == sum(told.values())


def test_the_commands_end_as_those_of_the_other_migration_do(both, tmp_path):
    """A dry run writes nothing; 1 where rows are left out or differ, 4 where the target has some."""
    cli = Cli(both.endpoint, both.prefix)
    tree = Hierarchy(both[SIX])
    way = ["layout", "--from", SIX, "--to", SINGLE]
    dry = cli.json("migrate", *way, "--dry-run")
    assert (dry["tables"]["test_cases"]["migrated"], dry["quarantined"]) == (1, 0)
    assert dry["write_units"] > 5 * 4
    assert not (tmp_path / "vishmaker-migration").exists()
    assert both.rows(SINGLE)["projects"] == []
    state = ["--state", str(tmp_path / "state")]
    assert "single-table has what the source says" in cli.ok("migrate", *way, *state)
    refused = cli("migrate", *way, "--state", str(tmp_path / "other"))
    assert refused.exit_code == status.REFUSED
    assert "--merge" in refused.stderr
    both[SIX].put("user_flows", uiid="timeless", project_id=tree.project, name="f", created_at=None)
    both[SINGLE].put("waitlist", email="eve@example.org", status="pending")
    left_out = cli("migrate", *way, "--merge", "--state", str(tmp_path / "third"))
    assert left_out.exit_code == status.NO
    assert "no_key" in left_out.stdout
    assert cli("verify", *way).exit_code == status.NO
    pruned = cli.json("verify", *way, "--prune", "--differences", str(tmp_path / "differences"))
    assert pruned["tables"]["waitlist"]["problems"] == {"pruned": 1}
    assert "pruned" in (tmp_path / "differences").read_text(encoding="utf-8")
    assert cli("migrate", "layout", "--from", SIX, "--to", SIX).exit_code == status.USAGE
    assert cli.json("rollback", *state, "--yes")["kept"] == 0
    assert both.rows(SINGLE)["projects"] == []
