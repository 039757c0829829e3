"""Nothing that is called for one owner reads, lists, changes, moves, copies or counts what is another's."""

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from dynamodb.errors import InvalidCursorError
from dynamodb.repositories import ProjectRepository, TestCaseRepository, UserFlowRepository
from models.requirement import ProjectEntity
from reliability import figures, tenancy, tiers, world
from reliability.bench import Bench
from reliability.store import Row
from reliability.tenancy import ADAS_IDS, BOBS_IDS, NOWHERE, SECRET

pytestmark = [pytest.mark.slow, tiers.in_all()]

CALLS = tenancy.calls()
#: Sequences of calls, in each place.
EXAMPLES = {"short": 12, "medium": 100, "full": 200}
#: They take no id of a row that is there.
WITHOUT_IDS = {
    "project: create for",
    "tree: create for",
    "tree: import",
    "tree: import for",
    "entity: by user",
    "waitlist: get",
}


def _bobs(bench: Bench) -> list[Row]:
    """Bob's rows, wherever they are."""
    return [
        row for row in bench.store.scan() if row.id in BOBS_IDS or SECRET in repr(row.item) or row.parent in BOBS_IDS
    ]


def test_no_sequence_of_calls_reaches_another_owners_rows(bench: Bench, engine: str, layout: str) -> None:
    """After any calls for Ada, whatever ids they are given, Bob's rows are as they were, and no answer showed one."""
    counted = {"sequences": 0, "calls": 0}
    found: list[str] = []
    ids = st.sampled_from([*ADAS_IDS, *BOBS_IDS, *BOBS_IDS, NOWHERE])
    sequences = st.lists(
        st.tuples(st.sampled_from(sorted(CALLS)), ids, ids, st.integers(0, 5)), min_size=1, max_size=15
    )

    @settings(max_examples=EXAMPLES[tiers.TIER], suppress_health_check=list(HealthCheck), database=None)
    @given(sequences)
    def run(sequence: list[tuple[str, str, str, int]]) -> None:
        bench.put_only(tenancy.rows())
        before = _bobs(bench)
        for name, one, two, number in sequence:
            told = tenancy.tell(CALLS[name], one, two, number)
            assert SECRET not in told.text, f"{name}({one}, {two}, {number}) told {told.text}"
        assert _bobs(bench) == before
        counted["sequences"] += 1
        counted["calls"] += len(sequence)

    bench.connect()
    try:
        run()
    except AssertionError as error:
        found.append(str(error))
        raise
    finally:
        figures.record("tenancy", engines=engine, layouts=layout, found=found, **counted)


def test_another_owners_row_is_reported_as_one_that_is_not_there(bench: Bench) -> None:
    """Whether an id is Bob's or nobody's makes no difference to what Ada is told."""
    bench.put_only(tenancy.rows())
    bench.connect()
    different: list[str] = []
    for name in sorted(CALLS.keys() - WITHOUT_IDS):
        for bobs in BOBS_IDS:
            told, expected = (tenancy.tell(CALLS[name], one, "p", 0) for one in (bobs, NOWHERE))
            if (told.kind, told.text.replace(repr(bobs), repr(NOWHERE))) != (expected.kind, expected.text):
                different.append(f"{name}({bobs}): {told}, for no row: {expected}")
    assert not different, "\n".join(different)


def test_a_cursor_of_one_owner_is_no_cursor_of_another(bench: Bench) -> None:
    """A page that Bob was shown cannot be gone on from for Ada, also where both ask for the same rows."""
    _, *more = world.project("q", "bob", [("user_flows", "qf2", "q"), ("test_cases", "qt2", "ql")])
    bench.put_only([*tenancy.rows(), *more, *world.project("q2", "bob", [])])
    bench.connect()
    cursors = {
        "user": ProjectRepository(user_id="bob").list_by_user("bob", limit=1).cursor,
        "flows": UserFlowRepository(user_id="bob").list_by_project("q", limit=1).cursor,
        "test cases": TestCaseRepository(user_id="bob").list_by_parent("ql", limit=1).cursor,
    }
    assert all(cursors.values())
    ada = ProjectRepository(user_id="ada")
    with pytest.raises(InvalidCursorError):
        ada.list_by_user("ada", cursor=cursors["user"])
    assert ada.list_by_user("bob", cursor=cursors["user"]).items == []
    assert UserFlowRepository(user_id="ada").list_by_project("q", cursor=cursors["flows"]).items == []
    assert TestCaseRepository(user_id="ada").list_by_parent("ql", cursor=cursors["test cases"]).items == []


@pytest.mark.parametrize("nobody", [None, "", 0, False, [], {}, "x" * 256])
def test_no_owner_is_not_every_owner(bench: Bench, nobody: object) -> None:
    """Where the caller's identity got lost on its way, the entities refuse instead of answering for everybody."""
    bench.put_only(tenancy.rows())
    bench.connect()
    before = bench.store.scan()
    answers = [
        ProjectEntity.get_by_id("q", nobody),  # type: ignore[arg-type]
        ProjectEntity.update("q", nobody, {"name": "taken"}),  # type: ignore[arg-type]
        ProjectEntity.delete("q", nobody),  # type: ignore[arg-type]
        ProjectEntity.get_by_user_id(nobody),  # type: ignore[arg-type]
    ]
    assert [answer["code"] for answer in answers] == ["invalid_input"] * 4
    assert bench.store.scan() == before
