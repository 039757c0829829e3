"""The Pydantic schemas of the waitlist."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, ModelWrapValidatorHandler, PrivateAttr, model_validator

from models._fields import NOT_GIVEN, Changes, Input, Notes, Stored, WaitlistStatus, wire_alias
from models.tables import WaitlistModel


def normalize_email(address: str) -> str:
    """Check an address and return it lower-cased, in Unicode's normal form.

    Only its form is checked, nothing is looked up. email-validator is imported here and not before: a Lambda without
    sign-ups does not pay for it.

    Args:
        address: at most 254 characters (RFC 5321), for example `Ada@Example.org`.

    Raises:
        ValueError: if it is no address; the message says why.
        ModuleNotFoundError: if the extra `waitlist` is not installed.
    """
    from email_validator import validate_email  # noqa: PLC0415 - costs a cold start 30 ms

    return validate_email(address, check_deliverability=False).normalized.lower()


Email = Annotated[str, AfterValidator(normalize_email)]


class WaitlistCreate(Input):
    """A new sign-up."""

    email: Email
    status: WaitlistStatus = "pending"
    notes: Notes | None = None

    # As it was given: an earlier writer may have left a row under exactly this spelling.
    _spelling: str | None = PrivateAttr(default=None)

    @property
    def spelling(self) -> str:
        """The address as it was given, before it was lower-cased."""
        return self._spelling or self.email

    @model_validator(mode="wrap")
    @classmethod
    def _keep_spelling(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(data)
        if isinstance(data, dict):
            made._spelling = data["email"]
        return made


class WaitlistUpdate(Changes):
    """Changes of a sign-up. The address is its key and does not change."""

    status: WaitlistStatus = NOT_GIVEN
    notes: Notes | None = None


class Waitlist(Stored, alias_generator=wire_alias(WaitlistModel)):
    """A sign-up. Rows of earlier writers can hold another spelling of the address, and other statuses."""

    email: str
    status: str = "pending"
    notes: str | None = None
