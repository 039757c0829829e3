"""The fast way over the wire is taken; without one of the hooks its own way does the same, and one warning says so."""

import warnings

import pytest
from botocore.parsers import JSONParser, ResponseParserFactory
from botocore.serialize import JSONSerializer

from dynamodb import _connection, _wire
from dynamodb._decoding import Decoder
from dynamodb.repositories import HierarchyRepository, UserFlowRepository
from models import ProjectModel, TestCaseModel, UserFlowModel
from models.requirement import ProjectTreeCreate
from support.layouts import only_six_tables
from support.trees import outline, sample

pytestmark = pytest.mark.engine

_LOST = {"parser": "takes no response parser", "serializer": "has no serializer"}


@pytest.fixture
def new_client(world, monkeypatch):
    """Make the next use make a client, and forget what was said of an earlier one."""
    monkeypatch.setattr(_connection, "_warned", set())
    _connection.forget_client()
    yield
    _connection.forget_client()


def _use():
    """Write and read in every way that has an answer with rows."""
    trees, flows = HierarchyRepository(), UserFlowRepository()
    given = ProjectTreeCreate.model_validate(sample(2, 3, 4, 2))
    created = trees.create(given)
    changed = flows.update(created.flows[0].uiid, {"name": "changed"})
    assert flows.get(changed.uiid) == changed
    assert [flow.uiid for flow in flows.iter_by_project(given.id)] == [flow.uiid for flow in given.flows]
    trees.create(given)
    return outline(trees.load(given.id))


@pytest.mark.usefixtures("new_client")
def test_no_row_goes_through_botocores_own_way(monkeypatch):
    """Neither its response parser nor its serializer sees a request for items, nor is an answer decoded twice."""

    def refuse(*_, **__):
        raise AssertionError("botocore's own way was taken")

    monkeypatch.setattr(JSONParser, "parse", refuse)
    monkeypatch.setattr(JSONSerializer, "serialize_to_request", refuse)
    monkeypatch.setattr(Decoder, "from_parsed", refuse)
    assert _use()


@pytest.mark.parametrize("lost", [["parser"], ["serializer"], ["parser", "serializer"]], ids="+".join)
@pytest.mark.usefixtures("new_client")
def test_without_a_hook_the_result_is_the_same_and_one_warning_says_so(lost, monkeypatch):
    fast = _use()
    _connection.forget_client()
    if "parser" in lost:
        monkeypatch.setattr(_wire, "ItemParserFactory", ResponseParserFactory)
    if "serializer" in lost:
        monkeypatch.setattr(_connection, "hasattr", lambda *_: False, raising=False)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert _use() == fast
        _connection.forget_client()
        assert _use() == fast
    slow = [str(one.message) for one in told if one.category is RuntimeWarning]
    assert len(slow) == len(lost)
    assert all(any(_LOST[hook] in text for text in slow) for hook in lost)


@only_six_tables("the models that are queried are those of the six")
def test_pynamodbs_own_queries_work_on_the_same_client(world):
    tree = HierarchyRepository().create(ProjectTreeCreate.model_validate(sample(2, 1, 1, 3)))
    assert ProjectModel._get_connection().connection.client is _connection.client()
    [project] = ProjectModel.query(tree.id)
    assert (project.name, project.created_at, project.version) == (tree.name, tree.created_at, 1)
    flows = list(UserFlowModel.project_id_index.query(tree.id))
    assert [flow.uiid for flow in flows] == [flow.uiid for flow in tree.flows]
    assert TestCaseModel.project_id_index.count(tree.id) == 6
    flows[0].update(actions=[UserFlowModel.name.set("by PynamoDB")])
    assert UserFlowRepository().get(flows[0].uiid).name == "by PynamoDB"
