"""A real process killed with `kill -9` at random moments: started again and again, it ends as if never interrupted."""

import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from dynamodb.cli import _statuses as status
from reliability.watched_proxy import WatchedProxy
from support.cli import Cli, finish
from support.clients import make_client
from support.faults import Fault, run_after, run_before
from support.migrating import TABLES, fill, fill_with_bad_rows, owners_file
from support.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

KILLS = 20
#: So few that a group is about 50 rows: each life of the process gets only a little further.
UNITS = "150"


def contents(world: World):
    return {key: world.rows(key) for key in TABLES}


def quarantined(state: Path):
    lines = map(json.loads, (state / "quarantine.ndjson").read_text(encoding="utf-8").splitlines())
    return sorted(json.dumps({**line, "quarantined_at": None}, sort_keys=True) for line in lines)


def test_a_run_that_is_killed_twenty_times_ends_in_the_same_tables(
    world: World, engine_endpoint: str, table_prefix: str, loose: str, tmp_path: Path
) -> None:
    """Rows, quarantine and verification are those of one run; the acknowledged rows of each life stay."""
    world.client = make_client(engine_endpoint, read_timeout=60)  # the machine may be busy
    rows = fill(loose, projects=12, widths=(3, 3, 3, 3), entries=500)
    fill_with_bad_rows(loose)
    assert rows > 1500
    owners = str(owners_file(tmp_path, projects=[*range(1, 1000), 9001, 9002, 9004, 9005]))
    options = ["migrate", "postgres", loose, "--owners", owners, "--json"]
    whole = Cli(engine_endpoint, table_prefix)(*options, "--state", str(tmp_path / "whole"))
    assert json.loads(whole.stdout)["verification"]["wrong"] == 0, whole.output
    expected = contents(world)
    world.drop_tables()
    world.make_tables()

    dice = random.Random(20)  # noqa: S311 - the same moments in every run of the test
    state = tmp_path / "killed"
    arrived = 0
    with WatchedProxy(engine_endpoint) as proxy:
        cli = Cli(proxy.endpoint, table_prefix)
        for life in range(KILLS):
            # While it looks at the tables, in the rows that are in doubt, in those that nobody has sent.
            places = [(0, 12), (12, 60), (60, 75)] if life else [(12, 40)]
            place = dice.randrange(*dice.choice(places))
            fault = dice.choice([run_before, run_after])
            life_options = [*options, "--state", str(state), "--max-write-units", UNITS]
            assert _is_killed(cli, proxy, life_options, fault, place), f"it ended in life {life}"
            now = sum(map(len, contents(world).values()))
            assert now >= arrived, "a row was lost"
            arrived = now
        assert arrived > 0
        proxy.reset()
        process = cli.start(*options, "--state", str(state))
        ended, out, err = finish(process)
    assert ended == 1, err  # there are rows in quarantine
    done = json.loads(out)
    assert done["resumed"]
    assert done["verification"]["wrong"] == 0
    assert contents(world) == expected
    assert quarantined(state) == quarantined(tmp_path / "whole")


def test_ctrl_c_stops_it_and_the_same_command_goes_on(
    world: World, engine_endpoint: str, table_prefix: str, database: str, tmp_path: Path
) -> None:
    """It says what is left and how to go on, in one line and with its own status."""
    rows = fill(database, projects=4, entries=50)
    options = ["migrate", "postgres", database, "--owner", "ada", "--state", str(tmp_path / "state")]
    pid: list[int] = []
    with WatchedProxy(engine_endpoint) as proxy:
        cli = Cli(proxy.endpoint, table_prefix)
        proxy.inject(run_after(lambda: os.kill(pid[0], signal.SIGINT)), operation="BatchWriteItem")
        process = cli.start(*options)
        pid.append(process.pid)
        ended, _, err = finish(process)
        assert ended == status.INTERRUPTED
        assert "the same command goes on" in err
        assert "Traceback" not in err
        assert 0 < sum(map(len, contents(world).values())) < rows
        assert cli(*options).exit_code == status.OK
    assert sum(map(len, contents(world).values())) == rows


def _is_killed(
    cli: Cli, proxy: WatchedProxy, options: list[str], fault: Callable[[Callable[[], object]], Fault], place: int
) -> bool:
    """Run it until a request of its, or the moment after one; say whether it was killed there."""
    pid: list[int] = []
    proxy.reset()
    proxy.inject(fault(lambda: os.kill(pid[0], signal.SIGKILL)), at=place)
    process = cli.start(*options)
    pid.append(process.pid)
    ended, _, _ = finish(process)
    proxy.wait_until_left()
    return ended == -signal.SIGKILL
