"""Content files, `content/*.toml`, read into the newsroom's model.

Every text in them was written for these tests; places, people and events are made up.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from tests.newsstand.model import Listing, SiteSpec, Special, Story

CONTENT = Path(__file__).with_name("content")


def load_sites(folder: Path = CONTENT) -> list[SiteSpec]:
    """Read every content file, by `order` and slug. Raises ValueError that names file and key."""
    return sorted((load_site(path) for path in folder.glob("*.toml")), key=lambda spec: (spec.order, spec.slug))


def load_site(path: Path) -> SiteSpec:
    """Read one content file."""
    data = tomllib.loads(path.read_text("utf-8"))
    try:
        return SiteSpec(
            **_known(SiteSpec, data["site"]),
            slug=path.stem,
            listings=tuple(Listing(**_known(Listing, item)) for item in data["listings"]),
            stories=tuple(_story(item) for item in data["stories"]),
            specials=tuple(Special(**_known(Special, item)) for item in data.get("specials", [])),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def paragraphs(text: str) -> tuple[str, ...]:
    """Split a text at its blank lines; a single line break inside a paragraph is a space."""
    blocks = (" ".join(block.split()) for block in text.split("\n\n"))
    return tuple(block for block in blocks if block)


def _story(item: dict[str, Any]) -> Story:
    body, edited = paragraphs(item.pop("text")), paragraphs(item.pop("edited_text", ""))
    return Story(**_known(Story, item), paragraphs=body, edited_paragraphs=edited)


def _known(kind: type, item: dict[str, Any]) -> dict[str, Any]:
    names = {entry.name for entry in fields(kind)}
    unknown = sorted(set(item) - names)
    if unknown:
        raise KeyError(f"unknown keys {unknown}")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}
