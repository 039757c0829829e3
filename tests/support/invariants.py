"""What must hold of the rows whatever has happened, seen with a plain client."""

from collections import Counter

from support.tables import LEVELS
from support.world import Item, World


def id_of(key: str, row: Item) -> str:
    return row["id" if key == "projects" else "uiid"]["S"]


def parent_of(key: str, row: Item) -> str:
    return row["project_id" if key == "user_flows" else "parent_uiid"]["S"]


def problems(world: World, *, finished: bool = True) -> list[str]:
    """What is wrong with the rows of the hierarchy.

    Args:
        world: the tables.
        finished: no operation is under way or was interrupted, so that no row may still carry `tree_state`.
    """
    levels = world.levels()
    found: list[str] = world.loose_ends(finished=finished)
    known = {id_of("projects", row): id_of("projects", row) for row in levels["projects"]}
    for key in LEVELS:
        rows = levels[key]
        doubled = [row_id for row_id, times in Counter(id_of(key, row) for row in rows).items() if times > 1]
        found += [f"{key}: {row_id} is there more than once" for row_id in doubled]
        if finished:
            found += [f"{key}: {id_of(key, row)} is {row['tree_state']['S']}" for row in rows if "tree_state" in row]
        if key == "projects":
            continue
        found += [f"{key}: {id_of(key, row)} is an orphan" for row in rows if parent_of(key, row) not in known]
        project = {id_of(key, row): known.get(parent_of(key, row)) for row in rows}
        found += [
            f"{key}: {id_of(key, row)} names project {row['project_id']['S']}, it is in {project[id_of(key, row)]}"
            for row in rows
            if "project_id" in row and row["project_id"]["S"] != project[id_of(key, row)]
        ]
        known = project  # type: ignore[assignment]
    return found


def assert_sound(world: World, *, finished: bool = True) -> None:
    """No orphan, no double, every row in its parent's project, and (if finished) nothing half done."""
    assert problems(world, finished=finished) == []
