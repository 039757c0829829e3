"""The waitlist for Lambda code: schemas, and an entity whose static methods answer with dictionaries.

Answers are those of `models.requirement`. Nothing is decided here: the entity stands on `dynamodb.repositories`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dynamodb._answers import Answer, answering, failure, success
from dynamodb._printable import shown
from dynamodb._validation import check_list
from dynamodb.errors import DataLayerError
from dynamodb.repositories import WaitlistRepository
from models._signup import Waitlist, WaitlistCreate, WaitlistUpdate


class WaitlistEntity:
    """Sign-ups, one per address, found in whatever case the address is spelled.

    Example:
        >>> from models.waitlist import WaitlistCreate, WaitlistEntity
        >>> WaitlistEntity.create(WaitlistCreate(email="Ada@Example.org"))["data"]["email"]
        'ada@example.org'
        >>> WaitlistEntity.create(WaitlistCreate(email="ada@example.org"))["code"]
        'already_exists'
    """

    @staticmethod
    @answering
    def create(data: WaitlistCreate | Mapping[str, Any]) -> Answer:
        """Write a new entry; `error` with the code `already_exists` where the address is there."""
        return success("waitlist entry created", _json(WaitlistRepository().create(data)))

    @staticmethod
    @answering
    def get_by_email(email: str) -> Answer:
        """Get the entry of an address."""
        return success("waitlist entry found", _json(WaitlistRepository().get(email)))

    @staticmethod
    @answering
    def get_by_status(status: str) -> Answer:
        """Get all entries of a status, in the order they signed up; `data` is the list, `count` its length."""
        return _list(WaitlistRepository().iter_by_status(status))

    @staticmethod
    @answering
    def get_all() -> Answer:
        """Get all entries, the first to sign up first. A scan: reads, and costs, the whole table."""
        return _list(sorted(WaitlistRepository().iter_all(), key=lambda entry: (entry.created_at, entry.email)))

    @staticmethod
    @answering
    def update(email: str, changes: WaitlistUpdate | Mapping[str, Any]) -> Answer:
        """Change an entry; `data` is the entry as it is now."""
        return success("waitlist entry updated", _json(WaitlistRepository().update(email, changes)))

    @staticmethod
    @answering
    def delete(email: str) -> Answer:
        """Delete an entry."""
        WaitlistRepository().delete(email)
        return success("waitlist entry deleted")

    @staticmethod
    @answering
    def exists(email: str) -> Answer:
        """Say whether an address is on the list; `data` has `exists`."""
        is_there = WaitlistRepository().find(email) is not None
        return success(
            "the address is on the list" if is_there else "the address is not on the list", {"exists": is_there}
        )

    @staticmethod
    @answering
    def get_stats() -> Answer:
        """Count the entries by status. A scan: reads, and costs, the whole table.

        Returns:
            `data` has total_count, status_counts, pending_count, contacted_count and converted_count.
        """
        counts = Counter(entry.status for entry in WaitlistRepository().iter_all())
        data = {
            "total_count": counts.total(),
            "status_counts": dict(counts),
            **{f"{status}_count": counts[status] for status in ("pending", "contacted", "converted")},
        }
        return success(f"{counts.total()} counted", data)

    @staticmethod
    @answering
    def bulk_update_status(emails: Sequence[str], status: str) -> Answer:
        """Set the status of many entries.

        Returns:
            `data` has total_processed, success_count, failed_count and `results`: for each address its answer.
        """
        given = check_list("emails", emails)
        results = [
            {"email": _as_text(email), **(failure(done) if isinstance(done, DataLayerError) else success("updated"))}
            for email, done in zip(given, WaitlistRepository().update_status(given, status), strict=True)
        ]
        succeeded = sum(result["status"] == "success" for result in results)
        data = {
            "total_processed": len(results),
            "success_count": succeeded,
            "failed_count": len(results) - succeeded,
            "results": results,
        }
        return success(f"{succeeded} of {len(results)} entries updated", data)


def _as_text(email: Any) -> str:
    """Return an address as it was given; what is none as text that JSON can hold."""
    return email if isinstance(email, str) and email.isprintable() else shown(email)


def _json(entry: Waitlist) -> dict[str, Any]:
    return entry.model_dump(mode="json")


def _list(entries: Any) -> Answer:
    data = [_json(entry) for entry in entries]
    return success(f"{len(data)} found", data, count=len(data))


__all__ = ["Waitlist", "WaitlistCreate", "WaitlistEntity", "WaitlistUpdate"]
