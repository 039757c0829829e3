"""Writing what a plan gives, group after group, with the checkpoint between them.

Rows of which it is known that the target has none go in batches; a group is what may be sent at once. Projects go one
by one, on the condition that they are new: a batch could overwrite an owner's, and they are few.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from dynamodb import _batches, _requests, _writing
from dynamodb._capacity import capacity
from dynamodb._requests import Item
from dynamodb._sending import PASSING, at_once, most_doubtful
from dynamodb.errors import AlreadyExistsError, ConnectionFailedError, DataLayerError, PartialWriteError, ThrottledError
from dynamodb.migrate import _cautious
from dynamodb.migrate._converting import REASONS, Converted
from dynamodb.migrate._pace import Pace
from dynamodb.migrate._plan import Plan, Refused
from dynamodb.migrate._refusals import Refusals
from dynamodb.migrate._state import State, Written
from dynamodb.migrate._units import write_units
from models._kinds import PROJECT, Kind

#: A group has this many rows at most, and bytes: what a run holds in memory.
_ROWS, _BYTES = 1000, 8_000_000

#: A run ends when DynamoDB has taken nothing, or not answered a read, for so many seconds.
PATIENCE = 600.0

#: What is told how many rows of the source are done.
Tell = Callable[[int], None]


@dataclass
class Loaded:
    """What a run did to one table.

    Attributes:
        rows: rows of the source.
        written: rows that this run wrote, those before an interruption included.
        unchanged: rows that were in the target as they should be.
        quarantined: rows that were not migrated.
    """

    rows: int = 0
    written: int = 0
    unchanged: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a group.

    Attributes:
        rows: to be sent again.
        error: why they are left; `None`: somebody changed them at the same moment.
    """

    rows: list[Converted]
    error: DataLayerError | None = None


@dataclass
class Loader:
    """Writes one source into the tables.

    Args:
        state: the checkpoint.
        refusals: the quarantine.
        pace: how fast.
        cautious: rows can be in the target already.
        resumed: time has passed since the target was found empty.
        tell: told of rows that are done.
    """

    state: State
    refusals: Refusals
    pace: Pace
    cautious: bool
    resumed: bool
    tell: Tell
    loaded: dict[Kind, Loaded] = field(default_factory=dict)
    #: Write units that DynamoDB reported.
    write_units: float = 0.0

    def run(self, plan: Plan) -> None:
        """Write everything.

        Raises:
            DataLayerError: as `dynamodb.errors` says; a later run with the same state goes on.
        """
        for kind, rows in plan.rows():
            self.loaded[kind] = Loaded()
            self._table(kind, rows)
            self.loaded[kind].written = self.state.count_written(kind)
            self.state.log(f"{kind.key}: {self.loaded[kind]}")

    def _table(self, kind: Kind, rows: Iterable[Converted | Refused]) -> None:
        acknowledged = before = self.state.acknowledged(kind)
        in_doubt = self.state.sent(kind)
        for group in self._groups(kind, rows, before, in_doubt):
            last = group[-1].serial
            is_in_doubt = in_doubt is not None and group[0].serial <= in_doubt
            cautious = self.cautious or is_in_doubt or self._is_there(kind, group)
            send = self._send_cautiously if cautious else self._send
            self.refusals.flush()
            send(kind, group, acknowledged)
            acknowledged = last
            self.tell(len(group))
        self.refusals.flush()
        self.state.finish(kind)

    def _is_there(self, kind: Kind, group: Sequence[Converted]) -> bool:
        """Say whether the target has one of these rows, which nobody has sent: it was empty when the run began."""
        return self.resumed and bool(_batches.present(kind, [one.row for one in group], complete=True))

    def _groups(
        self, kind: Kind, rows: Iterable[Converted | Refused], acknowledged: int | None, in_doubt: int | None
    ) -> Iterator[list[Converted]]:
        """Put rows together that may be sent at once; rows that may have been sent before are not put with others."""
        group: list[Converted] = []
        units = size = 0
        done = self.loaded[kind]
        for one in rows:
            done.rows += 1
            if isinstance(one, Refused):
                self._refuse(one)
                continue
            if acknowledged is not None and one.serial <= acknowledged:
                self.tell(1)
                continue
            added = _requests.item_size(one.item)
            cost = write_units(kind, one.item)
            is_full = len(group) >= _ROWS or size + added > _BYTES or units + cost > self.pace.group
            leaves_doubt = in_doubt is not None and one.serial > in_doubt
            if group and (is_full or (leaves_doubt and group[-1].serial <= (in_doubt or 0))):
                yield group
                group, units, size = [], 0, 0
            group.append(one)
            units, size = units + cost, size + added
        if group:
            yield group

    def _refuse(self, one: Refused, **more: Item | None) -> None:
        self.loaded[one.kind].quarantined += 1
        self.refusals.add(one, **more)
        if not more:
            self.tell(1)

    def _send(self, kind: Kind, group: Sequence[Converted], acknowledged: int | None) -> None:
        """Send rows that nobody has written."""
        entries = [Written.of(kind, one.row, one.item) for one in group]
        self.state.begin(kind, entries, acknowledged=acknowledged, sent=group[-1].serial)
        put = self._put_projects if kind is PROJECT else partial(self._put_batches, kind)
        self._until_done(kind, group, acknowledged, put)

    def _put_batches(self, kind: Kind, rows: Sequence[Converted]) -> _Left:
        """Write rows; return those of which it is not known that they are written."""
        try:
            _batches.write(kind, [one.row for one in rows])
        except PartialWriteError as error:
            if not isinstance(error.__cause__, PASSING):
                raise
            left = {row_id for _, row_id in error.not_written}
            return _Left([one for one in rows if one.row_id in left], error.__cause__)
        return _Left([])

    def _put_projects(self, rows: Sequence[Converted]) -> _Left:
        failed = at_once(partial(_put_project, one) for one in rows)
        left = [(one, error) for one, error in zip(rows, failed, strict=True) if error]
        return _Left([one for one, _ in left], most_doubtful([error for _, error in left]) if left else None)

    def _send_cautiously(self, kind: Kind, group: Sequence[Converted], acknowledged: int | None) -> None:
        """Look for rows first, and write under conditions."""
        self.state.begin(kind, [], acknowledged=acknowledged, sent=group[-1].serial)
        self._until_done(kind, group, acknowledged, partial(self._merge, kind, acknowledged))

    def _merge(self, kind: Kind, acknowledged: int | None, rows: Sequence[Converted]) -> _Left:
        """Write what is absent or older; return what was left."""
        looked = _cautious.look(rows)
        wanted = [one for one in looked if one.standing in {"absent", "older"}]
        entries = [Written.of(kind, one.one.row, one.one.item, _item(one)) for one in wanted]
        self.state.begin(kind, entries, acknowledged=acknowledged, sent=rows[-1].serial)
        try:
            lost = [one.one for one in _cautious.write(wanted)]
        except PASSING as error:
            left = _Left([one.one for one in wanted], error)  # those that were written are found to be the same
        else:
            self.state.forget(Written.of(kind, one.row, one.item) for one in lost)
            left = _Left(lost)
        for one in looked:
            self._settle(one)
        return left

    def _settle(self, looked: _cautious.Looked) -> None:
        one = looked.one
        if looked.standing == "same":
            is_ours = self.state.is_written(Written.of(one.kind, one.row, one.item))
            self.loaded[one.kind].unchanged += not is_ours
        elif looked.standing in {"target_newer", "target_elsewhere"}:
            refused = Refused(one.kind, one.serial, looked.standing, REASONS[looked.standing], one.values)
            self._refuse(refused, target=_item(looked))

    def _until_done(
        self,
        kind: Kind,
        group: Sequence[Converted],
        acknowledged: int | None,
        put: Callable[[Sequence[Converted]], _Left],
    ) -> None:
        """Write a group; what is left is sent again, more slowly, for as long as anything goes through."""
        waiting = list(group)
        end = time.monotonic() + PATIENCE
        while waiting:
            now, waiting = self._share(kind, waiting)
            left = self._paced(kind, now, put)
            waiting = left.rows + waiting
            if not left.rows:
                self.pace.faster()
            elif left.error:
                self.pace.slower()
                self.state.log(f"{kind.key}: {left.error.code}: {len(left.rows)} of {len(now)} rows are sent again")
            is_in_doubt = isinstance(left.error, ConnectionFailedError)
            if is_in_doubt:
                put = partial(self._merge, kind, acknowledged)  # they may be there, and somebody may have changed them
            if len(left.rows) < len(now):
                end = time.monotonic() + PATIENCE
            elif time.monotonic() > end:
                gave_up = ConnectionFailedError if is_in_doubt else ThrottledError
                raise gave_up(
                    f"DynamoDB took nothing for {PATIENCE:.0f} seconds; the same command again goes on"
                ) from left.error

    def _share(self, kind: Kind, rows: list[Converted]) -> tuple[list[Converted], list[Converted]]:
        """Return as many rows as may be sent at once at the pace of this moment, and the rest."""
        units = 0
        for place, one in enumerate(rows):
            units += write_units(kind, one.item)
            if place and units > self.pace.group:
                return rows[:place], rows[place:]
        return rows, []

    def _paced(self, kind: Kind, rows: Sequence[Converted], put: Callable[[Sequence[Converted]], _Left]) -> _Left:
        """Wait until rows may be sent, and send them; what that really cost is told to the pace."""
        units = sum(write_units(kind, one.item) for one in rows)
        self.pace.take(units)
        with capacity() as used:
            left = put(rows)
        if used.write_units:
            self.pace.add(used.write_units - units)
            self.write_units += used.write_units
        return left


def _item(looked: _cautious.Looked) -> Item | None:
    return None if looked.there is None else looked.there.item


def _put_project(one: Converted) -> ConnectionFailedError | ThrottledError | None:
    """Write a project that must be new; return why it may not have been."""
    try:
        _writing.put_new(one.kind, one.item)
    except PASSING as error:
        return error
    except AlreadyExistsError:
        raise AlreadyExistsError(
            f"project {one.row_id} came into the target while it was being migrated to; nothing was overwritten: "
            "roll back, or migrate again with --merge and another --state",
            key=one.row_id,
        ) from None
    return None


__all__ = ["PATIENCE", "Loaded", "Loader", "Tell"]
