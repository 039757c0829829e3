"""The declarations of VishMaker's data: six PynamoDB models; `models.requirement` and `models.waitlist` hold the rest.

Importing this makes no client, reads no credentials and needs no environment.
"""

import dynamodb._connection  # noqa: F401 - gives the models below the one client that everything shares
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
