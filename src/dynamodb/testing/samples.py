"""A small project to try things with: what the fixture `vishmaker_project` puts into the tables."""

from models.requirement import ProjectTreeCreate

__all__ = ["SAMPLE_OWNER", "sample_project"]

#: The owner of the sample.
SAMPLE_OWNER = "user-1"


def sample_project(user_id: str = SAMPLE_OWNER) -> ProjectTreeCreate:
    """Return a project that is not stored yet: two user flows, three HLRs, four LLRs, three test cases; new ids.

    Two of the LLRs have no test case yet, as in projects that are being worked on.

    Args:
        user_id: its owner.
    """
    return ProjectTreeCreate.model_validate(
        {
            "name": "Book club",
            "user_id": user_id,
            "initial_prompt": "A web application in which a book club chooses what to read next.",
            "flows": [
                {
                    "name": "Suggest a book",
                    "description": "A member suggests a book to the club.",
                    "high_level_requirement_list": [
                        _hlr(
                            "Find the book in a catalogue",
                            _llr("Search by title or author", "Finds a title by one word of it", "Says when none fits"),
                            _llr("Look a book up by its ISBN", "Refuses an ISBN with a wrong check digit"),
                        ),
                        _hlr("Tell the members about a suggestion", _llr("Send one e-mail a day at most")),
                    ],
                },
                {
                    "name": "Vote",
                    "high_level_requirement_list": [
                        _hlr("Count the votes", _llr("Count one vote a member")),
                    ],
                },
            ],
        }
    )


def _hlr(name: str, *below: dict[str, object]) -> dict[str, object]:
    return {"name": name, "low_level_requirement_list": list(below)}


def _llr(name: str, *test_cases: str) -> dict[str, object]:
    return {"name": name, "test_case_list": [{"name": test_case} for test_case in test_cases]}
