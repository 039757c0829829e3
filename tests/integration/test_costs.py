"""What operations on a tree cost: requests, and the capacity units that DynamoDB charges for them."""

from collections.abc import Callable
from typing import Any

import pytest

from dynamodb import capacity, configure
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

#: Requests, read units and write units, with 31 rows and with 208, in six tables.
SIX: dict[str, tuple[Cost, Cost]] = {
    "create": ((1, 0, 182), (12, 0, 624)),
    "load": ((5, 3.5, 0), (5, 8.5, 0)),
    "load a flow": ((11, 4.5, 0), (25, 11.5, 0)),
    "load a low-level requirement": ((5, 1.5, 0), (5, 1.5, 0)),
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


#: The same in one table.
ONE: dict[str, tuple[Cost, Cost]] = {
    "create": ((1, 0, 126), (22, 0, 420)),
    "load": ((1, 4, 0), (1, 22, 0)),
    "load a flow": ((9, 9, 0), (23, 23, 0)),
    "load a low-level requirement": ((3, 3, 0), (3, 3, 0)),
    "export": ((5, 6, 0), (5, 26, 0)),
    "append a test case": ((18, 16, 12), (18, 16, 12)),
    "create a test case": ((8, 7, 12), (8, 7, 12)),
    "create a high-level requirement": ((4, 3, 8), (4, 3, 8)),
    "update": ((3, 2, 1), (3, 2, 1)),
    "move": ((11, 10, 14), (11, 10, 14)),
    "copy": ((2, 4, 138), (23, 23, 426)),
    "import": ((10, 0, 72), (22, 0, 426)),
    "count": ((2, 5, 0), (2, 24, 0)),
    "list": ((1, 1, 0), (1, 1, 0)),
    "delete a flow": ((19, 9, 39), (35, 23, 147)),
    "delete a low-level requirement": ((8, 3, 9), (8, 3, 11)),
    "delete": ((13, 4, 36), (21, 17, 282)),
}


@pytest.mark.parametrize(("layout", "costs"), [("six-table", SIX), ("single-table", ONE)], ids=["six", "one"])
@pytest.mark.parametrize(("shape", "size"), [((2, 2, 2, 2), 0), ((3, 4, 4, 3), 1)], ids=["31 rows", "208 rows"])
def test_each_operation_costs_what_it_did(
    shape: Shape, size: int, layout: str, costs: dict[str, tuple[Cost, Cost]], request: pytest.FixtureRequest
) -> None:
    """In the order of the table: what was added is copied, too. A difference is a regression, or a new figure here."""
    configure(layout=layout)
    request.getfixturevalue("vishmaker_tables")
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
    assert found == {what: both[size] for what, both in costs.items()}
