"""What the layer's build tool decides by itself: which requirements, which platforms, which bytes."""

import importlib.util
import os
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[2] / "tools" / "layer.py"


@pytest.fixture(scope="module")
def layer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("layer", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(lines: list[str]) -> set[str]:
    return {line.split("==")[0] for line in lines}


def test_what_the_runtime_has_is_left_out(layer: ModuleType) -> None:
    """botocore and all that only it needs stay out unless they are asked for; nothing else does."""
    without = list(layer.requirements("3.13", "arm64", bundled=False))
    bundled = list(layer.requirements("3.13", "arm64", bundled=True))

    assert {"pynamodb", "pydantic", "pydantic-core", "orjson", "email-validator"} <= names(without)
    assert names(bundled) - names(without) == {"botocore", "jmespath", "python-dateutil", "six", "urllib3"}


def test_every_requirement_is_pinned_with_hashes(layer: ModuleType) -> None:
    """pip gets nothing that it could resolve to something else."""
    for line in layer.requirements("3.11", "x86_64", bundled=True):
        assert line.count("==") == 1, line
        assert "--hash=sha256:" in line, line
        assert ";" not in line, line


def test_conditions_are_those_of_the_layers_python(
    layer: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A requirement for older Pythons, or for another architecture, goes into those layers only."""
    pinned = tmp_path / "layer.txt"
    pinned.write_text(
        'old==1.0 ; python_full_version < "3.12" \\\n    --hash=sha256:00\n    # via us\n'
        'arm==1.0 ; platform_machine == "aarch64" \\\n    --hash=sha256:01 \\\n    --hash=sha256:02\n'
        'windows==1.0 ; sys_platform == "win32" \\\n    --hash=sha256:03\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(layer, "REQUIREMENTS", pinned)

    assert list(layer.requirements("3.11", "x86_64", bundled=False)) == ["old==1.0  --hash=sha256:00"]
    assert list(layer.requirements("3.13", "arm64", bundled=False)) == ["arm==1.0  --hash=sha256:01 --hash=sha256:02"]


def test_platforms_are_those_that_lambda_can_load(layer: ModuleType) -> None:
    """A wheel for a newer C library than that of Lambda's image is no choice."""
    on_al2 = layer.platform_tags("3.11", "x86_64")
    on_al2023 = layer.platform_tags("3.12", "arm64")

    assert on_al2[0] == "manylinux_2_26_x86_64"
    assert on_al2023[0] == "manylinux_2_34_aarch64"
    assert {"manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"} <= set(on_al2023)


def test_the_zip_tells_nothing_of_where_and_when_it_was_made(layer: ModuleType, tmp_path: Path) -> None:
    """Files made in another order, at another time, with other permissions give the same bytes."""
    zips = []
    for number, order in enumerate([("a.py", "b/c.py"), ("b/c.py", "a.py")]):
        content = tmp_path / str(number) / "python"
        for name in order:
            file = content / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
            file.chmod(0o600 + number * 0o77)
            os.utime(file, (10**9 * number, 10**9 * number))
        target = tmp_path / f"{number}.zip"
        layer.pack(content, target)
        zips.append(target.read_bytes())

    assert zips[0] == zips[1]
    with zipfile.ZipFile(tmp_path / "0.zip") as archive:
        assert archive.namelist() == ["python/a.py", "python/b/c.py"]
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


@pytest.mark.parametrize(
    ("path", "goes"),
    [
        ("pydantic/main.py", False),
        ("pydantic_core/_pydantic_core.cpython-313-aarch64-linux-gnu.so", False),
        ("dynamodb/_testing.py", False),
        ("orjson/py.typed", True),
        ("orjson/__init__.pyi", True),
        ("package/tests/test_it.py", True),
        ("package/__pycache__/main.cpython-313.pyc", True),
        ("bin/script", True),
        ("dynamodb/testing/plugin.py", True),
        ("dynamodb/cli/_app.py", True),
        ("models/tables.py", False),
    ],
)
def test_only_what_an_import_needs_stays(layer: ModuleType, path: str, goes: bool) -> None:  # noqa: FBT001 - the expectation
    """Tests, stubs, scripts and this package's own tools go; modules and libraries stay."""
    assert bool(layer.is_not_needed(path)) is goes
