"""The repository of the waitlist."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, get_args

from dynamodb import _layout, _requests, _rows, _transactions, _writing
from dynamodb._decoding import decoder
from dynamodb._paging import Page
from dynamodb._sending import at_once, send
from dynamodb._validation import check_key, check_list, checked
from dynamodb.errors import DataLayerError, InvalidInputError
from dynamodb.repositories._base import Repository
from models._fields import WaitlistStatus
from models._kinds import WAITLIST, Kind
from models._signup import Waitlist, WaitlistCreate, WaitlistUpdate, normalize_email
from models._values import MICROSECOND, take_moments


class WaitlistRepository(Repository[Waitlist, WaitlistCreate, WaitlistUpdate]):
    """Sign-ups, one per address. An address is found in whatever case it is spelled.

    Args:
        user_id: an entry belongs to no owner, so a repository for one sees none and writes none.
    """

    kind: ClassVar[Kind] = WAITLIST

    def create(self, data: WaitlistCreate | Mapping[str, Any]) -> Waitlist:
        """Write a new entry.

        Args:
            data: the create schema, or a mapping of its fields.

        Raises:
            InvalidInputError: if the address is none, or a field is outside its limits.
            AlreadyExistsError: if the address is there.
        """
        self._refuse_owner()
        one: WaitlistCreate = checked(WaitlistCreate, data)
        if one.spelling != one.email:
            _writing.refuse_known_ids([(WAITLIST, one.spelling)])
        fields = self._new_fields(one, take_moments())
        _writing.put_new(WAITLIST, _requests.item_of(WAITLIST, fields))
        return self._stored(fields)

    def create_many(self, data: Sequence[WaitlistCreate | Mapping[str, Any]]) -> list[Waitlist]:
        """Write new entries in their order: all or nothing up to 100, beyond it transaction by transaction.

        Raises:
            InvalidInputError: as for `create`, or if an address is given twice; nothing was written.
            AlreadyExistsError: if an address is there; nothing was written.
            PartialWriteError: if a later transaction failed; it says what the earlier ones wrote.
        """
        self._refuse_owner()
        inputs: list[WaitlistCreate] = [checked(WaitlistCreate, one) for one in check_list("data", data)]
        if len({one.email for one in inputs}) < len(inputs):
            raise InvalidInputError("email: the same address is given twice")
        _writing.refuse_known_ids((WAITLIST, one.spelling) for one in inputs if one.spelling != one.email)
        start = take_moments(len(inputs))
        fields = [self._new_fields(one, start + number * MICROSECOND) for number, one in enumerate(inputs)]
        _writing.insert([_writing.NewRow(WAITLIST, _requests.item_of(WAITLIST, one)) for one in fields])
        return [self._stored(one) for one in fields]

    def find(self, key: str) -> Waitlist | None:
        """Return the entry of an address, or `None`.

        Entries are kept lower-cased. One that an earlier writer left in another spelling is found by that spelling.
        """
        check_key("email", key)
        if self._user_id is not None:
            return None
        spellings = dict.fromkeys((lower_case(key), key))
        return next((row for spelling in spellings if (row := self._read(spelling))), None)

    def delete(self, key: str) -> None:
        """Delete an entry.

        Raises:
            NotFoundError: if there is none.
        """
        row = self.get(key)
        _transactions.perform([{"Delete": one} for one in _requests.deletes(WAITLIST, row, None)])

    def list_by_status(
        self, status: str, *, limit: int | None = None, cursor: str | None = None, newest_first: bool = False
    ) -> Page[Waitlist]:
        """Return a page of the entries of a status in the order they signed up.

        Eventually consistent: an entry just written may not be in it yet.

        Args:
            status: `pending`, `contacted` or `converted`; others are found where an earlier writer left them.
            limit: rows on a page; default: as many as fit in 1 MB.
            cursor: the `cursor` of the page before. It holds an address, in plain text.
            newest_first: the other way round.

        Raises:
            InvalidInputError: if there is no such status, and no entry has it.
            InvalidCursorError: if the cursor is damaged, or another query's.
        """
        check_key("status", status)
        if self._user_id is not None:
            return Page([])
        place = _layout.current().by_field(WAITLIST, "status", status)
        page = self._page(place, limit=limit, cursor=cursor, newest_first=newest_first)
        if not page.items and cursor is None:
            _refuse_unknown(status)
        return page

    def iter_by_status(self, status: str, *, newest_first: bool = False) -> Iterator[Waitlist]:
        """Go through all entries of a status, as `list_by_status` orders them, reading page after page."""
        check_key("status", status)
        if self._user_id is not None:
            return
        entries = self._iter(_layout.current().by_field(WAITLIST, "status", status), newest_first=newest_first)
        first = next(entries, None)
        if first is None:
            _refuse_unknown(status)
            return
        yield first
        yield from entries

    def iter_all(self) -> Iterator[Waitlist]:
        """Go through all entries, in no order. This is a scan: it reads, and costs, all of them.

        Strongly consistent; in the single-table layout it is the index by status that is scanned, a moment late.
        """
        if self._user_id is not None:
            return
        params = _layout.current().scan(WAITLIST)
        while True:
            answer = send("Scan", params, decoder(Waitlist))
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            params["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def update_status(self, emails: Sequence[str], status: str) -> list[Waitlist | DataLayerError]:
        """Set the status of many entries, several at the same time.

        Returns:
            For each address, in its order, the entry as it is now or why it was not changed.

        Raises:
            InvalidInputError: if there is no such status, or the addresses are no list; nothing was changed.
        """
        change: WaitlistUpdate = checked(WaitlistUpdate, {"status": status})
        return at_once(partial(self._try_update, email, change) for email in check_list("emails", emails))

    def _try_update(self, email: str, change: WaitlistUpdate) -> Waitlist | DataLayerError:
        try:
            return self.update(email, change)
        except DataLayerError as error:
            return error

    def _read(self, email: str) -> Waitlist | None:
        return _rows.find(WAITLIST, email, Waitlist)

    def _refuse_owner(self) -> None:
        if self._user_id is not None:
            raise InvalidInputError("user_id: a waitlist entry has no owner; use WaitlistRepository()")


def _refuse_unknown(status: str) -> None:
    known = get_args(WaitlistStatus)
    if status not in known:
        raise InvalidInputError(f"status: there is no {status!r}, only {', '.join(known)}")


def lower_case(address: str) -> str:
    """Return an address as new entries are keyed; one that is none stays as it is."""
    if address.isascii() and "xn--" not in address.lower():  # an international domain has two spellings
        return address.lower()
    try:
        return normalize_email(address)
    except ValueError:
        return address
