"""What is installed is pinned with hashes, wherever it comes from; what the audit says of it is what is known."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PINS = sorted((ROOT / "requirements").rglob("*.txt"))


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "tools" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def requirements(text: str) -> list[str]:
    """The requirements of a file, each with its continuation lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [line.strip() for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_requirement_is_one_version_with_its_hashes(path: Path) -> None:
    """pip refuses whatever differs by a byte from what was locked."""
    found = requirements(path.read_text(encoding="utf-8"))
    assert found
    loose = [
        one for one in found if not re.match(r"[a-z0-9.-]+(\[[a-z0-9, -]+\])?==[^\s;*]+( ; .*?)? +--hash=sha256:", one)
    ]
    assert loose == []


@pytest.mark.parametrize("path", [*PINS, *sorted((ROOT / "requirements").glob("*.in"))], ids=lambda path: path.name)
def test_no_requirement_says_where_it_comes_from(path: Path) -> None:
    """No registry, mirror, folder or repository: pip's own settings decide, and the hashes hold wherever it is."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"://|--(extra-)?index-url|--find-links|--trusted-host|^-[if] | @ |\bgit\+", text, flags=re.MULTILINE
    )


def test_every_install_of_a_make_target_checks_hashes_or_takes_no_dependencies() -> None:
    """What a target installs is what is locked, or our own package alone."""
    installs = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "pip install" in line]
    assert len(installs) >= 5
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps" not in line] == []


def test_all_files_are_audited_in_groups_without_repeats(audit: ModuleType) -> None:
    """No pin of any file is left out, and no group has a package twice."""
    files = audit.pins_by_file(ROOT / "requirements")
    assert len(files) == len(PINS)
    everything = {pin for pins in files.values() for pin in pins}
    assert {
        f"{one.split('==')[0].split('[')[0]}" for path in PINS for one in requirements(path.read_text("utf-8"))
    } == {pin.split("==")[0] for pin in everything}
    groups = list(audit.without_repeats(sorted(everything)))
    assert sorted(pin for group in groups for pin in group) == sorted(everything)
    assert all(len({pin.split("==")[0] for pin in group}) == len(group) for group in groups)


FILES = {"requirements/dev.txt": {"good==1", "bad==2"}, "requirements/layer.txt": {"bad==2"}}
SKIPPED = {"name": "good", "version": "1", "skip_reason": "Dependency not found on PyPI"}
BAD = {
    "name": "bad",
    "version": "2",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"], "description": "d"}],
}


def said(audit: ModuleType, *packages: dict) -> tuple[str, bool]:
    found = audit.Found()
    audit.read({"dependencies": list(packages)}, found)
    return "\n".join(audit.verdict(FILES, found)), bool(found.vulnerable)


def test_a_known_vulnerability_is_told_with_every_file_that_has_it(audit: ModuleType) -> None:
    text, is_vulnerable = said(audit, {"name": "good", "version": "1", "vulns": []}, BAD)
    assert is_vulnerable
    assert "VULNERABLE bad==2 in requirements/dev.txt, requirements/layer.txt: PYSEC-1 (CVE-1): fixed in 3" in text
    assert "2 of 2 pins looked up, 1 with known vulnerabilities" in text


def test_what_nobody_answered_about_is_not_called_good(audit: ModuleType) -> None:
    """pip-audit itself says "No known vulnerabilities found" where it has found nothing out."""
    text, is_vulnerable = said(audit, SKIPPED, {**SKIPPED, "name": "bad", "version": "2"})
    assert not is_vulnerable
    assert text.startswith("NOT AUDITED")
    text, _ = said(audit, SKIPPED, {"name": "bad", "version": "2", "vulns": []})
    assert "no advisory database knows 1 of 2 pins: good==1" in text


@pytest.mark.parametrize(
    ("complaint", "fails"),
    [
        ("requests.exceptions.ConnectionError: Max retries exceeded", False),
        ("ERROR:pip_audit._cli:requirement x does not contain a hash", True),
    ],
)
def test_no_network_is_no_failure_and_anything_else_is(
    complaint: str,
    fails: bool,  # noqa: FBT001 - a parameter of the test
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Done:
        stdout, stderr = "", complaint

    monkeypatch.setattr(audit.subprocess, "run", lambda *args, **options: Done())
    found = audit.Found()
    if fails:
        with pytest.raises(SystemExit):
            audit.ask("pypi", ["bad==2"], found)
    else:
        audit.ask("pypi", ["bad==2"], found)
    assert found == audit.Found()


@pytest.mark.parametrize(("package", "status"), [(BAD, 1), ({**BAD, "vulns": []}, 0), ({**SKIPPED, "name": "bad"}, 0)])
def test_only_a_known_vulnerability_fails(
    package: dict, status: int, audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "pins_by_file", lambda folder: FILES)
    monkeypatch.setattr(audit, "ask", lambda service, pins, found: audit.read({"dependencies": [package]}, found))
    assert audit.main() == status
    assert capsys.readouterr().out
