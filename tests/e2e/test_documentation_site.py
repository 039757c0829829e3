"""The site that `make docs` builds, and the figures in it."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dynamodb.testing.engines import find_engine, find_java
from support.documents import ROOT
from support.required import cannot_run

pytestmark = pytest.mark.slow


class _Page(HTMLParser):
    """Collects what a page loads, and the places in it that can be linked to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.places.add(str(given["id"]))
        address = given.get("src") or (given.get("href") if tag == "link" and given.get("rel") != "canonical" else None)
        if address:
            self.loaded.append(address)


@pytest.fixture(scope="module")
def site() -> Path:
    """The site, built strictly: a broken link, a missing page or an unknown name ends the build."""
    if shutil.which("make") is None:
        cannot_run("there is no make")
    result = subprocess.run(["make", "docs"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    assert result.returncode == 0, result.stdout + result.stderr
    return ROOT / "build" / "site"


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    """Every script, style sheet, font and picture of every page is a file of the site."""
    pages = list(site.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        for address in _Page(page.read_text(encoding="utf-8")).loaded:
            assert not re.match(r"(?:https?:)?//", address), f"{page.name} loads {address}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


def test_every_public_name_has_its_place_in_the_reference(site: Path) -> None:
    """Each name of each `__all__` can be linked to: it has a docstring, and a page shows it."""
    listed = re.findall(r"\]\[([\w.]+)\]", (ROOT / "docs" / "api" / "index.md").read_text(encoding="utf-8"))
    assert "dynamodb.repositories.HierarchyRepository" in listed
    places = set()
    for page in (site / "api").glob("*.html"):
        places |= _Page(page.read_text(encoding="utf-8")).places
    assert not set(listed) - places


@pytest.mark.engine
def test_the_figures_are_what_is_measured() -> None:
    """The requests and units in docs/access-patterns.md and docs/layouts.md are those of a run on AWS's engine, now."""
    if find_engine() is None or find_java() is None:
        cannot_run("the figures are measured on DynamoDB Local: `make engine` fetches it, Java 17 runs it")
    tool = [sys.executable, str(ROOT / "tools" / "docs"), "--check", "costs", "layouts"]
    result = subprocess.run(tool, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert result.returncode == 0, result.stdout + result.stderr
