"""Terraform in a folder of its own, the real binary and the real AWS provider, and the endpoint it works on."""

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from dynamodb._config import SIX_TABLE, prefixed
from dynamodb.infrastructure import TableShape, live_shape, model_shapes
from dynamodb.infrastructure.shapes import layout_models
from support.required import cannot_run

REPOSITORY = Path(__file__).resolve().parents[2]
INFRA = REPOSITORY / "infra"
REGION = "eu-west-1"
ACCOUNT = "123456789012"  # moto's

# The major versions that infra/versions.tf allows.
_ALLOWED = ("~> 5.80", "~> 6.0")

# Where the provider lies on machines without a registry: the variable, or what this script prints.
_MIRROR_SCRIPT = REPOSITORY.parent / "shared" / "bin" / "terraform-plugin-dir"


def terraform_binary() -> str:
    binary = shutil.which("terraform")
    if binary is None:
        cannot_run("terraform is not installed")
    return binary


@functools.cache
def _plugin_dir() -> str | None:
    if configured := os.environ.get("TERRAFORM_PLUGIN_DIR"):
        return configured
    if not _MIRROR_SCRIPT.is_file():
        return None
    found = subprocess.run([_MIRROR_SCRIPT], capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    return found.stdout.strip() or None


def provider_versions() -> list[str]:
    """The versions of the AWS provider that the tests run with.

    TERRAFORM_AWS_VERSION, for example "~> 6.0", chooses one. Otherwise it is the newest of each major version in the
    mirror, and where there is no mirror what the registry has of 5.x and 6.x.
    """
    if chosen := os.environ.get("TERRAFORM_AWS_VERSION"):
        return [chosen]
    mirror = _plugin_dir()
    if mirror is None:
        return list(_ALLOWED)
    found = (Path(mirror) / "registry.terraform.io" / "hashicorp" / "aws").glob("*")
    numbers = sorted(tuple(int(part) for part in path.name.split(".")) for path in found if path.is_dir())
    newest = {number[0]: ".".join(str(part) for part in number) for number in numbers}
    return list(newest.values())


class Root:
    """A copy of a Terraform configuration, for one version of the provider."""

    def __init__(
        self, source: Path, target: Path, *, subfolder: str = ".", provider: str, endpoint: str | None = None
    ) -> None:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        self.folder = target / subfolder
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        self._environment |= {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
        # Where the provider comes from the registry, once for all of these folders.
        if cache := os.environ.get("TF_PLUGIN_CACHE_DIR"):
            self._environment |= {"TF_PLUGIN_CACHE_DIR": cache}
        if endpoint:
            self._environment |= {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_REGION": REGION,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            }
        override = {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": provider}}}}
        (self.folder / "version_override.tf.json").write_text(json.dumps(override))

    def init(self) -> "Root":
        mirror = _plugin_dir()
        result = self.run("init", "-backend=false", *([f"-plugin-dir={mirror}"] if mirror else []))
        if result.returncode:
            cannot_run(f"terraform init cannot get the provider: {result.stderr.strip()[-300:]}")
        return self

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        plain = [] if arguments[0] in {"fmt", "providers", "version"} else ["-no-color"]
        return subprocess.run(  # noqa: S603 - the arguments are the tests' own
            [terraform_binary(), arguments[0], *plain, *arguments[1:]],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def must(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.returncode == 0, f"terraform {' '.join(arguments)}\n{result.stdout[-3000:]}\n{result.stderr}"
        return result.stdout

    def apply(self, **variables: object) -> None:
        self.must("apply", "-auto-approve", *self.flags(variables))

    def apply_saved(self) -> None:
        """Do what the last `plan` planned."""
        self.must("apply", "saved.plan")

    def destroy(self, **variables: object) -> "subprocess.CompletedProcess[str]":
        return self.run("destroy", "-auto-approve", *self.flags(variables))

    def pending(self, **variables: object) -> str | None:
        """What a plan would do; `None` if there is nothing to do."""
        result = self.run("plan", "-detailed-exitcode", *self.flags(variables))
        assert result.returncode in {0, 2}, result.stderr
        return result.stdout if result.returncode == 2 else None

    def plan(self, **variables: object) -> dict[str, Any]:
        self.must("plan", "-out=saved.plan", *self.flags(variables))
        document: dict[str, Any] = json.loads(self.must("show", "-json", "saved.plan"))
        return document

    def refused(self, **variables: object) -> str:
        """What a plan has against the variables."""
        result = self.run("plan", *self.flags(variables))
        assert result.returncode == 1, result.stdout
        return " ".join(result.stderr.replace("│", " ").split())

    def state(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.must("show", "-json"))
        return document

    def outputs(self) -> dict[str, Any]:
        return {name: output["value"] for name, output in json.loads(self.must("output", "-json")).items()}

    @staticmethod
    def flags(variables: Mapping[str, object]) -> list[str]:
        """Variables as arguments of a command."""
        words = {name: value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
        return [f"-var={name}={word}" for name, word in words.items()]


class Endpoint:
    """moto's server, clients of it, and the version of the provider that works on it."""

    def __init__(self, url: str, provider: str) -> None:
        self.url = url
        self.provider = provider

    def root(self, source: Path, target: Path, *, subfolder: str = ".") -> Root:
        """A copy of a Terraform configuration that is ready to make things here."""
        return Root(source, target, subfolder=subfolder, provider=self.provider, endpoint=self.url).init()

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def live(self, names: dict[str, str]) -> dict[str, TableShape]:
        client = self.client("dynamodb")
        existing = {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}
        return {
            name: live_shape(client.describe_table(TableName=name), client.describe_continuous_backups(TableName=name))
            for name in names.values()
            if name in existing
        }


def names_in(environment: str, layout: str = SIX_TABLE) -> dict[str, str]:
    """The module's names for the tables of an environment."""
    return {key: prefixed(key, f"{environment}-vishmaker-") for key in layout_models(layout)}


@dataclass(frozen=True)
class Applied:
    """What was applied, of one layout: its tables are `shapes`, and more than the defaults are `variables`."""

    root: Root
    layout: str
    environment: str
    variables: Mapping[str, object]

    @property
    def names(self) -> dict[str, str]:
        return names_in(self.environment, self.layout)

    @property
    def shapes(self) -> dict[str, TableShape]:
        return model_shapes(self.names, self.layout)
