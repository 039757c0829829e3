"""How the engine is found, pinned and checked."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from dynamodb.testing import engines
from engine import install

MAVEN = "{http://maven.apache.org/POM/4.0.0}"


def test_maven_fetches_the_version_that_is_looked_for():
    pom = ET.parse(install.HERE / "pom.xml")  # noqa: S314 - our own file
    assert pom.findtext(f"{MAVEN}properties/{MAVEN}engine.version") == engines.ENGINE_VERSION


def test_the_engine_and_what_it_needs_are_pinned():
    pinned = install.read_hashes(install.HASHES.read_text())
    assert {f"DynamoDBLocal-{engines.ENGINE_VERSION}.jar", "sqlite4java-1.0.392.jar"} < pinned.keys()
    assert all(len(digest) == 64 for digest in pinned.values())


@pytest.mark.parametrize(
    ("found", "named"),
    [({"a.jar": "changed"}, "a.jar"), ({}, "a.jar"), ({"a.jar": "pinned", "b.jar": "new"}, "b.jar")],
    ids=["changed", "missing", "added"],
)
def test_nothing_is_installed_but_the_pinned_files(found, named):
    with pytest.raises(SystemExit, match=named):
        install.check(found, {"a.jar": "pinned"})


def test_the_pinned_files_pass(tmp_path):
    (tmp_path / "a.jar").write_bytes(b"engine")
    listed = "".join(f"{digest}  {name}\n" for name, digest in install.hashes_of(tmp_path).items())
    install.check(install.hashes_of(tmp_path), install.read_hashes(listed))


@pytest.mark.parametrize(
    ("printed", "version"), [("javac 17.0.15", 17), ("javac 1.8.0_402", 8), ("javac 21", 21), ("", 0)]
)
def test_the_compiler_tells_its_version(printed, version):
    assert install.java_version(printed) == version


def test_without_maven_one_is_told_how_to_get_it(monkeypatch):
    monkeypatch.setattr(install.shutil, "which", lambda name, path=None: None if name == "mvn" else f"/usr/bin/{name}")
    with pytest.raises(SystemExit, match="apt-get install openjdk-17-jdk-headless maven"):
        install.find_tools()


def test_the_engine_is_kept_in_the_cache_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert engines.engine_directory() == tmp_path / "vishmaker-dynamodb" / f"engine-{engines.ENGINE_VERSION}"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert engines.engine_directory().is_relative_to(Path.home() / ".cache")


def test_an_engine_that_is_not_there_is_fetched_with_make(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert engines.find_engine() is None
    with pytest.raises(engines.EngineNotInstalledError, match="make engine"), engines.dynamodb_local():
        pass


def test_a_missing_java_is_told_from_a_missing_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    (engines.engine_directory() / "lib").mkdir(parents=True)
    (engines.engine_directory() / "classes").mkdir()
    (engines.engine_directory() / "classes" / "LoopbackServer.class").touch()
    with pytest.raises(engines.EngineNotInstalledError, match="Java 17"), engines.dynamodb_local():
        pass
