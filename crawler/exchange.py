"""OPML in and out of the catalogue, as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crawler.catalog import Catalog
from crawler.opml import export_opml, import_opml, sources_from_opml
from crawler.runtime import load_catalog, settings_of_project


def write_sources(data: bytes, folder: Path, *, country: str, timezone: str) -> tuple[list[Path], list[str], list[str]]:
    """Write a source file for each site of an OPML file; gives the files, what was dropped and what was
    mended, in words.

    Feeds that the catalogue or a file in the folder has are dropped; existing files are not touched.
    """
    catalog = load_catalog(settings_of_project())
    written_before = Catalog.load([folder]) if folder.is_dir() else Catalog({})
    sources = [*written_before.sources.values(), *catalog.sources.values()]
    known = {place: source.slug for source in sources for place in source.places}
    result = import_opml(data)
    dropped = list(result.dropped)
    dropped += [f"{feed.url}: already in {known[feed.url]}" for feed in result.feeds if feed.url in known]
    fresh = replace(result, feeds=tuple(feed for feed in result.feeds if feed.url not in known))
    taken = {*catalog.sources, *(path.stem for path in folder.rglob("*.toml"))}
    written = []
    for slug, text in sources_from_opml(fresh, country=country, timezone=timezone, taken=taken):
        path = folder / f"{slug}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written, dropped, list(result.repaired)


def opml_of_catalog(what: str) -> bytes:
    """The catalogue's feeds as OPML 2.0."""
    return export_opml(load_catalog(settings_of_project()).select(what), "Kiosque")
