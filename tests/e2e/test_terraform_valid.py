"""The Terraform configurations are well formed; part of `make check`."""

from pathlib import Path

import pytest

from support.terraform import INFRA, Root

ROOTS = [".", *sorted(str(path.parent.relative_to(INFRA)) for path in INFRA.glob("examples/*/main.tf"))]


def test_there_is_an_example():
    """The list of roots below is not empty by mistake."""
    assert "examples/production" in ROOTS


def test_terraform_fmt_changes_nothing(provider: str, tmp_path: Path):
    """Every file is written as `terraform fmt` writes it."""
    root = Root(INFRA, tmp_path / "infra", provider=provider)

    result = root.run("fmt", "-check", "-recursive", "-diff")

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("subfolder", ROOTS)
def test_terraform_validate_accepts(provider: str, tmp_path: Path, subfolder: str):
    """The module and each example are valid for the provider."""
    Root(INFRA, tmp_path / "infra", subfolder=subfolder, provider=provider).init().must("validate")
