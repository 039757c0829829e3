"""The Terraform module, applied with the real binary and the real AWS provider to moto's server on loopback.

What moto cannot show: it does not keep maximum throughput (OnDemandThroughput), so that a plan after an apply would
always want to set it; limits are looked at in a plan only. Its UpdateTable ignores SSESpecification, so that encryption
can be shown for new tables only.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from dynamodb import TABLE_NAMES, configure
from dynamodb import _environment as environment
from dynamodb._config import LAYOUTS, SINGLE_TABLE, SIX_TABLE
from dynamodb.infrastructure import (
    ROLES,
    compare,
    model_shapes,
    policy_document,
    render,
    terraform_shapes,
)
from support.cli import Cli
from support.hcl import read_blocks
from support.provider_schema import recorded_releases, recorded_schema, refused, schema_of_provider, settable
from support.terraform import ACCOUNT, INFRA, REGION, Applied, Endpoint, Root, names_in

pytestmark = pytest.mark.slow

NAME_VARIABLES = environment.TABLES | environment.SINGLE_TABLE


def own_root(endpoint: Endpoint, tmp_path: Path) -> Root:
    return endpoint.root(INFRA, tmp_path / "infra")


def in_any_order(document: dict[str, Any]) -> list[dict[str, Any]]:
    """A policy with its actions and resources as sorted lists, however they were written."""

    def listed(value: str | list[str]) -> list[str]:
        return sorted([value] if isinstance(value, str) else value)

    return [
        statement | {"Action": listed(statement["Action"]), "Resource": listed(statement["Resource"])}
        for statement in document["Statement"]
    ]


def granted_by(document: dict[str, Any]) -> set[tuple[str, str]]:
    """What a policy allows, as pairs of an action and a resource."""
    return {
        (action, resource)
        for statement in in_any_order(document)
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def table_changes(plan: dict[str, Any]) -> dict[str, list[str]]:
    """What a plan does to tables, by their name."""
    return {
        change["change"]["after"]["name"]: change["change"]["actions"]
        for change in plan["resource_changes"]
        if change["type"] == "aws_dynamodb_table" and change["change"]["actions"] != ["no-op"]
    }


# --- Tables -----------------------------------------------------------------------------------------------------------


def test_applied_tables_are_those_of_the_models(endpoint: Endpoint, applied: Applied):
    """Live tables, Terraform's state and the models agree, protections included."""
    live = endpoint.live(applied.names)

    assert compare(applied.shapes, live, terraform_shapes(applied.root.state())) == []
    assert sorted(live) == sorted(shape.name for shape in applied.shapes.values())
    for shape in live.values():
        assert shape.settings["point-in-time recovery"] == "on"
        assert shape.settings["deletion protection"] == "on"
        assert shape.settings["encryption"] == "KMS"
        assert shape.settings["stream"] == "off"


def test_second_plan_is_empty(applied: Applied):
    """Nothing the module says is read back differently."""
    assert applied.root.pending(**applied.variables) is None


def test_outputs_name_everything(applied: Applied):
    """Names and ARNs come one by one and as maps, and a Lambda function gets exactly the variables it needs."""
    outputs = applied.root.outputs()
    arns = {key: f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}" for key, name in applied.names.items()}

    chosen = {} if applied.layout == SIX_TABLE else {"DYNAMODB_LAYOUT": applied.layout}
    named = {NAME_VARIABLES[key]: name for key, name in applied.names.items()}
    assert outputs["lambda_environment"] == named | chosen
    assert outputs["table_names"] == applied.names
    assert outputs["table_arns"] == arns
    assert outputs["index_arns"] == {
        key: {index: f"{arns[key]}/index/{index}" for index in shape.indexes} for key, shape in applied.shapes.items()
    }
    for key in NAME_VARIABLES:
        assert outputs.get(f"{key}_table_name") == applied.names.get(key)
        assert outputs.get(f"{key}_table_arn") == arns.get(key)


def test_lambda_environment_is_what_the_layer_reads(applied: Applied, monkeypatch: pytest.MonkeyPatch):
    """With the output as its environment the layer finds the tables of the layout that were made."""
    for name in (*NAME_VARIABLES.values(), "DYNAMODB_LAYOUT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in applied.root.outputs()["lambda_environment"].items():
        monkeypatch.setenv(name, value)

    configure()

    assert dict(TABLE_NAMES) == applied.names


def test_tags_are_on_every_table(endpoint: Endpoint, applied: Applied):
    """Each table says which project and environment it belongs to."""
    client = endpoint.client("dynamodb")

    for arn in applied.root.outputs()["table_arns"].values():
        tags = {tag["Key"]: tag["Value"] for tag in client.list_tags_of_resource(ResourceArn=arn)["Tags"]}
        assert tags == {"Project": "vishmaker", "Environment": applied.environment}


def test_drift_is_seen_named_and_repaired(endpoint: Endpoint, tmp_path: Path):
    """An index replaced by a hash-only one is named as unsorted, one deleted as missing; apply repairs both."""
    root = own_root(endpoint, tmp_path)
    without_alarms = {"environment": "drift", "create_alarms": False, "create_anomaly_alarms": False}
    root.apply(**without_alarms)
    names = names_in("drift")
    models = model_shapes(names)
    client = endpoint.client("dynamodb")
    for table, index in [("projects", "name-index"), ("waitlist", "status-index")]:
        client.update_table(TableName=names[table], GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": index}}])
    client.update_table(
        TableName=names["projects"],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "name-index",
                    "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )

    differences = compare(models, endpoint.live(names), terraform_shapes(root.state()))

    assert [(found.table, found.what, found.live, found.severity) for found in differences] == [
        (names["projects"], "index name-index", "hash name", "unsorted"),
        (names["waitlist"], "index status-index", "missing", "differs"),
    ]
    assert {found.terraform for found in differences} == {
        "hash name, range created_at",
        "hash status, range created_at",
    }

    root.apply(**without_alarms)

    assert compare(models, endpoint.live(names), terraform_shapes(root.state())) == []


def test_check_compares_a_plan_with_what_is_live(endpoint: Endpoint, tmp_path: Path):
    """`check` says 0 for a plan that was applied, 1 and the index after a change by hand, 2 for a tfstate file."""
    root = own_root(endpoint, tmp_path)
    command = Cli(endpoint.url, "checked-vishmaker-")
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(root.plan(environment="checked", create_alarms=False, create_anomaly_alarms=False)))
    arguments = ("check", "--region", REGION, "--terraform", str(plan), "--json")

    before = command(*arguments)
    root.apply_saved()
    applied = command(*arguments)
    endpoint.client("dynamodb").update_table(
        TableName="checked-vishmaker-waitlist", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "status-index"}}]
    )
    changed = command(*arguments)
    shown = command("check", "--region", REGION, "--terraform", str(plan))
    unreadable = command(
        "check", "--region", REGION, "--terraform", str(next(root.folder.glob("terraform.tfstate"))), "--json"
    )

    assert (before.exit_code, applied.exit_code, changed.exit_code, unreadable.exit_code) == (1, 0, 1, 2)
    assert {one["live"] for one in json.loads(before.stdout)["differences"]} == {"missing"}
    assert json.loads(applied.stdout) == {"same": True, "sides": ["models", "live", "terraform"], "differences": []}
    (difference,) = json.loads(changed.stdout)["differences"]
    assert (difference["table"], difference["what"]) == ("checked-vishmaker-waitlist", "index status-index")
    assert (difference["live"], difference["terraform"]) == ("missing", "hash status, range created_at")
    assert "terraform apply" in difference["advice"]
    assert "index status-index" in shown.stdout
    assert "terraform show -json" in unreadable.stderr


def test_layout_is_changed_with_both_there(endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Six tables, both, one table in use: nothing is replaced, roles may use both, and the old ones are held fast."""
    root = own_root(endpoint, tmp_path)
    given = {"environment": "moved", "create_alarms": False, "create_anomaly_alarms": False}
    six, one = names_in("moved"), names_in("moved", SINGLE_TABLE)
    root.apply(**given)

    both = root.plan(**given, keep_other_layout=True)
    root.apply_saved()
    moving = root.outputs()
    switched = root.plan(**given, keep_other_layout=True, layout=SINGLE_TABLE)
    root.apply_saved()
    after = root.outputs()
    alone = root.run("apply", "-auto-approve", *Root.flags({**given, "layout": SINGLE_TABLE}))

    assert table_changes(both) == {one["vishmaker"]: ["create"]}
    assert table_changes(switched) == {}
    assert moving["table_names"] == after["table_names"] == six | one
    assert moving["lambda_environment"] == {NAME_VARIABLES[key]: name for key, name in (six | one).items()}
    assert after["lambda_environment"] == moving["lambda_environment"] | {"DYNAMODB_LAYOUT": SINGLE_TABLE}
    for role in ROLES:
        granted = granted_by(json.loads(after["policy_documents"][role]))
        assert granted == {
            right
            for layout, names in ((SIX_TABLE, six), (SINGLE_TABLE, one))
            for right in granted_by(
                policy_document(role, region=REGION, account=ACCOUNT, table_names=names, layout=layout)
            )
        }
    assert alone.returncode == 1
    assert "DeletionProtectionEnabled" in alone.stderr
    assert set(endpoint.live(six | one)) == {*six.values(), *one.values()}

    state = tmp_path / "state.json"
    state.write_text(json.dumps(root.state()))
    monkeypatch.setenv("DYNAMODB_LAYOUT", SINGLE_TABLE)
    command = Cli(endpoint.url, "moved-vishmaker-")
    checked = command.ok("check", "--region", REGION, "--terraform", str(state))
    assert checked == "models, live and terraform agree on the table moved-vishmaker\n"


def test_destroy_needs_the_protection_turned_off(endpoint: Endpoint, tmp_path: Path):
    """Destroying is refused while deletion protection is on, and afterwards leaves nothing behind."""
    root = own_root(endpoint, tmp_path)
    variables = {"environment": "gone", "create_alarms": False, "create_anomaly_alarms": False}
    root.apply(**variables)
    names = names_in("gone")

    refused = root.destroy(**variables)
    survived = endpoint.live(names)
    root.apply(**variables, deletion_protection_enabled=False)
    destroyed = root.destroy(**variables)

    assert refused.returncode == 1
    assert "DeletionProtectionEnabled" in refused.stderr
    assert compare(model_shapes(names), survived) == []
    assert destroyed.returncode == 0, destroyed.stderr
    assert endpoint.live(names) == {}
    assert "values" not in root.state()


def test_every_switch_is_planned(endpoint: Endpoint, tmp_path: Path):
    """Limits, streams and a customer key reach every table and policy; what is beside the tables can be left out."""
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
    names = {table: name.replace("vishmaker", "other") for table, name in names_in("switched").items()}

    plan = own_root(endpoint, tmp_path).plan(
        environment="switched",
        project_name="other",
        common_tags={"Owner": "me", "Project": "mine"},
        kms_key_arn=key,
        max_read_request_units=100,
        max_write_request_units=50,
        stream_view_type="NEW_AND_OLD_IMAGES",
        point_in_time_recovery_enabled=False,
        deletion_protection_enabled=False,
        create_alarms=False,
        create_anomaly_alarms=False,
        create_dashboard=False,
        create_iam_policies=False,
    )

    resources = plan["planned_values"]["root_module"]["resources"]
    assert {resource["type"] for resource in resources if resource["mode"] == "managed"} == {"aws_dynamodb_table"}
    for resource in (resource["values"] for resource in resources if resource["mode"] == "managed"):
        limits = [{"max_read_request_units": 100, "max_write_request_units": 50}]
        assert [part["on_demand_throughput"] for part in (resource, *resource["global_secondary_index"])] == [
            limits
        ] * (1 + len(resource["global_secondary_index"]))
        assert resource["tags"] == {"Owner": "me", "Project": "mine", "Environment": "switched"}
    shapes = terraform_shapes(plan)
    assert shapes.keys() == set(names.values())
    for shape in shapes.values():
        assert shape.settings == {
            "billing mode": "PAY_PER_REQUEST",
            "deletion protection": "off",
            "encryption": "KMS",
            "KMS key": key,
            "stream": "NEW_AND_OLD_IMAGES",
            "point-in-time recovery": "off",
        }
    documents = plan["planned_values"]["outputs"]["policy_documents"]["value"]
    for role in ROLES:
        expected = policy_document(role, region=REGION, account=ACCOUNT, table_names=names, kms_key_arn=key)
        assert in_any_order(json.loads(documents[role])) == in_any_order(expected)


def test_wrong_variables_are_refused(endpoint: Endpoint, tmp_path: Path):
    """A value that AWS would refuse is refused by the plan already, with the variable's name."""
    wrong = {
        "project_name": "no spaces",
        "environment": "",
        "kms_key_arn": "alias/mine",
        "max_read_request_units": 0,
        "max_write_request_units": -1,
        "stream_view_type": "EVERYTHING",
        "layout": "two-table",
    }

    complaints = own_root(endpoint, tmp_path).refused(**wrong)

    for name in wrong:
        assert f"{name} must be" in complaints


# --- Access -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_policies_are_those_of_the_models(endpoint: Endpoint, applied: Applied, role: str):
    """The policy that IAM holds is, statement by statement, the one that the models give."""
    outputs = applied.root.outputs()
    iam = endpoint.client("iam")
    arn = outputs["policy_arns"][role]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    held = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    expected = policy_document(role, region=REGION, account=ACCOUNT, table_names=applied.names, layout=applied.layout)

    assert in_any_order(held) == in_any_order(expected)
    assert in_any_order(json.loads(outputs["policy_documents"][role])) == in_any_order(expected)
    # A managed policy holds 6144 characters, white space not counted.
    assert len(json.dumps(held, separators=(",", ":"))) <= 6144


# --- As a module, and without it --------------------------------------------------------------------------------------


def test_example_applies_as_a_module(endpoint: Endpoint, tmp_path: Path):
    """The production example works: its tables are the models', under its own key, and a second plan is empty."""
    root = endpoint.root(INFRA, tmp_path / "infra", subfolder="examples/production")
    names = names_in("example")
    planned = terraform_shapes(root.plan(environment="example"))
    root.apply_saved()

    live = endpoint.live(names)

    assert compare(model_shapes(names), live, planned) == []
    assert compare(model_shapes(names), live, terraform_shapes(root.state())) == []
    assert {shape.settings["stream"] for shape in live.values()} == {"NEW_AND_OLD_IMAGES"}
    assert root.pending(environment="example") is None
    assert root.outputs()["lambda_environment"]["PROJECTS_TABLE_NAME"] == names["projects"]

    (key,) = {shape.settings["KMS key"] for shape in terraform_shapes(root.state()).values()}
    assert endpoint.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "CUSTOMER"
    runtime = policy_document("runtime", region=REGION, account=ACCOUNT, table_names=names, kms_key_arn=key)
    iam = endpoint.client("iam")
    (attached,) = iam.list_attached_role_policies(RoleName="example-vishmaker-api")["AttachedPolicies"]
    held = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId="v1")["PolicyVersion"]["Document"]
    assert in_any_order(held) == in_any_order(runtime)


def test_existing_tables_are_brought_in(endpoint: Endpoint, tmp_path: Path):
    """Tables made without Terraform come under it with import blocks, changed in place, and a second plan is empty."""
    names = names_in("existing")
    for request in json.loads(render("create-table", table_names=names)):
        endpoint.client("dynamodb").create_table(**request | {"DeletionProtectionEnabled": False})
    root = own_root(endpoint, tmp_path)
    blocks = [
        f'import {{\n  to = aws_dynamodb_table.this["{key}"]\n  id = "{name}"\n}}\n' for key, name in names.items()
    ]
    (root.folder / "import.tf").write_text("".join(blocks))
    variables = {"environment": "existing", "create_alarms": False, "create_anomaly_alarms": False}

    plan = root.plan(**variables)
    root.apply_saved()

    actions = [
        change["change"]["actions"] for change in plan["resource_changes"] if change["type"] == "aws_dynamodb_table"
    ]
    assert actions == [["update"]] * len(names)
    assert compare(model_shapes(names), endpoint.live(names), terraform_shapes(root.state())) == []
    assert root.pending(**variables) is None


def test_recorded_schema_is_the_providers(endpoint: Endpoint, tmp_path: Path):
    """What tests/data/terraform-aws says of this release the provider itself says, so that the others can be trusted.

    A release that is not recorded takes every argument of the module, as the recorded ones do.
    """
    root = own_root(endpoint, tmp_path)
    schema = schema_of_provider(json.loads(root.must("providers", "schema", "-json")))
    (release,) = json.loads(root.must("version", "-json"))["provider_selections"].values()

    for name, kept in recorded_schema(release if release in recorded_releases() else recorded_releases()[-1]).items():
        if release in recorded_releases():
            assert settable(kept) == settable(schema[name]), name
        assert {each for each, says in kept.items() if says == "read-only"} <= schema[name].keys()
    for block in read_blocks(INFRA)["resource"]:
        for name, bodies in block.items():
            for label, body in bodies.items():
                assert list(refused(body, schema[name], f"{name}.{label}")) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rendered_terraform_applies(endpoint: Endpoint, tmp_path: Path, layout: str):
    """`terraform-json` alone makes the models' tables, protected, and a second plan is empty."""
    names = names_in("rendered", layout)
    source = tmp_path / "source"
    source.mkdir()
    (source / "versions.tf").write_text((INFRA / "versions.tf").read_text())
    (source / "tables.tf.json").write_text(render("terraform-json", table_names=names, layout=layout))
    root = endpoint.root(source, tmp_path / "root")

    root.apply()

    live = endpoint.live(names)
    assert compare(model_shapes(names, layout), live, terraform_shapes(root.state())) == []
    assert {shape.settings["point-in-time recovery"] for shape in live.values()} == {"on"}
    assert {shape.settings["deletion protection"] for shape in live.values()} == {"on"}
    assert root.pending() is None
