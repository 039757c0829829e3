"""What operations on a tree cost: requests, and the capacity units that DynamoDB charges for them."""

from collections.abc import Callable
from typing import Any

import pytest

from dynamodb import capacity
from dynamodb.repositories import (
    HierarchyRepository,
    HighLevelRequirementRepository,
    LowLevelRequirementRepository,
    TestCaseRepository,
    UserFlowRepository,
)
from support.trees import sample

Cost = tuple[int, float, float]
Shape = tuple[int, int, int, int]

#: Requests, read units and write units, with 31 rows and with 208.
COSTS: dict[str, tuple[Cost, Cost]] = {
    "create": ((1, 0, 182), (12, 0, 624)),
    "load": ((5, 3.5, 0), (5, 8.5, 0)),
    "load a flow": ((12, 5.5, 0), (26, 12.5, 0)),
    "load a low-level requirement": ((6, 2.5, 0), (6, 2.5, 0)),
    "export": ((5, 3.5, 0), (5, 8.5, 0)),
    "append a test case": ((14, 9, 14), (14, 9, 14)),
    "create a test case": ((5, 4, 14), (5, 4, 14)),
    "create a high-level requirement": ((3, 2, 10), (3, 2, 10)),
    "update": ((2, 1, 2), (2, 1, 2)),
    "move": ((10, 6, 20), (10, 6, 20)),
    "copy": ((6, 3.5, 200), (17, 8.5, 633)),
    "import": ((6, 0, 103), (12, 0, 633)),
    "count": ((5, 3.5, 0), (5, 8.5, 0)),
    "list": ((1, 0.5, 0), (1, 0.5, 0)),
    "delete a flow": ((17, 11.5, 55), (32, 32.5, 217)),
    "delete a low-level requirement": ((6, 1.5, 12), (6, 1.5, 15)),
    "delete": ((15, 3, 50), (19, 6.5, 418)),
}


@pytest.mark.parametrize(("shape", "size"), [((2, 2, 2, 2), 0), ((3, 4, 4, 3), 1)], ids=["31 rows", "208 rows"])
def test_each_operation_costs_what_it_did(shape: Shape, size: int, vishmaker_tables: dict[str, str]) -> None:
    """In the order of the table: what was added is copied, too. A difference is a regression, or a new figure here."""
    found: dict[str, Cost] = {}

    def cost(what: str, run: Callable[[], Any]) -> Any:
        with capacity() as used:
            answer = run()
        found[what] = (used.requests, used.read_units, used.write_units)
        return answer

    trees = HierarchyRepository()
    tree = cost("create", lambda: trees.create(sample(*shape)))
    flow = tree.flows[0]
    high, other_high = flow.high_level_requirement_list[:2]
    low = high.low_level_requirement_list[0]
    cost("load", lambda: trees.load(tree.id))
    cost("load a flow", lambda: trees.load_subtree(flow.uiid))
    cost("load a low-level requirement", lambda: trees.load_subtree(low.uiid))
    cost("export", lambda: list(trees.export_lines(tree.id)))
    cost("append a test case", lambda: trees.append(low.uiid, [{"name": "n"}]))
    cost("create a test case", lambda: TestCaseRepository().create({"name": "n", "parent_uiid": low.uiid}))
    new = {"name": "n", "parent_uiid": flow.uiid}
    cost("create a high-level requirement", lambda: HighLevelRequirementRepository().create(new))
    cost("update", lambda: UserFlowRepository().update(flow.uiid, {"name": "new"}))
    cost("move", lambda: trees.move(low.uiid, other_high.uiid))
    copy = cost("copy", lambda: trees.copy_project(tree.id))
    lines = list(trees.export_lines(tree.id))
    cost("import", lambda: trees.import_lines(lines))
    cost("count", lambda: trees.delete_project(tree.id, dry_run=True))
    cost("list", lambda: UserFlowRepository().list_by_project(copy.id))
    cost("delete a flow", lambda: UserFlowRepository().delete(flow.uiid))
    last = copy.flows[1].high_level_requirement_list[0].low_level_requirement_list[0]
    cost("delete a low-level requirement", lambda: LowLevelRequirementRepository().delete(last.uiid))
    cost("delete", lambda: trees.delete_project(tree.id))
    assert found == {what: both[size] for what, both in COSTS.items()}
