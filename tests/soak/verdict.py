"""What the archive holds against what the newsroom published."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from archive import Archive
from tests.newsstand import Article
from tests.soak.newsroom import Newsroom

KINDS = ("missing", "twice", "wrong version", "never published", "not seen as withdrawn", "not seen as back",
         "without outcome", "pending")  # fmt: skip


def differences(newsroom: Newsroom, folder: Path) -> dict[str, list[str]]:
    """Where archive and newsroom disagree, by kind, each in words."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    published = {article.key: article for article in newsroom.articles()}
    key_of = {url: key for key, article in published.items() for url in (article.url, *article.aliases)}
    with Archive(folder) as archive:
        pages = {row["url"]: dict(row) for row in archive.db.query("SELECT * FROM pages")}
        held = defaultdict(list)
        for article in archive.articles():
            urls = [article.url, *(url for url, _ in archive.addresses(article.id))]
            key = next((key_of[url] for url in urls if url in key_of), None)
            if key is None:
                found["never published"].append(f"{article.url}: no article of the newsroom")
                continue
            held[key].append(article)
            for version in archive.versions(article.id):
                if (version.title, version.text) not in newsroom.texts[key]:
                    found["never published"].append(f"{article.url} version {version.version}: {version.title!r}")
        for key, article in published.items():
            copies, page = held[key], pages.get(article.url)
            if not copies:
                # withdrawn before it was seen in a listing, or before it was fetched
                if not (article.withdrawn and (page is None or page["outcome"] in ("gone", "not_found"))):
                    found["missing"].append(f"{article.url}: {_of(page)}")
                continue
            if len(copies) > 1:
                found["twice"].append(f"{article.url}: articles {[copy.id for copy in copies]}")
            copy = copies[0]
            if article.withdrawn and copy.withdrawn_at is None:
                found["not seen as withdrawn"].append(f"{article.url}: {_of(page)}")
            elif not article.withdrawn and copy.withdrawn_at is not None:
                found["not seen as back"].append(f"{article.url}: {_of(page)}")
            elif not article.withdrawn and (copy.title, copy.text) != (article.title, article.text):
                found["wrong version"].append(_wrong(article, copy.version, page))
    for url, page in pages.items():
        if page["state"] == "pending":
            kind = "pending" if page["next_attempt_at"] else "without outcome"
            found[kind].append(f"{url}: {_of(page)}")
        elif page["outcome"] is None:
            found["without outcome"].append(f"{url}: {_of(page)}")
    for article in published.values():
        if article.url not in pages and not article.withdrawn:
            found["without outcome"].append(f"{article.url}: never seen in a listing")
    return found


def _wrong(article: Article, version: int, page: dict[str, object] | None) -> str:
    return f"{article.url}: version {version} of the archive is not {article.version} of the newsroom; {_of(page)}"


def _of(page: dict[str, object] | None) -> str:
    """What the ledger says of a page."""
    if page is None:
        return "not in the ledger"
    names = ("state", "outcome", "visits", "attempts", "fetched_at", "next_attempt_at", "detail")
    return ", ".join(f"{name} {page[name]}" for name in names)
