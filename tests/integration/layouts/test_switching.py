"""The change without downtime as it is documented, while users write; and a process that is killed on the way."""

import json
import random
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from dynamodb import _layout
from dynamodb.errors import NotFoundError, ThrottledError
from dynamodb.migrate import _copying, migrate_layout, verify_layout
from dynamodb.repositories import (
    HierarchyRepository,
    ProjectRepository,
    TestCaseRepository,
    UserFlowRepository,
    WaitlistRepository,
)
from support.both_layouts import LAYOUTS, SLOW_ON_MOTO, WAYS, Both, put_odd_rows
from support.cli import Cli, finish
from support.trees import sample

pytestmark = [pytest.mark.engine, SLOW_ON_MOTO]

SIX, SINGLE = LAYOUTS


class Users:
    """Who write, each in a thread of its own, in a way of its own; what they did is counted."""

    def __init__(self, projects: list[str]) -> None:
        self.projects = projects
        self.shared = projects[0]
        self.renamed = 0
        self.deleted: set[str] = set()
        self._lock = threading.Lock()

    def write(self, seed: int, actions: int, layout: str, twin: str) -> None:
        """Do so many things, reading one layout and writing both."""
        dice = random.Random(seed)  # noqa: S311 - the same things in every run
        with _layout.using(_layout.named(layout), twin=_layout.named(twin)):
            for number in range(actions):
                act = dice.choice((self._rename, self._grow, self._change, self._move, self._delete, self._sign_up))
                with suppress(NotFoundError, ThrottledError):  # somebody has deleted it, or was faster all the time
                    act(dice, f"{seed}-{number}")

    def _rename(self, dice: random.Random, name: str) -> None:
        ProjectRepository().update(self.shared, {"name": name})
        with self._lock:
            self.renamed += 1

    def _grow(self, dice: random.Random, name: str) -> None:
        project = dice.choice(self.projects)
        HierarchyRepository().append(project, [{**sample(1, 1, 1, 2)["flows"][0], "name": name}])

    def _change(self, dice: random.Random, name: str) -> None:
        flows = list(UserFlowRepository().iter_by_project(dice.choice(self.projects)))
        UserFlowRepository().update(dice.choice(flows).uiid, {"description": name})

    def _move(self, dice: random.Random, name: str) -> None:
        tree = HierarchyRepository().load(dice.choice(self.projects))
        lows = [
            low
            for flow in tree.flows
            for high in flow.high_level_requirement_list
            for low in high.low_level_requirement_list
        ]
        tests = [test for low in lows for test in low.test_case_list]
        HierarchyRepository().move(dice.choice(tests).uiid, dice.choice(lows).uiid)

    def _delete(self, dice: random.Random, name: str) -> None:
        tests = list(TestCaseRepository().iter_by_project(dice.choice(self.projects)))
        if len(tests) > 4:
            uiid = dice.choice(tests).uiid
            TestCaseRepository().delete(uiid)
            with self._lock:
                self.deleted.add(uiid)

    def _sign_up(self, dice: random.Random, name: str) -> None:
        WaitlistRepository().create({"email": f"{name}@example.org"})
        if dice.random() < 0.5:
            WaitlistRepository().delete(f"{name}@example.org")


@pytest.fixture
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan gives twelve rows a page, so that users write between any two."""
    send = _copying.send

    def limited(operation, params):
        return send(operation, {**params, **({"Limit": 12} if operation == "Scan" else {})})

    monkeypatch.setattr(_copying, "send", limited)


@pytest.mark.usefixtures("_small_pages")
@pytest.mark.parametrize("way", WAYS)
def test_users_write_all_the_time_and_nothing_is_lost_doubled_or_brought_back(both: Both, tmp_path: Path, way):
    """Dual writing, backfill, verification; readers change one after the other; the way back is compared, too."""
    source, target = way
    both.use(source)
    projects = [HierarchyRepository().create(sample(2, 2, 2, 2, name=f"p{number}")).id for number in range(3)]
    users = Users(projects)
    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(users.write, seed, 14, source, target) for seed in range(3)]
        done = migrate_layout(source, target, state=tmp_path / "state", merge=True)
        during = verify_layout(source, target)
        for one in writing:
            one.result()
    assert done.quarantined == 0, done.reasons
    assert during.wrong == 0, during.differences
    assert verify_layout(source, target).wrong == 0
    with ThreadPoolExecutor(4) as pool:
        old = [pool.submit(users.write, seed, 12, source, target) for seed in (10, 11)]
        new = [pool.submit(users.write, seed, 12, target, source) for seed in (20, 21)]
        for one in (*old, *new):
            one.result()
    assert verify_layout(target, source).wrong == 0
    assert both.rows(source) == both.rows(target)
    assert both[SINGLE].loose_ends() == []
    assert both.export(source, *projects) == both.export(target, *projects)
    assert users.renamed > 0
    assert ProjectRepository().get(users.shared).version == 1 + users.renamed
    assert not users.deleted & {row["uiid"]["S"] for row in both.rows(target)["test_cases"]}


@pytest.mark.parametrize("way", WAYS)
def test_a_row_that_is_deleted_between_its_reading_and_its_writing_does_not_come_back(
    both: Both, tmp_path, monkeypatch, way
):
    """Also where it is deleted in the source alone; one that is changed there is copied as it is now."""
    source, target = way
    both.use(source)
    tree = HierarchyRepository().create(sample(1, 1, 1, 3))
    first, second, third = (one.uiid for one in TestCaseRepository().iter_by_project(tree.id))
    write, left = _copying.write, [lambda: TestCaseRepository().delete(first)]
    left += [lambda: TestCaseRepository().update(second, {"name": "changed"})]

    def after_others(move, rows):
        if rows[0].kind.key == "test_cases":
            while left:
                left.pop()()
        return write(move, rows)

    monkeypatch.setattr(_copying, "write", after_others)
    migrate_layout(source, target, state=tmp_path / "state")
    assert not left
    names = {row["uiid"]["S"]: row["name"]["S"] for row in both[target].rows("test_cases")}
    assert names.keys() == {second, third}
    assert names[second] == "changed"
    assert verify_layout(source, target).wrong == 0


def kill_when(process: subprocess.Popen[str], both: Both, target: str, rows: int) -> None:
    """Kill a process when the target has so many rows."""
    end = time.monotonic() + 120
    while sum(map(len, both.rows(target).values())) < rows:
        assert process.poll() is None, "it ended before it was killed"
        assert time.monotonic() < end, "it took two minutes"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    finish(process)


@pytest.mark.parametrize("way", WAYS)
def test_a_process_that_is_killed_goes_on_and_ends_in_the_same_tables(both: Both, tmp_path: Path, way):
    """`kill -9` again and again, each life a little further; rows and quarantine are those of one run."""
    source, target = way
    put_odd_rows(both[source])
    both[source].put("user_flows", uiid="in quarantine", project_id="p-project", name="f", **odd_key(target))
    both.use(source)
    HierarchyRepository().create(sample(2, 2, 2, 2))
    cli = Cli(both.endpoint, both.prefix)
    options = ["migrate", "layout", "--from", source, "--to", target, "--json"]
    whole = cli(*options, "--state", str(tmp_path / "whole"))
    assert json.loads(whole.stdout)["verification"]["wrong"] == 0, whole.output
    expected = both.rows(target)
    both.empty(target)
    state = str(tmp_path / "killed")
    for lives in range(1, 4):
        process = cli.start(*options, "--state", state, "--max-write-units", "30")
        kill_when(process, both, target, 5 * lives)
    process = cli.start(*options, "--state", state)
    ended, out, err = finish(process)
    assert ended == whole.exit_code, err
    done = json.loads(out)
    assert done["resumed"]
    assert done["verification"]["wrong"] == 0
    assert done["tables"] == json.loads(whole.stdout)["tables"]
    assert both.rows(target) == expected
    assert quarantine(tmp_path / "killed") == quarantine(tmp_path / "whole")


def odd_key(target: str) -> dict[str, object]:
    """An attribute that the one table has no place for."""
    return {"item_type": "mine"} if target == SINGLE else {}


def quarantine(state: Path) -> list[str]:
    lines = (state / "quarantine.ndjson").read_text(encoding="utf-8").splitlines()
    return sorted(line.partition('"kind"')[2] for line in lines)
