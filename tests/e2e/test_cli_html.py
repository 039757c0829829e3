"""The page that `project tree --html` writes, opened and used in a browser."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dynamodb.cli._tree_html import write_page
from models.requirement import ProjectTree
from support.browser import Page, browser
from support.cli import Cli, sample_file
from support.trees import sample

NOW = datetime(2025, 8, 25, 2, 7, 57, tzinfo=UTC)

HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    "<img src='https://example.org/x.png' onerror='window.hacked = 1'>",
    "<!-- <script>",
    "]]> &amp; &lt;b&gt; \" ' ` ${window.hacked = 1}",
    "line\N{LINE SEPARATOR}paragraph\N{PARAGRAPH SEPARATOR}end",
    "__proto__ /* data */ <!-- title -->",
    "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET} \U0001f600",
)


def stored(tree: dict[str, Any]) -> ProjectTree:
    """A tree as it is when it was read, without a database."""
    numbers = iter(range(1_000_000))

    def fill(node: dict[str, Any], parent: str) -> dict[str, Any]:
        own = f"id-{next(numbers)}"
        made = {"uiid": own, "parent_uiid": parent, "project_id": "p", "created_at": NOW, **node}
        for name, below in node.items():
            if isinstance(below, list):
                made[name] = [fill(child, own) for child in below]
        return made

    filled = fill(tree, "")
    return ProjectTree.model_validate({"id": "p", **{k: filled[k] for k in ("created_at", "flows", *tree)}})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def library(cli: Cli, page: Page, tmp_path: Path) -> Page:
    """The sample's page, written by the command."""
    cli.ok("project", "import", str(sample_file()), "--id", "library")
    file = tmp_path / "library.html"
    assert cli.json("project", "tree", "library", "--html", str(file))["coverage"]["with_test_case"] == 13
    page.prefer("light")
    page.open(file)
    return page


def test_the_page_shows_the_tree_and_its_counts(library: Page) -> None:
    """Title, counts, coverage; flows open to their requirements, gaps marked where they are opened."""
    assert library.driver.title == library.text("h1") == "Neighbourhood tool library"
    assert library.texts("#numbers li") == [
        *("4 user flows", "9 high-level requirements", "17 low-level requirements", "15 test cases"),
        "13 of 17 low-level requirements have a test case (76 %)",
    ]
    assert library.texts(".row.l1 .name")[0] == "Join the library"
    assert len(library.texts(".row")) == 13
    library.click("#expand")
    assert len(library.texts(".row")) == 45
    assert len(library.texts(".row .gap")) == 4
    assert library.complaints() == []


def test_rows_collapse_and_expand(library: Page) -> None:
    """By their buttons, all at once, and from the keyboard; the description opens under the name."""
    library.click(".row.l1 button")
    assert len(library.texts(".row")) == 11
    library.click("#collapse")
    assert library.texts(".row .name") == ["Join the library", "Offer a tool", "Borrow a tool", "Run the library"]
    assert library.script("return document.querySelector('.row').getAttribute('aria-expanded')") == "false"
    right, down, enter = "\ue014", "\ue015", "\ue007"
    library.press(".row", right)
    assert len(library.texts(".row")) == 6
    library.script("document.activeElement.focus()")
    library.driver.switch_to.active_element.send_keys(down)
    library.driver.switch_to.active_element.send_keys(enter)
    [text] = library.texts(".text")
    assert text.startswith("A visitor can register with an e-mail address and a postcode.")
    library.click(".row.l2 .name")
    assert library.texts(".text") == []


def test_search_finds_names_and_descriptions(library: Page) -> None:
    """All words count, in any case; hits are marked and shown with what they hang under; emptied, all is back."""
    library.search("DOUBLE booking", found="1 hit")
    assert library.texts(".row .name") == ["Borrow a tool", "Booking", "No double booking"]
    assert [word.lower() for word in library.texts("mark")] == ["booking", "double", "booking"]
    library.search(" ", found="")  # so that the next hit is not told by the last one's count
    library.search("24 hours", found="1 hit")
    assert "…" in library.text(".hint")
    assert library.texts(".row .name")[-1] == "Confirm the address"
    library.search("nonsense words", found="0 hits")
    assert library.texts("#nothing") == ["Nothing matches."]
    library.search(" ", found="")
    assert len(library.texts(".row")) == 13
    assert library.texts("mark") == []


def test_only_gaps(library: Page) -> None:
    """What no test case covers, and nothing else, in both views."""
    library.click("#gaps")
    assert library.text("#found") == "4 gaps"
    assert library.texts(".row.l3 .name") == [
        *("Waiting list for uncovered areas", "Warn before expiry", "Code at the depot", "Photograph on return")
    ]
    library.click("#show-table")
    assert len(library.texts(".line:not(.head)")) == 4


def test_the_traceability_table(library: Page) -> None:
    """A line for each low-level requirement, from the flow to its test cases; search narrows it."""
    library.click("#show-table")
    assert library.texts(".row") == []
    assert len(library.texts(".line:not(.head)")) == 17
    assert library.texts(".line:nth-child(2) > *") == [
        *("Join the library", "Registration by e-mail", "Confirm the address"),
        "Link opened within a dayLink opened too late",
        "2 test cases",
    ]
    library.search("ladder", found="0 hits")
    assert library.texts("#nothing") == ["Nothing matches."]
    library.search("coordinates", found="1 hit")
    assert [row.split("Strip")[0] for row in library.texts(".line:not(.head)")] == ["Offer a toolDescription of a tool"]


def test_light_and_dark(library: Page) -> None:
    """As the system prefers, and as the button says; text stays readable on its ground."""
    grounds = {}
    for scheme in ("light", "dark"):
        library.prefer(scheme)
        ground, text = (luminance(library.style("body", name)) for name in ("backgroundColor", "color"))
        grounds[scheme] = ground
        lighter, darker = max(ground, text), min(ground, text)
        assert (lighter + 0.05) / (darker + 0.05) > 7  # WCAG 2.2, contrast (enhanced)
    assert grounds["light"] > 0.8
    assert grounds["dark"] < 0.05
    library.click("#theme")
    assert luminance(library.style("body", "backgroundColor")) > 0.8


def luminance(color: str) -> float:
    """The relative luminance of WCAG."""
    parts = [int(number) / 255 for number in re.findall(r"\d+", color)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_is_text_and_nothing_is_fetched(page: Page, tmp_path: Path) -> None:
    """Whatever names and descriptions hold is shown as it is, runs nothing, and asks for nothing."""
    flows = [{"name": text, "description": text} for text in HOSTILE]
    tree = stored({"name": HOSTILE[0], "user_id": HOSTILE[1], "initial_prompt": HOSTILE[2], "flows": flows})
    file = tmp_path / "hostile.html"
    file.write_text(write_page(tree), encoding="utf-8")
    page.open(file)
    assert page.driver.title == HOSTILE[0]
    assert page.text("#title") == HOSTILE[0]
    assert page.text("#prompt") == HOSTILE[2]
    assert page.texts(".row .name") == list(HOSTILE)
    for number in range(1, len(HOSTILE) + 1):
        page.click(f".row:nth-child({number}) .name")
    assert page.texts(".text > span") == list(HOSTILE)
    page.click("#show-table")
    assert page.texts(".line:not(.head) > :first-child") == list(HOSTILE)
    page.search("<img", found="1 hit")
    assert page.script("return window.hacked") is None
    assert page.script("return document.querySelectorAll('img, iframe, object, [onerror]').length") == 0
    assert page.requests() == [file.as_uri()]
    assert page.complaints() == []


def test_ten_thousand_nodes_stay_usable(page: Page, tmp_path: Path) -> None:
    """A big project opens closed; expanding, searching and the table still work on all of it."""
    tree = stored(sample(10, 30, 11, 2))
    file = tmp_path / "big.html"
    file.write_text(write_page(tree), encoding="utf-8")
    page.open(file)
    assert len(page.texts(".row")) == 10
    page.click("#expand")
    assert page.script("return document.querySelectorAll('.row').length") == 10 + 300 + 3300 + 6600
    page.search("f7h29l10t1", found="1 hit")
    assert page.texts(".row .name") == ["f7", "f7h29", "f7h29l10", "f7h29l10t1"]
    page.search(" ", found="")
    page.click("#show-table")
    assert page.script("return document.querySelectorAll('.line').length") == 3301
    page.click("#show-tree")
    page.click("#collapse")
    assert len(page.texts(".row")) == 10
    assert page.complaints() == []


def test_the_page_needs_nothing_else() -> None:
    """No address and no reference to another file is in it; its policy forbids fetching."""
    text = write_page(stored(sample(1, 1, 1, 1)))
    assert not re.findall(r"https?://|\bsrc=|url\(|@import|\bfetch\(|XMLHttpRequest", text)
    assert "default-src 'none'" in text


def test_the_data_in_the_page_is_json_that_ends_nowhere() -> None:
    """The script element holds no character that could end it, and means what was given."""
    flows = [{"name": text, "description": text} for text in HOSTILE]
    text = write_page(stored({"name": HOSTILE[0], "user_id": "u", "flows": flows}))
    [data] = re.findall(r'<script type="application/json" id="data">(.*)</script>\n<script>', text)
    assert not set(data) & set("<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}")
    assert [node[3] for node in json.loads(data)["nodes"]] == list(HOSTILE)
