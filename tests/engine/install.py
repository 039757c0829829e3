"""Fetch DynamoDB Local with Maven, check every file against its pinned hash and put it into the user's cache.

Run by `make engine`; does nothing when the engine is already there. `--write-hashes` pins what Maven gives now:
for a new version of the engine, after changing its number in pom.xml and in dynamodb.testing.engines.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dynamodb.testing.engines import ENGINE_VERSION, engine_directory, find_engine, find_java

HERE = Path(__file__).resolve().parent
HASHES = HERE / "sha256.txt"
SOURCE = HERE / "LoopbackServer.java"
JAVA_NEEDED = 17


def main(arguments: list[str]) -> None:
    write_hashes = arguments == ["--write-hashes"]
    target = engine_directory()
    if not write_hashes and is_current(target):
        sys.stdout.write(f"DynamoDB Local {ENGINE_VERSION} is already in {target}\n")
        return
    maven, compiler = find_tools()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as made:
        work = Path(made, "engine")
        fetch(maven, work / "lib")
        if write_hashes:
            HASHES.write_text("".join(f"{digest}  {name}\n" for name, digest in hashes_of(work / "lib").items()))
        check(hashes_of(work / "lib"), read_hashes(HASHES.read_text()))
        run(compiler, "-cp", f"{work / 'lib'}/*", "-d", str(work / "classes"), str(SOURCE))
        shutil.copy(SOURCE, work)
        # The directory appears complete or not at all.
        if target.exists():
            shutil.rmtree(target)
        work.rename(target)
    sys.stdout.write(f"DynamoDB Local {ENGINE_VERSION} is now in {target}\n")


def is_current(target: Path) -> bool:
    """Whether the engine is there and was built from the launcher as it is now."""
    copy = target / SOURCE.name
    return find_engine() is not None and copy.is_file() and copy.read_bytes() == SOURCE.read_bytes()


def find_tools() -> tuple[str, str]:
    """Find Maven and the Java compiler, or end with how to get them."""
    java = find_java()
    compiler = java and shutil.which("javac", path=str(Path(java).resolve().parent))
    compiler = compiler or shutil.which("javac")
    maven = shutil.which("mvn")
    if not (java and compiler and maven):
        sys.exit(
            f"make engine needs a JDK of version {JAVA_NEEDED} or newer (java and javac) and Maven (mvn):\n"
            "  Debian, Ubuntu: apt-get install openjdk-17-jdk-headless maven\n"
            "  macOS:          brew install openjdk@17 maven\n"
            "  Windows:        winget install Microsoft.OpenJDK.17, and Maven from its own site\n"
            "The tests run on moto without it."
        )
    version = java_version(run(compiler, "-version"))
    if version < JAVA_NEEDED:
        sys.exit(f"make engine needs a JDK of version {JAVA_NEEDED} or newer, {compiler} is {version}: set JAVA_HOME")
    return maven, compiler


def java_version(printed: str) -> int:
    """The major version in what `javac -version` prints; 8 and older say `1.8`."""
    found = re.search(r"javac (?:1\.)?(\d+)", printed)
    return int(found[1]) if found else 0


def fetch(maven: str, target: Path) -> None:
    run(
        maven,
        "--batch-mode",
        "--quiet",
        "--strict-checksums",
        "--file",
        str(HERE / "pom.xml"),
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={target}",
    )


def hashes_of(directory: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(directory.iterdir())}


def read_hashes(text: str) -> dict[str, str]:
    return {name: digest for digest, name in (line.split() for line in text.splitlines())}


def check(found: dict[str, str], pinned: dict[str, str]) -> None:
    """End when the files are not exactly the pinned ones."""
    if found != pinned:
        different = sorted({name for name, _ in found.items() ^ pinned.items()})
        sys.exit(f"not what is pinned in {HASHES}, nothing was installed: {', '.join(different)}")


def run(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed commands
    if result.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


if __name__ == "__main__":
    main(sys.argv[1:])
