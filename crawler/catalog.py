"""The catalogue: every source file that loads, and a clear error for each that does not."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from crawler.errors import CatalogError
from crawler.schedule import Schedule
from crawler.sites import host_of, registered_domain, site_of, within
from crawler.source import Expect, Extract, Feed, Limits, Section, Sitemap, Source

__all__ = [
    "SHIPPED", "Catalog", "CatalogError", "Expect", "Extract", "Feed", "Limits", "Schedule", "Section", "Sitemap",
    "Source", "parse_source",
]  # fmt: skip

SHIPPED = Path(__file__).parent / "sources"
LARGEST_FILE = 256 * 1024  # bytes; the largest shipped file has 4 KB, so a larger one is no source file


def parse_source(text: str, slug: str, label: str = "") -> Source:
    """Read the TOML text of one source file. Raises CatalogError with every mistake in it, `label` before each."""
    label = label or f"{slug}.toml"
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{label}: not TOML: {error}") from error
    except RecursionError as error:
        raise CatalogError(f"{label}: nested too deeply") from error
    if "slug" in data:
        raise CatalogError(f"{label}: slug: unknown key: the file name is the slug")
    try:
        return Source.model_validate(_frozen(data) | {"slug": slug})
    except ValidationError as error:
        raise CatalogError(f"{label}: {'; '.join(_problems(error))}") from error


def _frozen(value: Any) -> Any:
    """Turn lists into tuples: validation is strict, and TOML knows no tuples."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        place = _place(problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = f"unknown key{_hint(str(problem['loc'][-1]), _keys_at(problem['loc'][:-1]))}"
        elif problem["type"] == "missing":
            message = "is missing"
        elif problem["type"] == "tuple_type":
            message = "must be a list: several values in [ ], or tables with [[ ]] around their name"
        elif problem["type"] in ("model_type", "dict_type"):
            message = "must be a table"
        elif problem["type"] == "too_long":
            message = f"has {len(problem['input'])} values, which is too many"
        elif problem["type"] != "value_error":
            message = f"{message} (it is {problem['input']!r:.80})"
        yield f"{place}: {message}" if place else message


def _place(location: tuple[int | str, ...]) -> str:
    """Write a place in a file as `feeds[1].url`."""
    text = ""
    for part in location:
        if part != "[key]":
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    models: dict[str, type[BaseModel]] = {
        "feeds": Feed, "sitemaps": Sitemap, "sections": Section, "limits": Limits, "extract": Extract,
        "schedule": Schedule, "expect": Expect,
    }  # fmt: skip
    model = models.get(str(location[0]), Source) if location else Source
    return [key for key in model.model_fields if key != "slug"]


def _hint(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"; did you mean {', '.join(close)}?" if close else ""


@dataclass(frozen=True)
class Catalog:
    """All sources by slug, in the order of their slugs, and what was wrong with the files that gave none."""

    sources: Mapping[str, Source]
    errors: tuple[CatalogError, ...] = ()

    @classmethod
    def load(cls, folders: Sequence[Path]) -> Catalog:
        """Read every `.toml` file in and below the folders; of two with one slug the first is taken."""
        sources: dict[str, Source] = {}
        origin: dict[str, Path] = {}
        errors: list[CatalogError] = []
        for folder in folders:
            if not folder.is_dir():
                errors.append(CatalogError(f"{folder}: no such folder"))
                continue
            for path in _toml_files(folder):
                label = path.relative_to(folder).as_posix()
                try:
                    source = _read(path, label)
                    if source.slug in origin:
                        raise CatalogError(f"{label}: slug: {source.slug!r} is already used by {origin[source.slug]}")
                except CatalogError as error:
                    errors.append(error)
                else:
                    sources[source.slug], origin[source.slug] = source, path
        return cls(MappingProxyType(dict(sorted(sources.items()))), tuple(errors))

    def select(self, what: str = "") -> list[Source]:
        """Give the sources that `what` names: slugs, globs, `country:fr`, `language:ar`, with commas; "" is all.

        Disabled sources are given only when named by their slug. Raises CatalogError for what matches nothing.
        """
        items = [item.strip() for item in what.split(",") if item.strip()] or ["*"]
        chosen = {source.slug for item in items for source in self._matching(item, everything=not what.strip())}
        return [source for slug, source in self.sources.items() if slug in chosen]

    def _matching(self, item: str, *, everything: bool) -> list[Source]:
        if item in self.sources:
            return [self.sources[item]]
        enabled = [source for source in self.sources.values() if source.enabled]
        key, colon, value = item.partition(":")
        if colon and key not in ("country", "language"):
            raise CatalogError(f"{item!r}: select sources by slug, by glob, by country:XX or by language:XX")
        if colon:
            value = value.strip()
            found = [source for source in enabled if _speaks(source, key, value)]
            known = {source.country for source in enabled} if key == "country" else {s.language for s in enabled}
            hint = f"; known: {', '.join(sorted(known))}"
        else:
            found = [source for source in enabled if fnmatchcase(source.slug, item)]
            hint = _hint(item, self.sources)
        if not found and not everything:
            raise CatalogError(f"no source matches {item!r}{hint}")
        return found

    @cached_property
    def _by_site(self) -> dict[str, list[Source]]:
        index: dict[str, list[Source]] = {}
        for source in self.sources.values():
            for site in {registered_domain(site) or site for site in source.sites}:
                index.setdefault(site, []).append(source)
        return index

    def owner(self, url: str) -> Source | None:
        """Give the source that a URL belongs to; None when none owns it.

        When several do, such as the language editions of one publisher, the most specific one: the longest common
        beginning with its home page, then its host, then the source whose home is the site's main address.
        """
        candidates = [source for source in self._by_site.get(site_of(url), ()) if source.owns(url)]
        return max(candidates, key=lambda source: (_nearness(source, url), source.enabled), default=None)


def _toml_files(folder: Path) -> Iterator[Path]:
    for parent, subfolders, names in os.walk(folder):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if name.endswith(".toml") and name[0] != ".")


def _read(path: Path, label: str) -> Source:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise CatalogError(f"{label}: larger than {LARGEST_FILE // 1024} KB: not a source file")
        return parse_source(data.decode("utf-8-sig"), path.stem, label)
    except OSError as error:
        raise CatalogError(f"{label}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogError(f"{label}: not UTF-8: byte {error.start}") from error


def _speaks(source: Source, key: str, value: str) -> bool:
    if key == "country":
        return source.country == value.lower()
    tag, wanted = source.language.lower(), value.lower()
    return tag == wanted or tag.startswith(wanted + "-")


def _nearness(source: Source, url: str) -> tuple[int, int, int]:
    host, home = host_of(url), host_of(source.home)
    hosts = {host_of(place) for place in source.places}
    path = urlsplit(source.home).path.rstrip("/") + "/"
    shared = len(path) if host == home and (urlsplit(url).path + "/").startswith(path) else 0
    named = 3 if host == home else 2 if host in hosts else 1 if within(host, source.domains) else 0
    return shared, named, home.removeprefix("www.") == registered_domain(home)
