"""The virtual environments of the benchmark: one a contender, made again when its pins change.

Run it with any Python that the project supports; it needs nothing but the standard library.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_ENVIRONMENTS = ROOT / ".venv-bench"
_PINS = ROOT / "requirements" / "bench"


def names() -> list[str]:
    """Return the names of all environments."""
    return sorted(pins.stem for pins in _PINS.glob("*.txt"))


def python(name: str) -> Path:
    """Return the interpreter of an environment."""
    folder, program = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return _ENVIRONMENTS / name / folder / program


def make(name: str) -> None:
    """Make an environment if it is missing or its pins have changed."""
    pins, home = _PINS / f"{name}.txt", _ENVIRONMENTS / name
    stamp = home / ".pins"
    current = f"{sys.version}\n{hashlib.sha256(pins.read_bytes()).hexdigest()}\n"
    if stamp.exists() and stamp.read_text() == current:
        return
    shutil.rmtree(home, ignore_errors=True)
    # A copied interpreter cannot be run while a process that another thread forked still has it open for writing.
    venv.create(home, with_pip=True, symlinks=os.name != "nt")
    pip = [str(python(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(pins)], check=True)
    # pip's own distributions are no part of what a contender needs at run time, and are found at every start.
    subprocess.run([*pip[:3], "uninstall", "--quiet", "--yes", "setuptools"], check=True)
    stamp.write_text(current)


def main() -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(make, names()))


if __name__ == "__main__":
    main()
