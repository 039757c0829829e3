"""Build the Lambda layer: the data layer and what it needs, as a zip that is the same bytes every time.

    python tools/layer.py --python 3.13 --arch arm64

Everything comes from wheels with pinned hashes (requirements/layer.txt) for Lambda's platform, so that a layer for one
architecture can be built on another. What the Lambda runtime has itself is left out; `--botocore bundled` takes it in.
Run it with the Python of the development environment: it needs `build`, `hatchling`, `packaging` and pip.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements" / "layer.txt"

#: What the Lambda runtime brings: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included
RUNTIME = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"})
#: Lambda's names of the architectures to those of wheels.
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
#: The C library of Lambda's images: Amazon Linux 2 has 2.26, Amazon Linux 2023 (from Python 3.12 on) 2.34.
_GLIBC_OF_AL2, _GLIBC_OF_AL2023 = 26, 34
_OLDEST_GLIBC = 17
_FIRST_PYTHON_ON_AL2023 = (3, 12)
#: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a function with its layers, unzipped.
LIMIT_BYTES = 250 * 1024 * 1024

# Of our own package: what only people and their machines use.
_TOOLS = ("dynamodb/__main__.py", "dynamodb/cli/", "dynamodb/doctor/", "dynamodb/infrastructure/")
_TOOLS += ("dynamodb/migration/", "dynamodb/testing/")
# Scripts, tests, type stubs and compiled files: nothing that an import needs.
_NOT_NEEDED = re.compile(r"(^|/)(__pycache__|bin|tests?)/|\.(pyi|pyc)$|(^|/)py\.typed$")
# A zip's oldest date. Nothing in a layer is dated otherwise: the same input gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_PERMISSIONS = 0o100644 << 16


def main() -> None:
    """Build a layer and print its size by package."""
    parser = argparse.ArgumentParser(description="Build the Lambda layer.")
    parser.add_argument("--python", default="3.13", metavar="VERSION", help="Lambda's Python, 3.11 or newer")
    parser.add_argument("--arch", default="x86_64", choices=sorted(MACHINES), help="Lambda's architecture")
    parser.add_argument("--botocore", default="runtime", choices=["runtime", "bundled"], help="whose botocore is used")
    parser.add_argument("--bytecode", metavar="PYTHON", help="compile with this interpreter, of the same version")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY", default=ROOT / "dist", help="where the zip goes")
    given = parser.parse_args()
    if not re.fullmatch(r"3\.\d+", given.python) or version(given.python) < (3, 11):
        parser.error(f"--python: {given.python} is not 3.11 or newer")
    with tempfile.TemporaryDirectory(prefix="layer-") as folder:
        content, names = collect(Path(folder), given.python, given.arch, bundled=given.botocore == "bundled")
        if given.bytecode:
            add_bytecode(content, given.bytecode, given.python)
        given.output.mkdir(parents=True, exist_ok=True)
        target = given.output / file_name(given.python, given.arch, bundled=given.botocore == "bundled", suffix=".zip")
        pack(content, target)
        report(names, target)
    if not given.bytecode:
        print("without bytecode, which every cold start makes again: --bytecode adds it")


def file_name(python: str, arch: str, *, bundled: bool, suffix: str) -> str:
    """Return what a layer's file is called; its bill of materials has the same name with another suffix."""
    return f"vishmaker-dynamodb-layer-python{python}-{arch}{'-with-botocore' if bundled else ''}{suffix}"


def version(python: str) -> tuple[int, int]:
    """Return a Python version as two numbers."""
    major, minor = python.split(".")
    return int(major), int(minor)


def collect(folder: Path, python: str, arch: str, *, bundled: bool) -> tuple[Path, dict[str, str]]:
    """Install what goes into the layer, and leave only what an import needs.

    Args:
        folder: an empty folder to work in.
        python: Lambda's Python version.
        arch: Lambda's name of the architecture.
        bundled: whether botocore and what it needs are among it.

    Returns:
        The folder with the content, and for each file in it (by its path there) the package that it belongs to.
    """
    pinned = folder / "requirements.txt"
    pinned.write_text("\n".join(requirements(python, arch, bundled=bundled)) + "\n", encoding="utf-8")
    content = folder / "content" / "python"
    platforms = [part for tag in platform_tags(python, arch) for part in ("--platform", tag)]
    target = ["--target", str(content), "--no-deps", "--no-compile"]
    elsewhere = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python, *platforms]
    run("pip", "install", *target, *elsewhere, "--require-hashes", "--requirement", str(pinned))
    run("build", "--wheel", "--no-isolation", "--outdir", str(folder / "wheel"), str(ROOT))
    # Beside the others, not after them: pip warns of a target that is there.
    (own,) = (folder / "wheel").glob("*.whl")
    with zipfile.ZipFile(own) as wheel:
        wheel.extractall(content)
    names = owners(content)
    for path in sorted(content.rglob("*"), reverse=True):
        inside = path.relative_to(content).as_posix()
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif is_not_needed(inside):
            path.unlink()
    # Without the packages' own records this says what is in the layer.
    versions = sorted(set(names.values()))
    (content / "vishmaker-dynamodb-layer.txt").write_text("\n".join(versions) + "\n", encoding="utf-8")
    return content, names


def is_not_needed(path: str) -> bool:
    """Say whether a file of a package, by its path in the layer, is nothing that an import needs."""
    return ".dist-info/" in path or bool(_NOT_NEEDED.search(path)) or path.startswith(_TOOLS)


def requirements(python: str, arch: str, *, bundled: bool) -> Iterator[str]:
    """Go through the pinned requirements, each with its hashes, that are for this Python and architecture.

    pip asks the Python that it runs on about the conditions (`; python_version < "3.12"`), not the one it installs for.
    """
    target = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": MACHINES[arch],
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    text = re.sub(r"^\s*#.*\n", "", REQUIREMENTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        named, *hashes = line.split("--hash=")
        requirement = Requirement(named)
        if requirement.marker and not requirement.marker.evaluate(target):
            continue
        if bundled or requirement.name not in RUNTIME:
            yield " --hash=".join([f"{requirement.name}{requirement.specifier} ", *(one.strip() for one in hashes)])


def platform_tags(python: str, arch: str) -> list[str]:
    """Return the platforms whose wheels Lambda can load, the newest C library first."""
    newest = _GLIBC_OF_AL2023 if version(python) >= _FIRST_PYTHON_ON_AL2023 else _GLIBC_OF_AL2
    tags = [f"manylinux_2_{minor}_{MACHINES[arch]}" for minor in range(newest, _OLDEST_GLIBC - 1, -1)]
    return [*tags, f"manylinux2014_{MACHINES[arch]}"]


def owners(content: Path) -> dict[str, str]:
    """Return for each file the package it was installed from, as `name==version`."""
    found: dict[str, str] = {}
    for record in content.glob("*.dist-info"):
        package = Distribution.at(record)
        for file in package.files or []:
            found[file.as_posix()] = f"{package.metadata['Name']}=={package.version}"
    return found


def add_bytecode(content: Path, interpreter: str, python: str) -> None:
    """Compile all modules: a layer is read-only, so that what it lacks is compiled again at every cold start.

    The files carry no dates and are not compared with their sources.

    Args:
        content: the folder that becomes `/opt/python`.
        interpreter: a Python of the layer's version; any architecture and system does.
        python: the layer's version.

    Raises:
        SystemExit: if the interpreter is of another version.
    """
    asked = [interpreter, "-c", "import sys; print('{}.{}'.format(*sys.version_info))"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - the caller's interpreter
    if found != python:
        sys.exit(f"--bytecode: {interpreter} is Python {found or 'of no known version'}, the layer is for {python}")
    command = [interpreter, "-S", "-s", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    # In the order of the names and without random hashes, or sets in the bytecode would change their order.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    command += ["-s", str(content), "-p", "/opt/python", str(content)]
    subprocess.run(command, check=True, env=environment)  # noqa: S603 - the caller's interpreter


def pack(content: Path, target: Path) -> None:
    """Write the zip: files in order of their names, all of one date, readable by all."""
    target.unlink(missing_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as layer:
        for path in sorted(content.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(content.parent).as_posix(), _DATE)
                entry.external_attr = _PERMISSIONS
                entry.compress_type = zipfile.ZIP_DEFLATED
                layer.writestr(entry, path.read_bytes(), compresslevel=9)


def report(names: dict[str, str], target: Path) -> None:
    """Print the size of each package, unzipped and zipped, the largest first.

    Raises:
        SystemExit: if the layer alone is over Lambda's limit.
    """
    unzipped: Counter[str] = Counter()
    zipped: Counter[str] = Counter()
    with zipfile.ZipFile(target) as layer:
        for entry in layer.infolist():
            source = re.sub(r"__pycache__/([^/]+?)\.[^/]+\.pyc$", r"\1.py", entry.filename.removeprefix("python/"))
            package = names.get(source, "(list of contents)")
            unzipped[package] += entry.file_size
            zipped[package] += entry.compress_size
    width = max(map(len, unzipped))
    print(f"{'package':{width}}  unzipped     zipped")
    for package, size in [*unzipped.most_common(), ("sum", unzipped.total())]:
        print(f"{package:{width}}  {size / 1024:8,.0f}  {zipped.get(package, target.stat().st_size) / 1024:9,.0f} KB")
    print(target)
    if unzipped.total() > LIMIT_BYTES:
        sys.exit(f"the layer is over Lambda's limit of {LIMIT_BYTES} bytes unzipped")


def run(module: str, *arguments: str) -> None:
    """Run a tool of this environment; what it prints is shown only where it fails.

    Raises:
        SystemExit: if it fails.
    """
    # hatchling dates the files in a wheel by this: 1980-01-02, so that no time zone makes it older than a zip can say.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "315619200"}
    quiet = ["--disable-pip-version-check", "--no-input"] if module == "pip" else []
    command = [sys.executable, "-m", module, *quiet, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)  # noqa: S603 - our own tools
    if result.returncode:
        print(result.stdout, result.stderr, sep="\n", file=sys.stderr)
        sys.exit(f"{module} failed: {shutil.which(sys.executable)} -m {module} {' '.join(arguments)}")


if __name__ == "__main__":
    main()
