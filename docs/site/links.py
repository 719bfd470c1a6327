"""What is wrong with the built pages: links that lead nowhere, and what would be loaded from other hosts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
"""What a browser loads by itself; links that a reader follows may lead to other hosts."""
STYLE = re.compile(r"(?:url\(|@import )['\"]?(?:https?:)?//")


class Page(HTMLParser):
    """The links, places and loaded addresses of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.places: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the tag names or leads to."""
        found = {name: value for name, value in attrs if value}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.add(found["href"])
        elif tag in LOADED and LOADED[tag] in found:
            self.loaded.add(found[LOADED[tag]])


def find_faults(site: Path) -> list[str]:
    """One line for each link that leads nowhere, and each address of another host that a page would load."""
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}
    styles = [path for path in site.rglob("*.css") if STYLE.search(path.read_text("utf-8"))]
    faults = [f"{path.relative_to(site)}: loads from another host" for path in styles]
    for path, page in pages.items():
        where = path.relative_to(site.resolve())
        faults += [f"{where}: loads {address}" for address in sorted(page.loaded) if urlsplit(address).netloc]
        for link in sorted(page.links | page.loaded):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            base = site if parts.path.startswith("/") else path.parent
            target = (base / unquote(parts.path).lstrip("/")).resolve() if parts.path else path
            place = unquote(parts.fragment)
            if not target.is_file() or (place and target in pages and place not in pages[target].places):
                faults.append(f"{where}: {link} leads nowhere")
    return faults
