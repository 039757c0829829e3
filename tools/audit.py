"""Ask for known vulnerabilities of everything that is pinned in requirements/.

    python tools/audit.py

pip-audit asks PyPI, and where that does not answer OSV. A vulnerability that is known makes the exit status 1. Where
nobody answers nothing is known, which is said and is no failure: the machine may have no network, or a mirror that has
packages and no advisories. Run it with the Python of the security tools' environment (`make audit`).
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
SERVICES = ("pypi", "osv")

#: `name==version`
Pin = str

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", flags=re.MULTILINE)
#: What pip-audit's error says where its service was not reached.
_UNREACHED = re.compile(
    r"ConnectionError|NameResolution|Timeout|timed out|Could not connect|Max retries|ProxyError|50[234] Server Error"
)


@dataclass
class Found:
    """What the advisories say.

    Attributes:
        vulnerable: for each pin its vulnerabilities, a line each.
        looked_up: pins that an advisory database knew.
    """

    vulnerable: dict[Pin, list[str]] = field(default_factory=dict)
    looked_up: set[Pin] = field(default_factory=set)


def main() -> int:
    """Audit all pins and print what came of it; return the exit status."""
    files = pins_by_file(ROOT / "requirements")
    everything = sorted({pin for pins in files.values() for pin in pins})
    found = Found()
    for service in SERVICES:
        missing = [pin for pin in everything if pin not in found.looked_up]
        for group in without_repeats(missing):
            ask(service, group, found)
    print("\n".join(verdict(files, found)))
    return 1 if found.vulnerable else 0


def pins_by_file(folder: Path) -> dict[str, set[Pin]]:
    """Return the pins of each requirements file under a folder."""
    return {
        path.relative_to(folder.parent).as_posix(): {
            f"{name}=={version}" for name, version in _PIN.findall(path.read_text(encoding="utf-8"))
        }
        for path in sorted(folder.rglob("*.txt"))
    }


def without_repeats(pins: Iterable[Pin]) -> Iterator[list[Pin]]:
    """Share pins out so that no group has a package twice: pip-audit takes one version of each."""
    versions: dict[str, list[Pin]] = defaultdict(list)
    for pin in pins:
        versions[re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower()].append(pin)
    while rest := [pins_of for pins_of in versions.values() if pins_of]:
        yield [pins_of.pop() for pins_of in rest]


def ask(service: str, pins: Sequence[Pin], found: Found) -> None:
    """Ask one advisory database about pins, and add what it says.

    Raises:
        SystemExit: if pip-audit fails for another reason than that nobody answered.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
        listed.write("\n".join(pins) + "\n")
        listed.flush()
        command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, "--requirement", listed.name]
        command += ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - pinned, and ours
    if result.stdout.startswith("{"):
        read(json.loads(result.stdout), found)
    elif not _UNREACHED.search(result.stderr):
        sys.exit(f"pip-audit failed:\n{result.stderr}")


def read(report: Mapping[str, list[dict]], found: Found) -> None:
    """Add a report of pip-audit's. A package that the database does not know is skipped, and not looked up."""
    for package in report["dependencies"]:
        if "skip_reason" in package:
            continue
        pin = f"{package['name']}=={package['version']}"
        found.looked_up.add(pin)
        if problems := package.get("vulns"):
            found.vulnerable[pin] = [
                f"{problem['id']} ({', '.join(problem.get('aliases') or ['no other name'])}): "
                f"fixed in {', '.join(problem.get('fix_versions') or ['no version yet'])}"
                for problem in problems
            ]


def verdict(files: Mapping[str, set[Pin]], found: Found) -> Iterator[str]:
    """Say what came of it, line by line: what is vulnerable and where, what nobody knows, or that nobody answered."""
    everything = {pin for pins in files.values() for pin in pins}
    unknown = sorted(everything - found.looked_up)
    for pin, problems in sorted(found.vulnerable.items()):
        places = ", ".join(name for name, pins in files.items() if pin in pins)
        yield from (f"VULNERABLE {pin} in {places}: {problem}" for problem in problems)
    if not found.looked_up:
        yield (
            f"NOT AUDITED: no advisory database answered about any of {len(everything)} pins. Nothing is known of "
            "them, good or bad; run `make audit` where PyPI's or OSV's own server can be reached"
        )
        return
    if unknown:
        yield f"no advisory database knows {len(unknown)} of {len(everything)} pins: {', '.join(unknown)}"
    count = len(found.looked_up)
    yield f"{count} of {len(everything)} pins looked up, {len(found.vulnerable)} with known vulnerabilities"


if __name__ == "__main__":
    sys.exit(main())
