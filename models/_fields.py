"""What the schemas are made of: field types with their limits, and the three bases (create, update, stored).

A stored row is decoded from DynamoDB's JSON without a step in between: each field's validation alias is a path into
the wire form, for example `name` → `["name", "S"]`, taken from the PynamoDB model's attribute type. A public
constructor goes by field names; only the decoder asks for the aliases.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasGenerator, AliasPath, BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from models._values import as_utc, check_text
from models.tables import Table

NAME_LIMIT = 255
ID_LIMIT = 255
NOTES_LIMIT = 500

Text = Annotated[str, AfterValidator(check_text)]
#: An id from elsewhere; ids made here are version 7 UUIDs. 255 characters are at most 1020 of a sort key's 1024 bytes.
Id = Annotated[str, Field(min_length=1, max_length=ID_LIMIT), AfterValidator(check_text)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT), AfterValidator(check_text)]
Notes = Annotated[str, Field(max_length=NOTES_LIMIT), AfterValidator(check_text)]
WaitlistStatus = Literal["pending", "contacted", "converted"]


class _ExactlyUtc:
    """Accepts a moment whose offset is zero, without leaving pydantic-core."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.datetime_schema(tz_constraint=0)


# Rows of this layer take the first branch; only other spellings cost a Python call.
Timestamp = Annotated[
    Annotated[datetime, _ExactlyUtc] | Annotated[datetime, AfterValidator(as_utc)], Field(union_mode="left_to_right")
]


def wire_alias(model: type[Table]) -> AliasGenerator:
    """Make the aliases that find a field in DynamoDB's JSON.

    Args:
        model: the PynamoDB model whose attribute types say under which key a value lies. A field that is no
            attribute gets a path that the wire never has.
    """
    types = {attribute.attr_name: attribute.attr_type for attribute in model.get_attributes().values()}
    return AliasGenerator(validation_alias=lambda field: AliasPath(field, types.get(field, "not stored")))


#: The default of a field that an update may leave out but not set to `None`; `Changes.given` never shows it.
NOT_GIVEN: Any = None


class Input(BaseModel):
    """What a caller gives: checked against every limit before a request is made."""

    # Unknown fields are refused, so that a misspelt one is not lost. Validators are built on first use (cold start).
    # A traceback shows what failed where, and not what somebody wrote there: prompts and addresses stay out of logs.
    model_config = ConfigDict(extra="forbid", defer_build=True, hide_input_in_errors=True)


class Changes(Input):
    """What an update changes: only fields that were given. `None` removes an optional attribute."""

    def given(self) -> Mapping[str, Any]:
        """Return the fields that the caller set, with their values."""
        return {field: getattr(self, field) for field in self.model_fields_set}


class Wire(BaseModel):
    """What is decoded from DynamoDB's JSON. Limits are not checked again: earlier writers' rows must stay readable."""

    model_config = ConfigDict(
        extra="ignore", defer_build=True, validate_by_name=True, validate_by_alias=False, hide_input_in_errors=True
    )


class Stored(Wire):
    """A row as it is stored."""

    created_at: Timestamp
    # Rows of earlier writers lack it; they have not been changed since they were made.
    updated_at: Timestamp = Field(default_factory=lambda row: row["created_at"])
    #: Raised by every write. 0: a row of an earlier writer that was not written since.
    version: int = 0
