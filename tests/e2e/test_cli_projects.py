"""`project`: whole trees in and out, copied, moved, deleted, and what an interruption leaves."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from dynamodb.cli import _statuses as status
from dynamodb.repositories import HierarchyRepository
from support.cli import Cli, sample_file
from support.trees import sample

SAMPLE = sample_file()
COUNTS = {"user_flows": 4, "high_level_requirements": 9, "low_level_requirements": 17, "test_cases": 15}


def written(tree: Any, path: Path) -> Path:
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def shape(node: Any) -> Any:
    """Names and texts of an exported tree, in their order."""
    lists = ("flows", "high_level_requirement_list", "low_level_requirement_list", "test_case_list")
    below = next((node[name] for name in lists if name in node), [])
    return (node["name"], node.get("description"), [shape(child) for child in below])


def test_import_prints_the_new_id_and_nothing_else(cli: Cli) -> None:
    """So that a script can take it; what was imported is said on standard error."""
    result = cli("project", "import", str(SAMPLE))
    assert result.exit_code == 0
    project_id = result.stdout.strip()
    assert cli.json("project", "show", project_id)["name"] == "Neighbourhood tool library"
    assert "15 test cases" in result.stderr


def test_import_for_machines_has_the_id_and_the_counts(cli: Cli) -> None:
    """--json gives an object with `id`."""
    answer = cli.json("project", "import", str(SAMPLE), "--user", "ada", "--name", "Tools")
    assert answer["counts"] == COUNTS
    shown = cli.json("project", "show", answer["id"])
    assert (shown["user_id"], shown["name"]) == ("ada", "Tools")


def test_an_import_with_an_id_can_be_repeated(cli: Cli) -> None:
    """The same command again finds its work done: same id, same rows, none doubled."""
    for _ in range(2):
        assert cli.ok("project", "import", str(SAMPLE), "--id", "library") == "library\n"
    tree = cli.json("project", "tree", "library")
    assert tree["coverage"]["counts"] == COUNTS


def test_an_id_that_is_taken_by_another_tree_is_refused(cli: Cli, tmp_path: Path) -> None:
    """Another file under the same id changes nothing."""
    cli.ok("project", "import", str(SAMPLE), "--id", "library")
    result = cli("project", "import", str(written(sample(), tmp_path / "t.json")), "--id", "library")
    assert result.exit_code == status.REFUSED
    assert cli.json("project", "show", "library")["user_id"] == "demo"


def test_a_dry_run_imports_nothing(cli: Cli) -> None:
    """It checks the file and counts."""
    answer = cli.json("project", "import", str(SAMPLE), "--id", "library", "--dry-run")
    assert (answer["dry_run"], answer["counts"]) == (True, COUNTS)
    assert cli("project", "show", "library").exit_code == status.NOT_FOUND


@pytest.mark.parametrize("name", ["out.json", "out.ndjson"])
def test_what_is_exported_can_be_imported(cli: Cli, tmp_path: Path, name: str) -> None:
    """The copy has the same names, texts and order, and its own ids; with --keep-ids the same ids."""
    cli.ok("project", "import", str(SAMPLE), "--id", "library")
    file = tmp_path / name
    assert cli.json("project", "export", "library", str(file)) == {"id": "library", "file": str(file), "rows": 46}
    new_id = cli.ok("project", "import", str(file)).strip()
    original, copy = (cli.json("project", "tree", one)["project"] for one in ("library", new_id))
    assert shape(original) == shape(copy)
    assert original["flows"][0]["uiid"] != copy["flows"][0]["uiid"]
    cli.ok("project", "delete", "library", "--yes")
    assert cli.ok("project", "import", str(file), "--keep-ids") == "library\n"
    again = cli.json("project", "tree", "library")["project"]
    assert again["flows"][0]["uiid"] == original["flows"][0]["uiid"]
    assert shape(again) == shape(original)


def test_export_and_import_through_a_pipe(cli: Cli) -> None:
    """`-` is standard output and input, for trees and for lines."""
    cli.ok("project", "import", str(SAMPLE), "--id", "library")
    for lines in ([], ["--lines"]):
        text = cli.ok("project", "export", "library", "-", *lines)
        new_id = cli.ok("project", "import", "-", *lines, said=text).strip()
        assert cli.json("project", "tree", new_id)["coverage"]["counts"] == COUNTS


def test_an_export_does_not_replace_a_file_unasked(cli: Cli, tmp_path: Path) -> None:
    """A file that is there stays until it is confirmed; its permissions stay, too."""
    cli.ok("project", "import", str(SAMPLE), "--id", "library")
    file = tmp_path / "out.json"
    file.write_text("mine", encoding="utf-8")
    file.chmod(0o600)
    assert cli("project", "export", "library", str(file), said="n\n").exit_code == status.REFUSED
    assert file.read_text(encoding="utf-8") == "mine"
    cli.ok("project", "export", "library", str(file), "--yes")
    assert json.loads(file.read_text(encoding="utf-8"))["id"] == "library"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_an_export_that_fails_leaves_the_file_as_it_was(cli: Cli, tmp_path: Path) -> None:
    """Also no remnant of the new one is left."""
    file = tmp_path / "out.ndjson"
    file.write_text("mine", encoding="utf-8")
    assert cli("project", "export", "nobody", str(file), "--yes").exit_code == status.NOT_FOUND
    assert file.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [file]
    assert cli("project", "export", "nobody", str(tmp_path / "no" / "such.ndjson")).exit_code == status.NOT_FOUND


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "line 1, column 2"),
        (b"[]", "a JSON object"),
        (b'{"name": "x"}', "user_id: Field required"),
        (b'{"name": "x", "user_id": "u", "flows": [{"name": ""}]}', "flows.0.name"),
        (b'{"name": "x", "user_id": "u", "flowz": []}', "flowz"),
        (b'{"name": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (json.dumps({"name": "x", "user_id": "u", "flows": [{}] * 9}).encode(), "and 6 more"),
    ],
    ids=["cut", "list", "field", "empty name", "unknown", "encoding", "depth", "many"],
)
def test_a_bad_file_is_refused_with_the_place(cli: Cli, tmp_path: Path, content: bytes, said: str) -> None:
    """The message names the file and where in it the problem is; nothing is written."""
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    result = cli("project", "import", str(file))
    assert result.exit_code == status.USAGE
    assert str(file) in result.stderr
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_missing_file_is_status_3(cli: Cli, tmp_path: Path) -> None:
    """So is a folder in its place."""
    for file in (tmp_path / "none.json", tmp_path, tmp_path / "none.ndjson"):
        result = cli("project", "import", str(file))
        assert result.exit_code == status.NOT_FOUND
        assert result.stderr.startswith(f"error file: {file}: ")


def test_create_show_and_list(cli: Cli) -> None:
    """Projects are listed by owner and by name, in the order they were created, page by page where asked."""
    ids = [cli.ok("project", "create", "--name", f"n{number}", "--user", "ada").strip() for number in range(3)]
    cli.ok("project", "create", "--name", "n0", "--user", "bob", "--prompt", "an idea")
    assert [row["id"] for row in cli.json("project", "list", "--user", "ada")["items"]] == ids
    assert [row["user_id"] for row in cli.json("project", "list", "--name", "n0")["items"]] == ["ada", "bob"]
    assert len(cli.json("project", "list", "--all")["items"]) == 4
    newest = cli.json("project", "list", "--user", "ada", "--newest-first", "--limit", "2")
    assert [row["id"] for row in newest["items"]] == ids[:0:-1]
    rest = cli.json("project", "list", "--user", "ada", "--newest-first", "--limit", "2", "--cursor", newest["cursor"])
    assert [row["id"] for row in rest["items"]] == ids[:1]
    assert "--cursor" in cli("project", "list", "--user", "ada", "--limit", "2").stderr
    assert cli("project", "list", "--user", "ada", "--cursor", "nonsense").exit_code == status.USAGE


@pytest.mark.parametrize(
    "args", [[], ["--user", "a", "--all"], ["--user", "a", "--name", "b"], ["--all", "--limit", "1"]]
)
def test_list_wants_to_know_which(cli: Cli, args: list[str]) -> None:
    """Neither nothing nor everything at once."""
    result = cli("project", "list", *args)
    assert result.exit_code == status.USAGE


def test_the_tree_has_counts_and_marks_what_is_not_covered(cli: Cli) -> None:
    """Each row says how many are below it; low-level requirements without a test case are marked."""
    cli.ok("project", "import", str(SAMPLE), "--id", "library")
    text = cli.ok("project", "tree", "library")
    assert text.startswith(
        "Neighbourhood tool library  4 user flows\n├── Join the library  2 high-level requirements\n"
    )
    assert text.count("no test case") == 4
    assert "│   │   │   ├── Link opened within a day\n" in text
    assert "13 of 17 low-level requirements have a test case (76%)" in text
    coverage = cli.json("project", "tree", "library")["coverage"]
    assert coverage["with_test_case"] == 13
    assert len(coverage["without_test_case"]) == 4


def test_names_that_look_like_markup_stay_text(cli: Cli, tmp_path: Path) -> None:
    """Square brackets, emoji codes and line breaks in a name are shown as what they are, in one line."""
    tree = sample(1, 0, name="[bold]x[/bold] :smile: \U0001f600") | {"flows": [{"name": "two\nlines"}]}
    project_id = cli.ok("project", "import", str(written(tree, tmp_path / "t.json"))).strip()
    assert cli.ok("project", "tree", project_id).startswith(
        "[bold]x[/bold] :smile: \U0001f600  1 user flow\n└── two lines\n"
    )
    assert "[bold]x[/bold] :smile:" in cli.ok("project", "list", "--all")


def test_a_tree_in_a_pipe_is_neither_cut_nor_coloured(cli: Cli, tmp_path: Path) -> None:
    """A name of 255 characters is on one line, without escape sequences or trailing blanks."""
    tree = sample(1, 0, name="n") | {"flows": [{"name": "x" * 255}]}
    project_id = cli.ok("project", "import", str(written(tree, tmp_path / "t.json"))).strip()
    text = cli.ok("project", "tree", project_id) + cli.ok("project", "list", "--all")
    assert f"└── {'x' * 255}\n" in text
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_copy_has_new_ids_and_the_same_shape(cli: Cli) -> None:
    """To another owner and name; with --id the same command again finds it done."""
    cli.ok("project", "import", str(SAMPLE), "--id", "library")
    for _ in range(2):
        cli.ok("project", "copy", "library", "--user", "ada", "--name", "Mine", "--id", "copy")
    original, copy = (cli.json("project", "tree", one)["project"] for one in ("library", "copy"))
    assert (copy["user_id"], copy["name"]) == ("ada", "Mine")
    assert shape(original)[2] == shape(copy)[2]
    assert cli.json("project", "copy", "library", "--dry-run")["counts"] == COUNTS
    assert len(cli.json("project", "list", "--all")["items"]) == 2


def test_move_gives_another_parent(cli: Cli) -> None:
    """A requirement hangs under its new parent with all that is under it; another project's is refused."""
    for project_id in ("library", "other"):
        cli.ok("project", "import", str(SAMPLE), "--id", project_id)
    flows = cli.json("project", "tree", "library")["project"]["flows"]
    moving = flows[0]["high_level_requirement_list"][0]["uiid"]
    assert cli.json("project", "move", moving, flows[3]["uiid"])["parent_uiid"] == flows[3]["uiid"]
    moved = cli.json("project", "tree", "library")["project"]["flows"]
    assert [len(flow["high_level_requirement_list"]) for flow in moved] == [1, 2, 3, 3]
    elsewhere = cli.json("project", "tree", "other")["project"]["flows"][0]["uiid"]
    assert cli("project", "move", moving, elsewhere).exit_code == status.USAGE


def test_delete_asks_counts_and_deletes(cli: Cli) -> None:
    """The question says how much goes; a dry run and a no leave everything."""
    cli.ok("project", "import", str(SAMPLE), "--id", "library")
    assert cli.json("project", "delete", "library", "--dry-run")["deleted"] == {"projects": 1, **COUNTS}
    refused = cli("project", "delete", "library", said="n\n")
    assert refused.exit_code == status.REFUSED
    assert "17 low-level requirements" in refused.stderr
    assert cli.json("project", "tree", "library")["coverage"]["counts"] == COUNTS
    assert cli.json("project", "delete", "library", "--yes")["deleted"] == {"projects": 1, **COUNTS}
    assert cli("project", "delete", "library", "--yes").exit_code == status.NOT_FOUND


def test_a_stopped_import_says_how_to_go_on(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle: status 130, a line with the id; the command in that line finishes the work."""
    file = written(sample(3, 4, 4, 4), tmp_path / "t.json")
    real = HierarchyRepository.create

    def stopped(self: HierarchyRepository, tree: Any, **_: Any) -> Any:
        def stop(count: int) -> None:
            raise KeyboardInterrupt

        return real(self, tree, progress=stop)

    with monkeypatch.context() as patch:
        patch.setattr(HierarchyRepository, "create", stopped)
        result = cli("project", "import", str(file))
    assert result.exit_code == status.INTERRUPTED
    assert result.stdout == ""
    project_id = result.stderr.split("--id ")[1].split()[0]
    assert f"`project delete {project_id}` takes it away" in result.stderr
    assert cli("project", "show", project_id).exit_code == status.NOT_FOUND
    assert cli.ok("project", "import", str(file), "--id", project_id).strip() == project_id
    counts = cli.json("project", "tree", project_id)["coverage"]["counts"]
    assert list(counts.values()) == [3, 12, 48, 192]


def test_a_stopped_import_can_be_taken_away(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`project delete` finds what is hidden."""
    file = written(sample(3, 4, 4, 4), tmp_path / "t.json")

    def stopped(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("dynamodb._growing._batches.write", stopped)
        assert cli("project", "import", str(file), "--id", "half").exit_code == status.INTERRUPTED
    assert cli.json("project", "delete", "half", "--yes")["deleted"]["projects"] == 1
