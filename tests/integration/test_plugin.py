"""The pytest plugin, in the test runs of somebody who uses it: each test here is a small project of its own."""

import pytest

pytest_plugins = ["pytester"]

# Other plugins are no part of this, and slow to import.
_OTHERS = ("anyio", "cacheprovider", "faker", "hypothesispytest", "pytest_cov", "randomly", "socket")
ARGUMENTS = ("-W", "error", *(part for name in _OTHERS for part in ("-p", f"no:{name}")))


def run(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """A run in a process of its own, as pytest is run: nothing is imported that the plugin has not imported."""
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess(*ARGUMENTS, *arguments)


def test_a_run_that_uses_no_fixture_imports_nothing_heavy(pytester: pytest.Pytester) -> None:
    """Where the plugin is installed and not used, pytest starts without botocore, moto, PynamoDB and Pydantic."""
    result = run(
        pytester,
        """
        import sys

        def test_nothing_heavy():
            assert "dynamodb.testing.plugin" in sys.modules
            heavy = {"boto3", "botocore", "moto", "orjson", "polyfactory", "pydantic", "pynamodb"}
            assert not heavy & sys.modules.keys()
        """,
    )
    result.assert_outcomes(passed=1)


def test_the_fixtures_say_what_they_are(pytester: pytest.Pytester) -> None:
    """`pytest --fixtures` shows each fixture with its first sentence."""
    lines = pytester.runpytest_subprocess(*ARGUMENTS, "--fixtures").stdout
    lines.fnmatch_lines(
        [
            "vishmaker_tables*",
            "*The six tables, empty, in moto*",
            "vishmaker_project*",
            "*A small project in those tables*",
            "capacity_budget*",
            "*fails where its block costs more*",
            "dynamodb_faults*",
            "*makes the next requests fail*",
        ]
    )


def test_the_tables_are_each_tests_own(pytester: pytest.Pytester) -> None:
    """What a test writes no other test sees; this layer, PynamoDB's models and boto3 meet the same tables."""
    result = run(
        pytester,
        """
        import boto3, pytest
        from dynamodb import check_all_tables_exist
        from dynamodb.repositories import ProjectRepository
        from models import ProjectModel

        @pytest.mark.parametrize("number", range(3))
        def test_alone(vishmaker_tables, number):
            assert check_all_tables_exist()["status"] == "success"
            table = boto3.resource("dynamodb").Table(vishmaker_tables["projects"])
            assert table.scan()["Items"] == []
            made = ProjectRepository().create({"name": "Aware", "user_id": "u-1"})
            ProjectModel(user_id="u-1", name="Other").save()
            assert {item["name"] for item in table.scan()["Items"]} == {"Aware", "Other"}
            assert ProjectModel.get(made.id, "u-1").name == "Aware"
        """,
    )
    result.assert_outcomes(passed=3)


def test_nothing_of_the_developers_own_is_used(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile, an endpoint and real credentials in the environment neither break the test nor are they used."""
    for name, value in {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
        "DYNAMODB_ENDPOINT_URL": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    result = run(
        pytester,
        """
        import os
        import boto3
        from dynamodb import configure, get_table_info
        from dynamodb._connection import client

        configure(endpoint="http://127.0.0.1:1", table_prefix="dev-")

        def test_one(vishmaker_tables):
            arn = get_table_info("projects")["data"]["table_arn"]
            assert arn == "arn:aws:dynamodb:eu-west-1:123456789012:table/dev-projects"
            assert client()._request_signer._credentials.access_key != "AKIAREAL"
            assert vishmaker_tables["projects"] in boto3.client("dynamodb").list_tables()["TableNames"]

        def test_the_environment_is_as_before():
            from dynamodb._config import connection_settings
            assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREAL"
            assert os.environ["AWS_PROFILE"] == "production"
            assert "AWS_DEFAULT_REGION" not in os.environ
            assert connection_settings().endpoint == "http://127.0.0.1:1"
        """,
    )
    result.assert_outcomes(passed=2)


def test_a_client_made_before_is_put_away(pytester: pytest.Pytester) -> None:
    """A handler that made its client when it was imported, before moto was there, meets the tables all the same."""
    pytester.makepyfile(
        handler="""
        import sys
        import dynamodb
        from dynamodb.repositories import ProjectRepository
        from models import ProjectModel

        dynamodb.configure(endpoint="http://127.0.0.1:1", connect_timeout=0.1, max_attempts=1)
        assert dynamodb.test_connection()["code"] == "connection_failed"
        assert ProjectModel._get_connection()
        assert "moto" not in sys.modules

        def handle():
            return ProjectRepository().create({"name": "Aware", "user_id": "u-1"}).name
        """
    )
    result = run(
        pytester,
        """
        import dynamodb, handler
        from models import ProjectModel

        def test_handler(vishmaker_tables):
            assert handler.handle() == "Aware"
            assert [row.name for row in ProjectModel.user_id_index.query("u-1")] == ["Aware"]

        def test_outside():
            assert dynamodb.test_connection()["code"] == "connection_failed"
        """,
    )
    result.assert_outcomes(passed=2)


def test_it_works_beside_somebodys_own_mock(pytester: pytest.Pytester) -> None:
    """A mock_aws around the fixture keeps what is in it, one inside it changes nothing, whichever ends first."""
    result = run(
        pytester,
        """
        import boto3, pytest
        from dynamodb import check_all_tables_exist
        from dynamodb.repositories import ProjectRepository
        from moto import mock_aws

        @pytest.fixture
        def bucket():
            with mock_aws():
                queue = boto3.client("sqs", "us-east-1")
                queue.create_queue(QueueName="mine")
                yield queue
                assert len(queue.list_queues()["QueueUrls"]) == 1
                left = boto3.client("dynamodb", "us-east-1").list_tables()["TableNames"]
                assert left == []

        def use():
            assert check_all_tables_exist()["status"] == "success"
            assert ProjectRepository().create({"name": "Aware", "user_id": "u-1"}).version == 1

        def test_around(bucket, vishmaker_tables):
            use()
            assert len(bucket.list_queues()["QueueUrls"]) == 1

        @mock_aws
        def test_decorated(vishmaker_tables):
            use()

        def test_inside(vishmaker_tables):
            with mock_aws():
                use()
            use()

        def test_across(vishmaker_tables, request):
            mock = mock_aws()
            mock.start()
            request.addfinalizer(mock.stop)
            use()
        """,
    )
    result.assert_outcomes(passed=4)


def test_tables_that_are_there_already(pytester: pytest.Pytester) -> None:
    """Empty tables of a mock_aws around the test are used and left empty; full ones are not emptied, but refused."""
    result = run(
        pytester,
        """
        import pytest
        from dynamodb import create_all_tables
        from dynamodb.repositories import ProjectRepository
        from moto import mock_aws

        @pytest.fixture(scope="module", autouse=True)
        def own():
            with mock_aws():
                create_all_tables()
                yield

        @pytest.mark.parametrize("number", range(2))
        def test_empty(vishmaker_tables, number):
            assert not list(ProjectRepository().iter_by_user("u-1"))
            ProjectRepository().create({"name": "Aware", "user_id": "u-1"})

        def test_own():
            assert not list(ProjectRepository().iter_by_user("u-1"))
            ProjectRepository().create({"name": "Kept", "user_id": "u-1"})

        def test_full(vishmaker_tables):
            pass

        def test_still_there():
            assert [row.name for row in ProjectRepository().iter_by_user("u-1")] == ["Kept"]
        """,
    )
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*TablesInUseError: there are rows in prod-vishmaker-projects of the mock_aws*"])


def test_it_works_with_xdist(pytester: pytest.Pytester) -> None:
    """Two processes at the same time do not see each other's rows."""
    result = run(
        pytester,
        """
        import pytest
        from dynamodb.repositories import ProjectRepository

        @pytest.mark.parametrize("number", range(8))
        def test_alone(vishmaker_project, number):
            assert [row.id for row in ProjectRepository().iter_by_user("user-1")] == [vishmaker_project.id]
        """,
        "-n",
        "2",
    )
    result.assert_outcomes(passed=8)


def test_the_sample_project_is_whole(pytester: pytest.Pytester) -> None:
    """The project is in the tables as it is given, and can be changed."""
    result = run(
        pytester,
        """
        from dynamodb.repositories import HierarchyRepository, UserFlowRepository

        def test_project(vishmaker_project):
            assert HierarchyRepository(user_id="user-1").load(vishmaker_project.id) == vishmaker_project
            assert [flow.name for flow in vishmaker_project.flows] == ["Suggest a book", "Vote"]
            UserFlowRepository().create({"name": "Third", "project_id": vishmaker_project.id})
        """,
    )
    result.assert_outcomes(passed=1)


def test_a_budget_fails_what_costs_more(pytester: pytest.Pytester) -> None:
    """A block, or a marked test, over its budget fails and says by how much and where it went; one within it passes."""
    result = run(
        pytester,
        """
        import pytest
        from dynamodb.repositories import HierarchyRepository, ProjectRepository

        def test_requests(vishmaker_project, capacity_budget):
            with capacity_budget(requests=1):
                ProjectRepository().update(vishmaker_project.id, {"name": "Renamed"})

        def test_units(vishmaker_project, capacity_budget):
            with capacity_budget(read=5, write=2):
                ProjectRepository().update(vishmaker_project.id, {"name": "Renamed"})

        @pytest.mark.capacity_budget(read=1)
        def test_marked(vishmaker_project):
            HierarchyRepository().load(vishmaker_project.id)

        @pytest.mark.capacity_budget(requests=5, read=4)
        def test_marked_within(vishmaker_project):
            HierarchyRepository().load(vishmaker_project.id)

        def test_within(vishmaker_project, capacity_budget):
            with capacity_budget(read=1, write=5, requests=2) as used:
                ProjectRepository().update(vishmaker_project.id, {"initial_prompt": "Another."})
            assert used.requests == 2

        def test_own_error(vishmaker_project, capacity_budget):
            with pytest.raises(KeyError), capacity_budget(requests=0):
                ProjectRepository().get(vishmaker_project.id)
                raise KeyError

        def test_without_a_limit(capacity_budget):
            with pytest.raises(ValueError, match="at least one of read, write and requests"), capacity_budget():
                pass
        """,
        "--strict-markers",
    )
    result.assert_outcomes(passed=4, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*BudgetExceededError: 2 requests, the budget is 1*",
            "*UpdateItem*prod-vishmaker-projects*1*",
            "*BudgetExceededError: * write units, the budget is 2*",
            "*UpdateItem*prod-vishmaker-projects*name-index*",
            "*BudgetExceededError: * read units, the budget is 1*",
            "*Query*prod-vishmaker-test-cases*project_id-index*",
        ]
    )


def test_a_fault_that_does_not_happen_fails_the_test(pytester: pytest.Pytester) -> None:
    """A test whose faults did not happen fails, and says which; one that fails by itself is told nothing more."""
    result = run(
        pytester,
        """
        from dynamodb import test_connection as connect

        def test_unused(vishmaker_tables, dynamodb_faults):
            dynamodb_faults.throttle(3, operation="DescribeTable")
            dynamodb_faults.conflict(table="projects")
            assert connect()["status"] == "success"
            dynamodb_faults.time_out(operation="Query")

        def test_used(dynamodb_faults, vishmaker_tables):
            dynamodb_faults.throttle()
            dynamodb_faults.break_connection(None)
            assert connect()["code"] == "connection_failed"

        def test_failing(vishmaker_tables, dynamodb_faults):
            dynamodb_faults.throttle()
            assert False, "its own reason"

        def test_the_next_one_has_none(vishmaker_tables):
            assert connect()["status"] == "success"
        """,
    )
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*UnusedFaultError: *conflict in projects: 0 of 1; time-out in Query: 0 of 1*"])
    result.stdout.fnmatch_lines(["*AssertionError: its own reason*"])
    result.stdout.no_fnmatch_line("*throttle in any request: 0 of 1*")
