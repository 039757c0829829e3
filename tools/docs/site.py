"""What the site is built from besides docs/: pages whose source is elsewhere, and the reference (a hook of MkDocs)."""

import logging
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]

#: Files outside docs/ that are pages of the site.
PAGES = {
    "README.md": "getting-started.md",
    "infra/README.md": "infrastructure.md",
    "bench/README.md": "benchmark.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}

log = logging.getLogger("mkdocs.hooks.site")

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Expand `api/*`, and leave pages out that are not there; one that is there and in no menu fails the build."""
    api = sorted(path.name for path in Path(config.docs_dir, "api").glob("*.md"))
    config.nav = _navigation(config.nav or [], [f"api/{name}" for name in api])
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/."""
    for source, page in PAGES.items():
        path = ROOT / source
        if path.is_file():
            text = _with_links_of_the_site(path.read_text(encoding="utf-8"), source)
            files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Make links from docs/ to files elsewhere links within the site, or plain text where they have no page."""
    source = page.file.src_uri
    if source in PAGES.values():
        return markdown
    return _with_links_of_the_site(markdown, f"docs/{source}", page=source)


def _navigation(items: list[Any], api: list[str]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        ((title, target),) = item.items()
        if target == "api/*":
            kept.append({title: api})
        elif isinstance(target, list):
            kept.append({title: _navigation(target, api)})
        elif _is_written(target):
            kept.append(item)
        else:
            log.info("there is no page %s", target)
    return kept


def _is_written(page: str) -> bool:
    """Say whether a page of the navigation is there."""
    sources = {place: source for source, place in PAGES.items()}
    return (ROOT / sources.get(page, f"docs/{page}")).is_file()


def _with_links_of_the_site(text: str, source: str, page: str | None = None) -> str:
    """Rewrite relative links, which lead from file to file in the repository."""
    start = posixpath.dirname(page if page is not None else PAGES[source])

    def rewritten(link: re.Match[str]) -> str:
        label, target, anchor = link[1], link[2], link[3] or ""
        if "://" in target or target.startswith("mailto:"):
            return link[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if file in PAGES:
            place = PAGES[file]
        elif file.startswith("docs/"):
            place = file.removeprefix("docs/")
        else:
            return label
        if place.endswith(".md") and not _is_written(place):
            return label
        return f"[{label}]({posixpath.relpath(place, start or '.')}{anchor})"

    return _LINK.sub(rewritten, text)
