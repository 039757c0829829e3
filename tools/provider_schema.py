"""Write down what each release of Terraform's AWS provider lets `infra/` say, for the tests that read it there.

    pip download --no-deps --dest /tmp/bindings cdktn-provider-aws==25.8.1 cdktf-cdktf-provider-aws==19.46.0
    python tools/provider_schema.py /tmp/bindings/*.whl

The provider itself is hundreds of megabytes for each release. The packages of generated bindings are made from its
schema: they declare every argument, and whether it is required. One file a release is written to
tests/data/terraform-aws; a test holds that of the installed release against the provider itself.
"""

import io
import json
import re
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data" / "terraform-aws"

_RELEASE = re.compile(r"hashicorp/aws provider version (\d+\.\d+\.\d+)")
# An argument as the bindings declare it: its address in the documentation, its name, `?` if it is optional, its type.
_ARGUMENT = re.compile(r"#(?P<name>\w+) \w+#\w+}(?:(?!\*/)[\s\S])*\*/\s+readonly \w+(?P<optional>\??): (?P<type>\w*)")
_INTERFACE = re.compile(r"^export interface (\w+)[^{]*{\n([\s\S]*?)^}", re.MULTILINE)
_RESOURCE = re.compile(
    r"^export declare class \w+ extends \w+\.Terraform(?:Resource|DataSource) {\n([\s\S]*?)^}", re.MULTILINE
)
_GETTER = re.compile(r"^    get (\w+)\(\)", re.MULTILINE)


def main() -> None:
    """Write one file for each wheel that is named."""
    used = sorted(used_types())
    for wheel in sys.argv[1:]:
        release, code = unpack(Path(wheel), used)
        schema = {kind: members(code[kind]) for kind in used}
        file = DATA / f"{release}.json"
        file.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{file.relative_to(ROOT)}: {len(schema)} resources and data sources")


def used_types() -> set[str]:
    """Return the resources and data sources (`data.…`) of all Terraform files."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "infra").rglob("*.tf"))
    blocks = re.findall(r'^(resource|data) "(aws_\w+)"', text, re.MULTILINE)
    return {("data." if kind == "data" else "") + name for kind, name in blocks}


def unpack(wheel: Path, used: list[str]) -> tuple[str, dict[str, str]]:
    """Return the provider's release that a wheel was made for, and the code of each resource that is used."""
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        metadata = package.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
        bundle = package.read(next(name for name in names if name.endswith(".jsii.tgz")))
    release = _RELEASE.search(metadata)
    if release is None:
        raise SystemExit(f"{wheel}: these are no bindings of hashicorp/aws")
    folders = {f"package/lib/{name.replace('.', '-').replace('_', '-')}/index.d.ts": name for name in used}
    # Resources lie in the folder of their name without the prefix, data sources with it.
    folders = {path.replace("lib/aws-", "lib/"): name for path, name in folders.items()}
    code = {}
    with tarfile.open(fileobj=io.BytesIO(bundle)) as archive:
        for entry in archive:
            if entry.name in folders and (file := archive.extractfile(entry)) is not None:
                code[folders[entry.name]] = file.read().decode()
    return release[1], code


def members(code: str) -> dict[str, Any]:
    """Return a resource's arguments, `required` or `optional`, and what it only tells, `read-only`.

    A block is a pair: whether it is required, and the arguments that it holds.
    """
    interfaces: dict[str, str] = {found[1]: found[2] for found in _INTERFACE.finditer(code)}
    arguments = _arguments(next(name for name in interfaces if name.endswith("Config")), interfaces)
    (resource,) = _RESOURCE.findall(code)
    # Each argument has a getter for what was given, too: `<argument>Input`.
    told = {_snake(name) for name in _GETTER.findall(resource) if not name.endswith("Input")}
    return arguments | dict.fromkeys(told - arguments.keys(), "read-only")


def _arguments(interface: str, interfaces: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for argument in _ARGUMENT.finditer(interfaces[interface]):
        says = "optional" if argument["optional"] else "required"
        held = argument["type"]
        found[argument["name"]] = [says, _arguments(held, interfaces)] if held in interfaces else says
    return found


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


if __name__ == "__main__":
    main()
