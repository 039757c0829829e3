"""The one table of the single-table layout, seen as rows of six and the items that lead to them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from reliability.store import LEADS, Item, Row, Rows, Store
from support.layouts import SINGLE as SINGLE_TABLE
from support.one_table import LETTERS, OWN, stored
from support.tables import LEVELS, SINGLE, SIX, Shape

[_TABLE] = SINGLE


class OneTableStore(Store):
    """The one table. An item that leads to a row is one of `LEADS`: its id is the row's, its parent the row's kind."""

    name = layout = SINGLE_TABLE
    shapes: ClassVar[Mapping[str, Shape]] = SINGLE

    def scan(self) -> list[Row]:
        return _with_leads(super().scan())

    def completed(self, rows: Rows) -> Rows:
        """Nodes of earlier writers get their project's id, without which they have no key here."""
        project_of = {item["id"]["S"]: item["id"] for table, item in rows if table == LEVELS[0]}
        done: Rows = []
        for table, item in rows:
            if table in LETTERS:
                parent = item[SIX[table].key[1]]["S"]
                project = item.get("project_id") or project_of[parent]
                project_of[item["uiid"]["S"]] = project
                done.append((table, {**item, "project_id": project}))
            else:
                done.append((table, item))
        return done

    def as_stored(self, rows: Rows) -> Rows:
        whole: Rows = []
        for table, item in self.completed(rows):
            whole.append((table, item))
            whole += [(LEADS, _lead(raw)) for raw in stored(table, item)[1:]]
        return whole

    def raw(self, table: str, item: Item) -> tuple[str, Item]:
        if table == LEADS:
            own = {"pk": {"S": f"ID#{item['uiid']['S']}"}, "sk": item["level"], "item_type": {"S": "id"}}
            return self._name(_TABLE), {**own, "row_pk": item["row_pk"], "row_sk": item["row_sk"]}
        return self._name(_TABLE), stored(table, item)[0]

    def _name(self, table: str) -> str:
        return self.prefix.rstrip("-")

    def _key(self, table: str, item: Item) -> tuple[str, ...]:
        _, raw = self.raw(table, item)
        return _TABLE, raw["pk"]["S"], raw["sk"]["S"]

    def _row(self, table: str, item: Item) -> Row:
        key = (_TABLE, item["pk"]["S"], item["sk"]["S"])
        if item["item_type"]["S"] == "id":
            return Row(LEADS, key[1].removeprefix("ID#"), key[2], _lead(item), key)
        kind = item["item_type"]["S"]
        plain = {name: value for name, value in item.items() if name not in OWN}
        row_id, *parent = (plain[part]["S"] for part in SIX[kind].key)
        lies_well = kind not in LETTERS or {"project_id", "created_at"} <= plain.keys()
        lies_well = lies_well and stored(kind, plain)[0] == item
        wrong = "" if lies_well else f"lies under {key[1]} {key[2]} with {sorted(OWN & item.keys())}"
        return Row(kind, row_id, parent[0] if parent else "", plain, key, wrong)


def _lead(raw: Item) -> Item:
    return {"uiid": {"S": raw["pk"]["S"].removeprefix("ID#")}, "level": raw["sk"]} | {
        name: raw[name] for name in ("row_pk", "row_sk")
    }


def _with_leads(rows: Sequence[Row]) -> list[Row]:
    """The same rows, each that leads to nothing, or that nothing leads to, with a word about it."""
    there = {row.key: row for row in rows}
    leads = {(row.parent, row.id) for row in rows if row.table == LEADS}
    judged: list[Row] = []
    for row in rows:
        if row.table == LEADS:
            found = there.get((_TABLE, str(row.get("row_pk")), str(row.get("row_sk"))))
            fits = found is not None and (found.table, found.id) == (row.parent, row.id)
            judged.append(row if fits else replace(row, wrong="leads to nothing"))
        elif row.table in LETTERS and (row.table, row.id) not in leads:
            judged.append(replace(row, unfinished="nothing leads to it"))
        else:
            judged.append(row)
    return judged
