"""What each operation costs on a fixed tree: the operation as it is called, its requests, and its units."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import marked
import trees
from charges import TIMES, Charge, Meter

import dynamodb
from dynamodb import repositories
from models.requirement import ProjectTreeCreate, UserFlowTreeCreate
from models.waitlist import WaitlistEntity

Names = dict[str, Any]


@dataclass(frozen=True)
class Pattern:
    """One operation.

    Attributes:
        what: what a caller wants, in words.
        code: how it is called, as the page shows it and as it is run.
        prepare: makes further names for the code, given those of a new tree.
    """

    what: str
    code: str
    prepare: Callable[[Names], Names] = lambda names: {}  # noqa: ARG005 - the default needs none


def new_project() -> Names:
    """Write a tree and name what is in it."""
    tree = repositories.HierarchyRepository().create(trees.small_tree())
    flow, other_flow = tree.flows
    high = flow.high_level_requirement_list[0]
    low, other_low = high.low_level_requirement_list
    return {
        "user_id": trees.USER,
        "project_id": tree.id,
        "flow": flow,
        "other_flow": other_flow,
        "high": high,
        "low": low,
        "other_low": other_low,
        "test_case": low.test_case_list[0],
        "TEXT": trees.TEXT,
    }


def _exported(names: Names) -> Names:
    return {"lines": list(repositories.HierarchyRepository().export_lines(names["project_id"]))}


def _with_ids(names: Names) -> Names:
    del names
    tree = ProjectTreeCreate.model_validate(trees.small_tree())
    return {"tree_with_ids": ProjectTreeCreate.model_validate(tree.model_dump())}


def _twelve_projects(names: Names) -> Names:
    made = [{"name": "One of twelve", "user_id": "a-user-of-many", "initial_prompt": trees.TEXT}] * 12
    repositories.ProjectRepository().create_many(made)
    return {**names, "busy_user": "a-user-of-many"}


def _new_flow(names: Names) -> Names:
    return {"new_flow": UserFlowTreeCreate.model_validate(_flow_as_dictionary(names)["new_flow"])}


def _flow_as_dictionary(names: Names) -> Names:
    del names
    cases = [{"name": f"Test case {number}", "description": trees.TEXT} for number in range(3)]
    low = {"name": "Low-level requirement", "description": trees.TEXT, "test_case_list": cases}
    high = {"name": "High-level requirement", "description": trees.TEXT, "low_level_requirement_list": [low] * 2}
    return {"new_flow": {"name": "Flow", "description": trees.TEXT, "high_level_requirement_list": [high]}}


def _twenty_sign_ups(names: Names) -> Names:
    del names
    addresses = [f"person{number:02}@example.org" for number in range(20)]
    waitlist = repositories.WaitlistRepository()
    for entry in list(waitlist.iter_all()):
        waitlist.delete(entry.email)
    waitlist.create_many([{"email": address, "notes": trees.TEXT} for address in addresses])
    return {"addresses": addresses, "email": addresses[0]}


SECTIONS: dict[str, list[Pattern]] = {
    "reading": [
        Pattern("a project", "ProjectRepository().get(project_id)"),
        Pattern("the same, for its owner", "ProjectRepository(user_id=user_id).get(project_id)"),
        Pattern("a user's projects, a page of 10 of 12", "ProjectRepository().list_by_user(busy_user, limit=10)",
                _twelve_projects),
        Pattern("projects by name", 'ProjectRepository().list_by_name("Measured")'),
        Pattern("a project's user flows", "UserFlowRepository().list_by_project(project_id)"),
        Pattern("a test case", "TestCaseRepository().get(test_case.uiid)"),
        Pattern("the same, for its owner", "TestCaseRepository(user_id=user_id).get(test_case.uiid)"),
        Pattern("a row that is not there", 'TestCaseRepository().find("unknown")'),
        Pattern("the children of a row", "TestCaseRepository().list_by_parent(low.uiid)"),
        Pattern("the same, for its owner", "TestCaseRepository(user_id=user_id).list_by_parent(low.uiid)"),
        Pattern("a level of a project", "TestCaseRepository().list_by_project(project_id)"),
        Pattern("a whole project", "HierarchyRepository().load(project_id)"),
        Pattern("what is under one row", "HierarchyRepository().load_subtree(flow.uiid)"),
        Pattern("a project as lines of JSON", "list(HierarchyRepository().export_lines(project_id))"),
    ],
    "writing": [
        Pattern("a new project", "ProjectRepository().create({**new, 'user_id': user_id})"),
        Pattern("the same with a given id", "ProjectRepository().create({**new, 'user_id': user_id, 'id': 'given'})"),
        Pattern("a new user flow", "UserFlowRepository().create({**new, 'project_id': project_id})"),
        Pattern("a new high-level requirement",
                "HighLevelRequirementRepository().create({**new, 'parent_uiid': flow.uiid})"),
        Pattern("a new low-level requirement",
                "LowLevelRequirementRepository().create({**new, 'parent_uiid': high.uiid})"),
        Pattern("a new test case", "TestCaseRepository().create({**new, 'parent_uiid': low.uiid})"),
        Pattern("10 new test cases", "TestCaseRepository().create_many([{**new, 'parent_uiid': low.uiid}] * 10)"),
        Pattern("a change", "TestCaseRepository().update(test_case.uiid, {'description': 'Changed'})"),
        Pattern("a project's new name", "ProjectRepository().update(project_id, {'name': 'Renamed'})"),
        Pattern("deleting a test case", "TestCaseRepository().delete(test_case.uiid)"),
        Pattern("deleting a requirement with its 2 test cases", "LowLevelRequirementRepository().delete(low.uiid)"),
    ],
    "trees": [
        Pattern("a new project of 45 rows", "HierarchyRepository().create(tree)"),
        Pattern("the same with given ids", "HierarchyRepository().create(tree_with_ids)", _with_ids),
        Pattern("a new flow of 10 rows", "HierarchyRepository().append(project_id, [new_flow])", _new_flow),
        Pattern(
            "the same from a dictionary", "HierarchyRepository().append(project_id, [new_flow])", _flow_as_dictionary
        ),
        Pattern("another parent for a test case", "HierarchyRepository().move(test_case.uiid, other_low.uiid)"),
        Pattern("another flow for a requirement", "HierarchyRepository().move(high.uiid, other_flow.uiid)"),
        Pattern("a copy of a project", "HierarchyRepository().copy_project(project_id)"),
        Pattern("an import of 45 lines", "HierarchyRepository().import_lines(lines)", _exported),
        Pattern("counting before deleting", "HierarchyRepository().delete_project(project_id, dry_run=True)"),
        Pattern("deleting a project", "HierarchyRepository().delete_project(project_id)"),
    ],
    "waitlist": [
        Pattern("a sign-up", "WaitlistRepository().create({'email': 'ada@example.org'})", _twenty_sign_ups),
        Pattern("a sign-up spelled otherwise", "WaitlistRepository().create({'email': 'Bob@Example.org'})"),
        Pattern("an address", "WaitlistRepository().get(email)", _twenty_sign_ups),
        Pattern("20 entries of a status", "WaitlistRepository().list_by_status('pending')", _twenty_sign_ups),
        Pattern("other notes", "WaitlistRepository().update(email, {'notes': 'Called'})", _twenty_sign_ups),
        Pattern("another status", "WaitlistRepository().update(email, {'status': 'contacted'})", _twenty_sign_ups),
        Pattern("another status for 20 entries", "WaitlistEntity.bulk_update_status(addresses, 'contacted')",
                _twenty_sign_ups),
        Pattern("the counts by status, of 20 entries", "WaitlistEntity.get_stats()", _twenty_sign_ups),
        Pattern("removing an entry", "WaitlistRepository().delete(email)", _twenty_sign_ups),
    ],
    "tables": [
        Pattern("whether DynamoDB answers", "dynamodb.test_connection()"),
        Pattern("whether all tables are there", "dynamodb.check_all_tables_exist()"),
        Pattern("a table's description", "dynamodb.get_table_info('projects')"),
        Pattern("warming up a Lambda function", "dynamodb.warm()"),
    ],
}  # fmt: skip


def measure(pattern: Pattern, meter: Meter) -> Charge:
    """Run a pattern on a tree of its own and return what it costs."""
    names = new_project() | {
        **vars(repositories),
        "dynamodb": dynamodb,
        "WaitlistEntity": WaitlistEntity,
        "new": {"name": "New"},
        "tree": trees.small_tree(),
    }
    names |= pattern.prepare(names)
    meter.take()
    result = eval(pattern.code, names)  # noqa: S307 - the patterns above, which the page shows as they are run  # nosec B307
    if isinstance(result, dict) and result["status"] != "success":
        raise RuntimeError(f"{pattern.code}: {result}")
    charge = meter.take()
    if repositories.ProjectRepository().find(names["project_id"]):
        repositories.HierarchyRepository().delete_project(names["project_id"])
    return charge


def tables(meter: Meter) -> Iterator[tuple[str, str]]:
    """Give each section's name and its table."""
    for section, patterns in SECTIONS.items():
        head = ("operation", "requests:", "read units:", "write units:")
        yield section, marked.table(head, [_row(pattern, measure(pattern, meter)) for pattern in patterns])


def _row(pattern: Pattern, charge: Charge) -> tuple[str, ...]:
    figures = (charge.requests, charge.read_units, charge.write_units)
    cell = f"**{pattern.what}**<br>`{pattern.code}`<br>{_made_of(charge.made_of)}"
    return cell, *map(marked.number, figures)


def _made_of(requests: Counter[tuple[str, str]]) -> str:
    """Word the requests: what is done, then the tables it is done to, from the root of the hierarchy down."""
    order = [key.replace("_", "-") for key in dynamodb.TABLE_NAMES]
    grouped: dict[str, list[str]] = {}
    for (what, table), count in sorted(requests.items(), key=lambda one: (one[0][0], order.index(one[0][1]))):
        times = f"{count} {TIMES} " if count > 1 else ""
        grouped.setdefault(what, []).append(times + table)
    return "; ".join(f"{what} {', '.join(places)}" for what, places in grouped.items())
