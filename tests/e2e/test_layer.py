"""The Lambda layer is made of pinned wheels, is the same every time, and holds all that is needed: no more, no less."""

import hashlib
import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dynamodb.testing.engines import moto_server
from support import documents
from support.required import cannot_run

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
RUNTIME = ("botocore", "jmespath", "python-dateutil", "six", "urllib3")
UNREACHABLE = re.compile(r"NewConnectionError|Temporary failure in name resolution|ConnectTimeoutError|ProxyError")

# What a Lambda function does: everything is imported, a row is written and read, an address is checked.
PROGRAM = """
import sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path] + sys.argv[2:]

import dynamodb, dynamodb.streams, models.requirement, models.waitlist
from dynamodb.repositories import HierarchyRepository, WaitlistRepository

dynamodb.configure(endpoint=sys.argv[1])
dynamodb.warm()
answer = dynamodb.create_all_tables()
assert answer["status"] == "success", answer
flows = [{"name": "Flow", "high_level_requirement_list": [{"name": "HLR"}]}]
made = HierarchyRepository().create({"name": "Aware", "user_id": "u-1", "flows": flows})
assert HierarchyRepository(user_id="u-1").load(made.id) == made
assert WaitlistRepository().create({"email": "Ada@Example.org"}).email == "ada@example.org"

standard = sys.base_prefix
elsewhere = {
    name: module.__file__
    for name, module in sys.modules.items()
    if getattr(module, "__file__", None) and not module.__file__.startswith((standard, *sys.argv[2:]))
}
assert not elsewhere, elsewhere
"""

Build = Callable[..., Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build a layer, once for each set of options."""
    if platform.machine() != "x86_64" or sys.platform != "linux":
        cannot_run("the layer that is imported here is for Linux on x86_64")
    made: dict[tuple[str, ...], Path] = {}

    def built(*options: str, again: bool = False) -> Path:
        if options not in made or again:
            folder = tmp_path_factory.mktemp("layer")
            command = [sys.executable, str(ROOT / "tools" / "layer.py"), "--output", str(folder), *options]
            result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
            if result.returncode and UNREACHABLE.search(result.stderr):
                cannot_run("the package index cannot be reached")
            assert result.returncode == 0, result.stderr
            (made[options],) = folder.glob("*.zip")
            (folder / "printed.txt").write_text(result.stdout)
        return made[options]

    return built


def digest(layer: Path) -> str:
    """What two builds are compared by: of megabytes that differ pytest would draw the difference for hours."""
    return hashlib.sha256(layer.read_bytes()).hexdigest()


def names(layer: Path) -> list[str]:
    with zipfile.ZipFile(layer) as archive:
        return archive.namelist()


def unzipped(layer: Path, folder: Path) -> Path:
    with zipfile.ZipFile(layer) as archive:
        archive.extractall(folder)
    return folder / "python"


def use(*paths: Path) -> None:
    """Run the program with an empty site-packages: only Python's own library and these folders."""
    with moto_server() as endpoint:
        command = [sys.executable, "-I", "-S", "-W", "error", "-c", PROGRAM, endpoint, *map(str, paths)]
        environment = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 - ours
    assert result.returncode == 0, result.stderr


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """What Lambda's runtime has beside the layer: botocore and what it needs, nothing else."""
    folder = tmp_path / "runtime"
    for package in RUNTIME:
        for file in importlib.metadata.files(package) or []:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), target)
    return folder


def test_two_builds_are_the_same_bytes(build: Build) -> None:
    """Whoever builds the layer again can compare it with the one that is deployed."""
    options = ("--python", THIS)

    assert digest(build(*options)) == digest(build(*options, again=True))


def test_it_works_beside_the_runtimes_botocore(build: Build, runtime: Path, tmp_path: Path) -> None:
    """With what the Lambda runtime has, and an otherwise empty site-packages, everything works."""
    use(unzipped(build("--python", THIS), tmp_path / "opt"), runtime)


def test_it_works_alone_with_its_own_botocore(build: Build, tmp_path: Path) -> None:
    """With botocore bundled, nothing else is needed."""
    use(unzipped(build("--python", THIS, "--botocore", "bundled"), tmp_path / "opt"))


def test_it_holds_no_more_than_is_needed(build: Build) -> None:
    """No records of packages, tests, stubs, tools, bytecode that was not asked for, nor what the runtime has."""
    layer = build("--python", THIS)
    tops = {name.split("/")[1] for name in names(layer)}

    assert all(name.startswith("python/") for name in names(layer))
    assert {"dynamodb", "models", "pydantic", "pynamodb", "orjson", "email_validator"} <= tops
    assert not {"boto3", "botocore", "urllib3", "dateutil", "six.py", "jmespath", "moto", "typer", "bin"} & tops
    superfluous = re.compile(r"\.dist-info/|/__pycache__/|/tests?/|\.pyi$|/dynamodb/(testing|cli|infrastructure)/")
    assert not [name for name in names(layer) if superfluous.search(name)]


def test_it_says_what_is_in_it_and_how_large_it_is(build: Build) -> None:
    """Each package is printed with its size; the layer holds the list of versions that its packages' records had."""
    layer = build("--python", THIS)
    printed = (layer.parent / "printed.txt").read_text()
    with zipfile.ZipFile(layer) as archive:
        packages = archive.read("python/vishmaker-dynamodb-layer.txt").decode().split()

    assert {package.split("==")[0] for package in packages} >= {"pydantic", "pynamodb", "vishmaker-dynamodb"}
    for package in packages:
        assert re.search(rf"^{re.escape(package)} +[\d,]+ +[\d,]+ KB$", printed, flags=re.MULTILINE), package
    assert re.search(r"^sum +[\d,]+ +[\d,]+ KB$", printed, flags=re.MULTILINE)


def test_the_page_shows_what_is_in_it(build: Build) -> None:
    """docs/lambda.md lists the packages with the versions that a build has now, the largest first."""
    (shown,) = documents.blocks((documents.DOCS / "lambda.md").read_text(encoding="utf-8"), "text")
    printed = (build("--python", "3.13", "--arch", "arm64").parent / "printed.txt").read_text()
    packages = [re.findall(r"^(\S+==\S+)", text, flags=re.MULTILINE) for text in (shown, printed)]
    assert sorted(packages[0]) == sorted(packages[1])


def test_a_layer_for_another_architecture_has_its_libraries(build: Build) -> None:
    """A layer for ARM, built here, has compiled libraries for ARM and for its Python, and no others."""
    layer = build("--python", "3.13", "--arch", "arm64")
    with zipfile.ZipFile(layer) as archive:
        libraries = {name: archive.read(name)[:20] for name in archive.namelist() if name.endswith(".so")}

    assert {name.split("/")[1] for name in libraries} == {"orjson", "pydantic_core"}
    assert all("cpython-313-aarch64-linux-gnu" in name for name in libraries)
    aarch64 = (183).to_bytes(2, "little")  # e_machine in the ELF header
    assert all(header[:4] == b"\x7fELF" and header[18:20] == aarch64 for header in libraries.values())


def test_bytecode_is_used_as_it_is(build: Build, runtime: Path, tmp_path: Path) -> None:
    """Compiled modules are loaded without a look at their sources, which a layer's own dates would make stale."""
    layer = build("--python", THIS, "--bytecode", sys.executable)
    before, content = digest(layer), unzipped(layer, tmp_path / "opt")
    for source in (content / "dynamodb").rglob("*.py"):
        source.write_text("raise RuntimeError('compiled again')\n")

    use(content, runtime)
    assert before == digest(build("--python", THIS, "--bytecode", sys.executable, again=True))


def test_bytecode_of_another_version_is_refused() -> None:
    """An interpreter that is not the layer's would make bytecode that Lambda cannot use."""
    command = [sys.executable, "-c", "import runpy, sys; runpy.run_path(sys.argv[1])['add_bytecode'](*sys.argv[2:])"]
    command += [str(ROOT / "tools" / "layer.py"), "nowhere", sys.executable, "3.99"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool

    assert result.returncode != 0
    assert f"is Python {THIS}, the layer is for 3.99" in result.stderr
