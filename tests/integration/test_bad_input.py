"""What may go wrong gets a clear error that says what to do, in time, and nothing is written."""

import socket

import pytest

from dynamodb import _connection, configure, errors, test_connection
from dynamodb.errors import (
    AccessDeniedError,
    AlreadyExistsError,
    ConnectionFailedError,
    DataLayerError,
    InvalidInputError,
    ItemTooLargeError,
    NotFoundError,
    ParentNotFoundError,
    TableNotFoundError,
    ThrottledError,
    UnexpectedResponseError,
)
from dynamodb.repositories import HierarchyRepository, ProjectRepository, WaitlistRepository
from models.requirement import ProjectCreate, ProjectEntity, UserFlowEntity
from models.waitlist import WaitlistEntity
from support import faults
from support.fault_proxy import FaultProxy
from support.wire import error
from support.world import Hierarchy

pytestmark = pytest.mark.engine

GOOD = {"name": "n", "user_id": "ada"}
CALLS = {
    "read": lambda: ProjectRepository().get("p"),
    "list": lambda: ProjectRepository().list_by_user("ada"),
    "load": lambda: HierarchyRepository().load("p"),
    "create": lambda: ProjectRepository().create(GOOD),
    "tree": lambda: HierarchyRepository().create({**GOOD, "flows": [{"name": "f"}]}),
    "sign up": lambda: WaitlistRepository().create({"email": "a@example.org"}),
    "scan": lambda: list(WaitlistRepository().iter_all()),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture
def fresh_client():
    """A client of the test's own, with whatever credentials there are."""
    _connection.forget_client()
    yield
    _connection.forget_client()


BAD = [
    ({"name": ""}, "name"),
    ({"name": "x" * 256}, "name"),
    ({"name": None}, "name"),
    ({"name": "a\x00b"}, "name"),
    ({"name": "a\ud800b"}, "name"),
    ({"initial_prompt": "a\x1bb"}, "initial_prompt"),
    ({"initial_prompt": "\udfff"}, "initial_prompt"),
    ({"user_id": ""}, "user_id"),
    ({"user_id": "x" * 256}, "user_id"),
    ({"id": ""}, "id"),
    ({"id": "x" * 256}, "id"),
    ({"version": 7}, "version"),
    ({"unknown": "x"}, "unknown"),
]


@pytest.mark.parametrize(("change", "field"), BAD)
def test_a_bad_field_is_named_and_nothing_is_written(change, field, world):
    for call in (ProjectRepository().create, lambda one: ProjectRepository().create_many([GOOD, one])):
        with pytest.raises(InvalidInputError, match=field) as caught:
            call({**GOOD, **change})
        assert caught.value.code == "invalid_input"
    answer = ProjectEntity.create({**GOOD, **change})
    assert (answer["status"], answer["code"]) == ("error", "invalid_input")
    assert field in answer["message"]
    assert world.rows("projects") == []


@pytest.mark.parametrize("data", [None, 5, "text", [], b"{}", [("name", "n")]])
def test_what_is_no_mapping_is_refused(data, world):
    for call in (ProjectRepository().create, HierarchyRepository().create):
        with pytest.raises(InvalidInputError):
            call(data)
    assert ProjectEntity.create(data)["code"] == "invalid_input"


@pytest.mark.parametrize("several", [None, 5, "text", GOOD, ProjectCreate(**GOOD)])
def test_one_where_several_are_asked_for_is_refused(several, world):
    tree = Hierarchy(world)
    before = world.levels()
    for call in (
        ProjectRepository().create_many,
        lambda one: HierarchyRepository().append(tree.flow, one),
        lambda one: WaitlistRepository().update_status(one, "contacted"),
    ):
        with pytest.raises(InvalidInputError):
            call(several)
    assert world.levels() == before


@pytest.mark.parametrize("deadline", ["1", True, float("nan"), [1]])
def test_a_deadline_that_is_no_number_is_refused_before_anything_is_marked(deadline, world):
    tree = Hierarchy(world)
    before = world.levels()
    for call in (HierarchyRepository().delete_project, ProjectRepository().delete):
        with pytest.raises(InvalidInputError, match="deadline"):
            call(tree.project, deadline=deadline)
    assert world.levels() == before


@pytest.mark.parametrize("version", ["1", True, -1, 1.0])
def test_a_version_that_none_can_have_is_bad_input_and_no_conflict(version, world):
    tree = Hierarchy(world)
    with pytest.raises(InvalidInputError, match="expected_version"):
        ProjectRepository().update(tree.project, {"name": "n"}, expected_version=version)


def test_a_bad_field_deep_in_a_tree_is_named_by_its_place(world):
    tree = {**GOOD, "flows": [{"name": "f"}, {"name": "f", "high_level_requirement_list": [{"name": ""}]}]}
    with pytest.raises(InvalidInputError, match=r"flows\.1\.high_level_requirement_list\.0\.name"):
        HierarchyRepository().create(tree)
    twice = {**GOOD, "flows": [{"uiid": "a", "name": "f"}, {"uiid": "a", "name": "f"}]}
    with pytest.raises(InvalidInputError, match="twice"):
        HierarchyRepository().create(twice)
    assert world.counts() == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("call", "code", "status"),
    [
        (lambda: UserFlowEntity.create({"name": "n", "project_id": "nobody"}), ParentNotFoundError, "error"),
        (lambda: UserFlowEntity.get_by_uiid("nobody"), NotFoundError, "not_found"),
        (lambda: UserFlowEntity.update("nobody", {"name": "n"}), NotFoundError, "not_found"),
        (lambda: UserFlowEntity.delete("nobody"), NotFoundError, "not_found"),
        (lambda: ProjectEntity.get_by_id("p-project", "grace"), NotFoundError, "not_found"),
        (lambda: ProjectEntity.update("p-project", "grace", {"name": "n"}), NotFoundError, "not_found"),
        (lambda: ProjectEntity.delete("p-project", "grace"), NotFoundError, "not_found"),
        (lambda: ProjectEntity.create({**GOOD, "id": "p-project"}), AlreadyExistsError, "error"),
        (lambda: ProjectEntity.create({**GOOD, "initial_prompt": "x" * 409_600}), ItemTooLargeError, "error"),
        (lambda: ProjectEntity.get_by_id("", "ada"), InvalidInputError, "error"),
        (lambda: ProjectEntity.get_by_user_id("x" * 256), InvalidInputError, "error"),
        (lambda: ProjectEntity.get_by_user_id("\ud800"), InvalidInputError, "error"),
        (lambda: WaitlistEntity.create({"email": "none"}), InvalidInputError, "error"),
        (lambda: WaitlistEntity.create({"email": "a@example.org", "notes": "x" * 501}), InvalidInputError, "error"),
        (lambda: WaitlistEntity.create({"email": "a@example.org", "status": "done"}), InvalidInputError, "error"),
        (lambda: WaitlistEntity.bulk_update_status(["a@example.org"], "done"), InvalidInputError, "error"),
        (lambda: WaitlistEntity.bulk_update_status("a@example.org", "pending"), InvalidInputError, "error"),
        (lambda: WaitlistEntity.get_by_status("done"), InvalidInputError, "error"),
        (lambda: WaitlistEntity.get_by_email("a@example.org"), NotFoundError, "not_found"),
    ],
)
def test_an_entity_answers_with_the_code_of_the_error(call, code, status, world):
    """It raises nothing, and writes nothing."""
    Hierarchy(world)
    before = {**world.levels(), "waitlist": world.rows("waitlist")}
    answer = call()
    assert (answer["status"], answer["code"]) == (status, code.code)
    assert answer["message"]
    assert "data" not in answer
    assert {**world.levels(), "waitlist": world.rows("waitlist")} == before


@every_call
def test_a_missing_table_is_named_and_said_how_to_make(call, world):
    world.drop_tables()
    with pytest.raises(TableNotFoundError, match="create_all_tables") as caught:
        call()
    assert world.prefix.rstrip("-") in str(caught.value)


@every_call
def test_without_credentials_the_error_says_so(call, world, fresh_client, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(AccessDeniedError, match="credentials"):
        call()
    assert test_connection()["code"] == "access_denied"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    assert test_connection()["status"] == "success"  # credentials that come later are taken


@every_call
def test_an_endpoint_that_refuses_is_an_error_in_time(call, reconfigure, unused_port):
    reconfigure(endpoint=f"http://127.0.0.1:{unused_port}", max_attempts=2, time_limit=1)
    with pytest.raises(ConnectionFailedError, match="again"):
        call()


@every_call
def test_an_endpoint_that_hangs_is_an_error_in_time(call, reconfigure, silent_port):
    reconfigure(endpoint=f"http://127.0.0.1:{silent_port}", read_timeout=0.1, max_attempts=2, time_limit=1)
    with pytest.raises(ConnectionFailedError, match="again"):
        call()


@pytest.fixture
def unused_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.fixture
def silent_port():
    """Something that accepts connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield listening.getsockname()[1]


@pytest.fixture
def proxy(engine_endpoint, world, reconfigure):
    with FaultProxy(engine_endpoint) as running:
        reconfigure(endpoint=running.endpoint, max_attempts=2, time_limit=0.5)
        yield running


def denied(code):
    answer = error(code, "User: me is not authorized to perform: dynamodb:Query")
    return faults.Fault(code, lambda exchange: answer)


ANSWERS = {
    "access denied": (denied("AccessDeniedException"), AccessDeniedError),
    "expired credentials": (faults.expired_credentials(), AccessDeniedError),
    "throttled": (faults.throttled(), ThrottledError),
    "account limit": (faults.request_limit_exceeded(), ThrottledError),
    "internal error": (faults.server_error(applied=False), ConnectionFailedError),
    "unavailable": (faults.server_error(applied=False, status=503), ConnectionFailedError),
    "gateway": (faults.gateway_error(), ConnectionFailedError),
    "reset": (faults.drop_before(reset=True), ConnectionFailedError),
    "damaged": (faults.truncated_json(), UnexpectedResponseError),
    "unknown code": (denied("OddException"), UnexpectedResponseError),
}


@pytest.mark.parametrize(("fault", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_stays_bad_is_its_error(fault, expected, proxy):
    """Whatever is asked; the entity says the same with its code."""
    proxy.inject(fault, times=None)
    for name in ("read", "load", "create", "sign up"):
        with pytest.raises(expected):
            CALLS[name]()
    answer = ProjectEntity.create(GOOD)
    assert (answer["status"], answer["code"]) == ("error", expected.code)


def test_an_answer_with_a_wrong_checksum_is_never_taken_for_one(proxy):
    """A read fails; a write that was applied is recognised when the repeated request finds it done."""
    proxy.inject(faults.wrong_crc32(), times=None)
    for name in ("read", "load", "list"):
        with pytest.raises(UnexpectedResponseError, match="damaged"):
            CALLS[name]()
    made = CALLS["create"]()
    proxy.reset()
    assert ProjectRepository().get(made.id) == made


@pytest.mark.parametrize(
    "endpoint", ["no url", "http://", "ftp://127.0.0.1", "http://nowhere.invalid:1", "http://127.0.0.1:99999"]
)
def test_an_endpoint_that_is_none_is_one_of_our_errors(endpoint):
    configure(endpoint=endpoint, connect_timeout=0.2, max_attempts=1)
    with pytest.raises(DataLayerError):
        CALLS["read"]()
    assert test_connection()["status"] == "error"


@pytest.mark.parametrize("region", ["", "not a region", "eu-west-1\n", "../../etc", "x" * 300])
def test_a_region_that_is_none_is_one_of_our_errors(region, engine_endpoint):
    configure(endpoint=engine_endpoint, region=region, max_attempts=1)
    answer = test_connection()
    assert answer["status"] == "success" or answer["code"] in codes()


def codes():
    return {getattr(errors, name).code for name in errors.__all__}


def test_no_address_and_no_text_of_a_user_is_in_a_message(world):
    """Messages are logged; what people write is not."""
    WaitlistRepository().create({"email": "ada@example.org"})
    secret = "secret prompt"
    calls = [
        lambda: WaitlistRepository().create({"email": "ada@example.org"}),
        lambda: WaitlistRepository().create({"email": "ada@example", "notes": secret}),
        lambda: WaitlistRepository().get("nobody@example.org"),
        lambda: WaitlistRepository().update("ada@example.org", {"notes": secret}, expected_version=9),
        lambda: ProjectRepository().create({**GOOD, "initial_prompt": secret + "\x00"}),
        lambda: ProjectRepository().create({**GOOD, "initial_prompt": secret * 40_000}),
        lambda: HierarchyRepository().create({**GOOD, "flows": [{"name": "", "description": secret}]}),
    ]
    for call in calls:
        with pytest.raises(DataLayerError) as caught:
            call()
        assert "example" not in str(caught.value)
        assert secret not in str(caught.value)
