"""Catalogue files for the sites of the newsroom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.newsstand.site import Site

FEEDS = ("rss2", "rss091", "atom", "rdf", "jsonfeed")


def write(site: Site, folder: Path) -> Path:
    """Write `<cc>/<slug>.toml` below `folder` and return its path."""
    path = folder / site.spec.country / f"{site.slug}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source_file(site), "utf-8")
    return path


def source_file(site: Site) -> str:
    """The source file of a site, in the format that DESIGN.md gives."""
    spec = site.spec
    lines = [
        f"name = {_string(spec.name)}",
        f"home = {_string(site.url('/'))}",
        f"country = {_string(spec.country)}",
        f"language = {_string(spec.language)}",
        f"timezone = {_string(spec.timezone)}",
    ]
    for listing in spec.listings:
        if not listing.catalogued:
            continue
        url = f"url = {_string(site.url(listing.path))}"
        if listing.kind in FEEDS:
            lines += ["", "[[feeds]]", url, f"name = {_string(listing.name)}"]
        elif listing.kind == "section":
            lines += ["", "[[sections]]", url, f"name = {_string(listing.name)}"]
            if listing.articles:
                lines.append(f"articles = '{listing.articles}'")
        else:
            lines += ["", "[[sitemaps]]", url, f"news = {'true' if listing.kind == 'newssitemap' else 'false'}"]
    # loopback sites may be asked as fast as they answer; a real one never
    lines += ["", "[limits]", "delay = 0", ""]
    return "\n".join(lines)


def _string(text: str) -> str:
    # a JSON string is a valid TOML basic string as long as nothing is escaped as a surrogate pair
    return json.dumps(text, ensure_ascii=False)
