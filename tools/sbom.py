"""Write what is in the Lambda layer as a CycloneDX software bill of materials: the same bytes every time.

    python tools/sbom.py --python 3.13 --arch arm64

It is made from the pins that the layer is built from, for its Python and architecture: pip says which wheel it would
install for each, with its SHA-256, licence and dependencies, and downloads none where the index has its metadata. There
is no time in it, and its serial number follows from its content. Run it with the Python of the security tools'
environment (`make sbom`).
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from layer import ROOT, file_name, platform_tags, requirements
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_NAMESPACE = uuid.UUID("4c9f0a52-6a0b-5d0a-9d1e-3c3f6f1d8a11")
#: What our own package brings in beside its dependencies: the layer has it, for sign-ups.
_EXTRA = "waitlist"


def main() -> None:
    """Write the bill of materials of one layer."""
    parser = argparse.ArgumentParser(description="Write what is in the Lambda layer, as CycloneDX JSON.")
    parser.add_argument("--python", default="3.13", metavar="VERSION", help="Lambda's Python, 3.11 or newer")
    parser.add_argument("--arch", default="x86_64", choices=["arm64", "x86_64"], help="Lambda's architecture")
    parser.add_argument("--botocore", default="runtime", choices=["runtime", "bundled"], help="whose botocore is used")
    parser.add_argument("--output", type=Path, metavar="DIRECTORY", default=ROOT / "dist", help="where the file goes")
    given = parser.parse_args()
    bundled = given.botocore == "bundled"
    text = written(bill(packages(given.python, given.arch, bundled=bundled), given.python, given.arch))
    given.output.mkdir(parents=True, exist_ok=True)
    target = given.output / file_name(given.python, given.arch, bundled=bundled, suffix=".cdx.json")
    target.write_text(text, encoding="utf-8")
    print(target)


def packages(python: str, arch: str, *, bundled: bool) -> list[dict[str, Any]]:
    """Ask pip which wheels the layer is made of.

    Returns:
        The `install` part of pip's report (https://pip.pypa.io/en/stable/reference/installation-report/).

    Raises:
        SystemExit: if pip fails.
    """
    with tempfile.TemporaryDirectory(prefix="sbom-") as folder:
        pinned, report = Path(folder, "requirements.txt"), Path(folder, "report.json")
        pinned.write_text("\n".join(requirements(python, arch, bundled=bundled)) + "\n", encoding="utf-8")
        platforms = [part for tag in platform_tags(python, arch) for part in ("--platform", tag)]
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        command += ["--dry-run", "--ignore-installed", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
        command += ["--implementation", "cp", "--python-version", python, *platforms, "--target", folder]
        command += ["--requirement", str(pinned), "--report", str(report)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pip, with our pins
        if result.returncode:
            sys.exit(f"pip failed:\n{result.stderr}")
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["install"]
        return found


def bill(installed: list[dict[str, Any]], python: str, arch: str) -> Bom:
    """Return the bill of materials: a component for each package, and who needs whom.

    Args:
        installed: as `packages` gives it.
        python: the layer's Python.
        arch: its architecture.
    """
    own = own_package()
    made = Bom()
    made.metadata.component = own
    components = {canonicalize_name(one["metadata"]["name"]): component(one) for one in installed}
    made.components.update(components.values())
    needs = {canonicalize_name(one["metadata"]["name"]): one["metadata"].get("requires_dist", []) for one in installed}
    environment = {"python_version": python, "python_full_version": f"{python}.0", "platform_machine": arch}
    for name, needed in needs.items():
        there = [components[other] for other in needed_names(needed, environment) if other in components]
        made.register_dependency(components[name], there)
    direct = [components[name] for name in needed_names(own_requirements(), environment) if name in components]
    made.register_dependency(own, direct)
    return made


def own_package() -> Component:
    """Return our own package, which the layer is there for."""
    source = (ROOT / "src" / "dynamodb" / "_version.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^__version__ = "([^"]+)"', source, flags=re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = project["name"]
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{name}=={version}",
        description=project["description"],
        licenses=[LicenseFactory().make_from_string(project["license"])],
        purl=PackageURL("pypi", name=name, version=version),
    )


def own_requirements() -> list[str]:
    """Return what our own package needs in a layer."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"][_EXTRA]]


def component(installed: Mapping[str, Any]) -> Component:
    """Return a package as a component: its version, the hash of the very wheel, its licences."""
    metadata = installed["metadata"]
    name, version = canonicalize_name(metadata["name"]), metadata["version"]
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{name}=={version}",
        description=metadata.get("summary"),
        hashes=[
            HashType(alg=HashAlgorithm.SHA_256, content=installed["download_info"]["archive_info"]["hashes"]["sha256"])
        ],
        licenses=list(licenses(metadata)),
        purl=PackageURL("pypi", name=name, version=version),
    )


def licenses(metadata: Mapping[str, Any]) -> Iterator[Any]:
    """Return a package's licences: an SPDX expression or id where its metadata has one, else its classifiers' words."""
    factory = LicenseFactory()
    said = metadata.get("license_expression") or metadata.get("license") or ""
    known = factory.make_from_string(said) if said else None
    classified = [one.rsplit(" :: ", 1)[-1] for one in metadata.get("classifier", []) if one.startswith("License ::")]
    if known is not None and not (isinstance(known, DisjunctiveLicense) and known.name and classified):
        yield known
        return
    yield from (factory.make_with_name(name) for name in classified)


def needed_names(needed: list[str], environment: Mapping[str, str]) -> list[str]:
    """Return the names of requirements that hold in an environment, those of extras left out."""
    asked = {**environment, "extra": "", "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    asked |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    wanted = (Requirement(line) for line in needed)
    return sorted(canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate(asked))


def written(made: Bom) -> str:
    """Return a bill of materials as JSON that only its content decides.

    Raises:
        SystemExit: if it is not what CycloneDX's schema says.
    """
    document = json.loads(JsonV1Dot6(made).output_as_string())
    del document["serialNumber"], document["metadata"]["timestamp"]
    content = json.dumps(document, sort_keys=True)
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}"
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"the bill of materials is not valid: {problem}")
    return text


if __name__ == "__main__":
    main()
