"""The declarations of VishMaker's data: six PynamoDB models; `models.requirement` and `models.waitlist` hold the rest.

Importing this makes no client, reads no credentials and needs no environment.
"""

from models.tables import (
    HighLevelRequirementModel,
    LowLevelRequirementModel,
    ProjectModel,
    TestCaseModel,
    UserFlowModel,
    WaitlistModel,
)

__all__ = [
    "HighLevelRequirementModel",
    "LowLevelRequirementModel",
    "ProjectModel",
    "TestCaseModel",
    "UserFlowModel",
    "WaitlistModel",
]
