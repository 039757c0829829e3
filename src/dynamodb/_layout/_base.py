"""What a layout says of rows, and the places it names."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from models._fields import Wire
from models._kinds import KINDS, Kind

Key = dict[str, dict[str, str]]
Item = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Rows that share one partition of a table or an index, or a part of one.

    Attributes:
        kind: what the rows are; in a place with rows of several kinds, the first one's.
        table: the table's name.
        index: the index's name; `None`: the table itself.
        hash_key: the attribute that is the partition's key.
        value: its value; empty while `pointer` has not been followed.
        range_key: the attribute that `begins` is about.
        begins: what the sort keys begin with; empty: all of the partition.
        exactly: `begins` is the whole sort key.
        pointer: the key of the item that says where the rows are: it is read first.
        type_field: the attribute that says of what kind a row is, in a place with rows of several kinds.
        in_order: the rows lie in the order they were created. Otherwise they are ordered when all have been read.
    """

    kind: Kind
    table: str
    index: str | None
    hash_key: str
    value: str
    range_key: str = ""
    begins: str = ""
    exactly: bool = False
    pointer: Key | None = None
    type_field: str = ""
    in_order: bool = True

    @property
    def consistent(self) -> bool:
        """Whether a strongly consistent read is possible; an index has none."""
        return self.index is None

    def at(self, value: str, begins: str | None = None) -> "Place":
        """Return the place that a pointer led to: a partition, and in it one row where `begins` is given."""
        if begins is None:
            return replace(self, value=value, pointer=None)
        return replace(self, value=value, begins=begins, exactly=True, pointer=None)


@dataclass(frozen=True)
class Walk:
    """A strongly consistent Scan, one of those that show all items between them.

    Attributes:
        kinds: of the rows in it.
        params: of the Scan.
    """

    kinds: tuple[Kind, ...]
    params: dict[str, Any]


@dataclass(frozen=True)
class Lead:
    """What an item says that is no row, but leads to one.

    Attributes:
        kind: of the row.
        row_id: its id.
        key: its primary key; `None` where the item does not say it.
    """

    kind: Kind
    row_id: str
    key: Key | None


def name_fields(kind: Kind) -> tuple[str, ...]:
    """Return the fields that tell a row from all others, its id first: with it what it belongs to."""
    return (kind.id_field, kind.parent_field) if kind.parent_field else (kind.id_field,)


def name(kind: Kind, row: Any) -> tuple[str, ...]:
    """Return what tells a row from all others: the key of its kind in the six tables and its `name_fields`' values."""
    return (kind.key, *(getattr(row, part) for part in name_fields(kind)))


class KeyOnly(Wire):
    """What of a row its deletion needs, read so that a row which the full schema refuses can go, too."""

    created_at: str = ""
    project_id: str | None = None
    tree_state: str | None = None
    tree_format: str | None = None
    version: str | None = None


class Layout(ABC):
    """Where rows lie: under which table and key, and where they are found again."""

    #: Two rows of a kind cannot have one id: a transaction that creates refuses the second.
    guards_ids: bool

    def tables(self) -> tuple[str, ...]:
        """Return the names of all tables."""
        return tuple(dict.fromkeys(self.table(kind) for kind in KINDS))

    @abstractmethod
    def table(self, kind: Kind) -> str:
        """Return the name of the table that holds a kind."""

    @abstractmethod
    def kind_of(self, table_name: str | None, key: Mapping[str, Any]) -> list[Kind]:
        """Return the kinds of row that an item can be; none where it is no row.

        Args:
            table_name: the table it is in; `None`: it is not known.
            key: its primary key in DynamoDB's JSON.
        """

    @abstractmethod
    def id_of(self, kind: Kind, key: Mapping[str, Any], item: Mapping[str, Any]) -> str | None:
        """Return the id of a row, `None` where it cannot be told.

        Args:
            kind: the row's kind.
            key: its primary key in DynamoDB's JSON.
            item: as much of the row as is known.
        """

    @abstractmethod
    def key(self, kind: Kind, row: Any) -> Key:
        """Return the primary key of a row in DynamoDB's JSON.

        Args:
            kind: the row's kind.
            row: an object or a mapping with the row's fields.
        """

    @abstractmethod
    def key_names(self, kind: Kind) -> tuple[str, ...]:
        """Return the attributes that are the primary key, the hash key first."""

    @abstractmethod
    def key_limits(self, kind: Kind) -> Iterable[tuple[str, int]]:
        """Return the fields that are a part of a key as they are, each with its limit in bytes."""

    @abstractmethod
    def key_schema(self, kind: Kind) -> type[Any]:
        """Return the schema of a row's primary key, `name_fields` and bookkeeping."""

    @abstractmethod
    def item(self, kind: Kind, fields: Item) -> Item:
        """Return a row as it is stored, from its fields in DynamoDB's JSON."""

    @abstractmethod
    def indexes(self, kind: Kind) -> int:
        """Return how many indexes have a row of a kind in them."""

    @abstractmethod
    def can_hold(self, kind: Kind, fields: Mapping[str, Any]) -> bool:
        """Say whether a row has what its key is made of.

        Args:
            kind: the row's kind.
            fields: its own, as text or as they are read.
        """

    @abstractmethod
    def added(self, kind: Kind) -> frozenset[str]:
        """Return the attributes that `item` adds to a row's own."""

    @abstractmethod
    def reserved(self, kind: Kind) -> frozenset[str]:
        """Return the names that an attribute of a row that this layer does not know must not have."""

    def fields(self, kind: Kind, item: Item) -> Item:
        """Return a row's own attributes, those that this layer does not know included: what was given to `item`."""
        added = self.added(kind)
        return {name: value for name, value in item.items() if name not in added} if added else item

    @abstractmethod
    def derived(self, kind: Kind, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the attributes that change with these fields of a row: text."""

    @abstractmethod
    def companions(self, kind: Kind, item: Item) -> tuple[Item, ...]:
        """Return the items that are written together with a row, and after it where that is not possible."""

    @abstractmethod
    def companion_keys(self, kind: Kind, row: Any) -> tuple[Key, ...]:
        """Return the keys of those items: they are deleted together with a row, or before it."""

    @abstractmethod
    def by_id(self, kind: Kind, row_id: str) -> Place:
        """Where a row is whose id is all that is known."""

    @abstractmethod
    def leads(self, row_id: str) -> Place | None:
        """Where all items are that lead to rows of an id, on whatever level below a project; `None` without such."""

    @abstractmethod
    def taken(self, kind: Kind, row_id: str) -> Place:
        """Where there is something if an id is taken."""

    @abstractmethod
    def by_parent(self, kind: Kind, parent_id: str, project_id: str | None = None) -> Place:
        """Where the rows are that belong to another row; for projects: to an owner.

        Args:
            kind: the rows' kind.
            parent_id: the id of the row above.
            project_id: the project they are in, where it is known: some layouts have less to look for then.
        """

    @abstractmethod
    def by_project(self, kind: Kind, project_id: str) -> Place:
        """Where the rows of a kind are that a project has, on whatever level."""

    @abstractmethod
    def by_field(self, kind: Kind, field: str, value: str) -> Place:
        """Where the rows are that have this value in a field with an index: `name`, `status`, `user_id`, …."""

    @abstractmethod
    def pointed(self, place: Place, item: Item) -> Place:
        """Return the place that an item leads to, which was read where the place's `pointer` says."""

    @abstractmethod
    def whole_project(self, project_id: str) -> Place | None:
        """Where a project is with all its rows, its own included; `None` where each level is by itself."""

    @abstractmethod
    def scan(self, kind: Kind, *, consistent: bool = False) -> dict[str, Any]:
        """Return the parameters of a Scan of all rows of a kind.

        Args:
            kind: the rows' kind.
            consistent: strongly, whatever it costs; otherwise where that costs no more.
        """

    @abstractmethod
    def walks(self) -> tuple[Walk, ...]:
        """Return the Scans that show all items between them, the kinds of row from the root down."""

    @abstractmethod
    def row_kind(self, walk: Walk, item: Item) -> Kind | None:
        """Return the kind of a row that a walk shows; `None` where the item is no row."""

    @abstractmethod
    def lead(self, item: Item) -> Lead | None:
        """Return what an item leads to; `None` where it leads to nothing."""

    @abstractmethod
    def names(self, kind: Kind, item: Item) -> tuple[str, ...]:
        """Return the values of a stored row's `name_fields`, as far as they can be told whatever is wrong with it."""

    @abstractmethod
    def is_page_key(self, place: Place, page_key: Any) -> bool:
        """Say whether something has the form of a key after which a page of a place can begin."""
