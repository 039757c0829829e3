"""Signing up: `/api/waitlist`. Whoever signs up has no account yet, so this route needs no authoriser."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from dynamodb.repositories import WaitlistRepository
from vishmaker_api import answers

router = APIRouter(prefix="/api/waitlist")


class SignUp(BaseModel):
    """What a visitor may say; the status is not among it."""

    model_config = ConfigDict(extra="forbid")

    email: str
    notes: str | None = None


@router.post("")
def sign_up(entry: SignUp) -> Response:
    """Put an address on the waitlist; 409 where it is there."""
    return answers.row(WaitlistRepository().create(entry.model_dump()), 201)
