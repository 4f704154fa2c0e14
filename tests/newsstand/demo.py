"""`make demo`: the newsroom is crawled, publishes, edits and withdraws, is crawled again, and is searched. Offline.

Everything is done by the real commands in processes of their own; what they stored is compared with what the newsroom
knows it published. Exit status 0 only when they agree.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from archive import Archive
from archive.postgres import Where
from archive.statistics import statistics
from tests.newsstand import Changes, Newsstand, Truth

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "demo-data"
SEARCHES = (("frontière", "quotidien-est"), ("السلام", "sada-almina"), ("铁路", "jianghe-chenbao"))
LOOK_AGAIN = "1s,2s,4s,8s,1h"  # the second crawl comes seconds after the first, not a quarter of an hour


def run_demo(folder: Path = FOLDER) -> int:
    """Run the demo in `folder`, which is emptied first; gives the exit status."""
    shutil.rmtree(folder, ignore_errors=True)
    with Newsstand() as stand:
        stand.write_catalog(folder / "sources")
        environment = crawl_environment(folder) | {"KIOSQUE_REVISIT_AFTER": LOOK_AGAIN}
        print(f"A newsroom of {len(stand.sites)} sites in {languages(stand)} languages is open on this machine.\n")
        print("1. First crawl", flush=True)
        command(environment, "scheduler.py", "--once")
        wrong = list(differences(stand, folder))
        changes = stand.second_day()
        print(
            f"\nOvernight: {len(changes.edited)} article edited, {len(changes.withdrawn)} withdrawn, "
            f"{len(changes.published)} published.\n\n2. Second crawl",
            flush=True,
        )
        command(environment, "scheduler.py", "--once", "--force")
        wrong += differences(stand, folder)
        wrong += unseen_changes(stand, changes, folder)
        print("\n3. What the archive holds", flush=True)
        command(environment, "-m", "archive", "stats")
        print("\n4. Reports that several outlets have", flush=True)
        command(environment, "-m", "archive", "stories")
        wrong += untold_stories(stand, folder)
        for number, (query, source) in enumerate(SEARCHES, 5):
            print(f"\n{number}. Search for {query}\n", flush=True)
            status = command(environment, "-m", "archive", "search", query, "--limit", "2")
            if status != 0 or not finds(folder, query, source):
                wrong.append(f"the search for {query} does not find the article of {source}")
    for line in wrong:
        print(f"NOT AS PUBLISHED: {line}", file=sys.stderr)
    if wrong:
        return 1
    print("The archive agrees with what the newsroom published: nothing missing, nothing twice, every version kept.")
    print(f"Look at it in a browser:  make serve ARCHIVE={folder.relative_to(ROOT)}")
    return 0


def crawl_environment(folder: Path) -> dict[str, str]:
    """The environment of a crawl of the newsroom, without a proxy and with nothing of the caller's settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KIOSQUE_") and not k.lower().endswith("_proxy")}
    return kept | {
        "KIOSQUE_ARCHIVE_DIR": str(folder),
        "KIOSQUE_CATALOG_DIRS": str(folder / "sources"),
        "KIOSQUE_CATALOG_ONLY": "1",
        "KIOSQUE_NET_ALLOW": "127.0.0.0/8",
        "KIOSQUE_CONTACT": "demo@example.org",
        "KIOSQUE_LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT),
    }


def command(environment: Mapping[str, str], *arguments: str) -> int:
    """Run a Python command of the project and let its output through; gives the exit status."""
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=dict(environment), check=False).returncode


def languages(stand: Newsstand) -> int:
    """Number of languages that the newsroom publishes in."""
    return len({truth.language for truth in stand.expected().values()})


def differences(stand: Newsstand, folder: Where) -> Iterator[str]:
    """Where the archive and the newsroom disagree, in words: missing, twice, another title, a URL without an outcome."""
    with Archive(folder) as archive:
        expected = {key: truth for key, truth in stand.expected().items() if truth.outcome == "stored"}
        for key, truth in expected.items():
            found = archive.article(truth.url)
            if found is None:
                yield f"{key}: missing ({truth.url})"
            elif found.title != truth.title:
                yield f"{key}: the title is {found.title!r} instead of {truth.title!r}"
        count = statistics(archive).articles
        if count != len(expected):
            yield f"{count} articles stored, {len(expected)} published"
        for row in archive.db.query("SELECT url FROM pages WHERE state = 'pending'"):
            yield f"{row['url']}: still pending"


def unseen_changes(stand: Newsstand, changes: Changes, folder: Where) -> Iterator[str]:
    """Changes of the second day that the archive did not notice, in words."""
    with Archive(folder) as archive:
        for article in changes.edited:
            found = archive.article(article.url)
            if found is None or found.version != 2 or len(archive.versions(found.id)) != 2:
                yield f"{article.key}: the edit is not a second version"
        for article in changes.withdrawn:
            found = archive.article(article.url)
            if found is None or found.withdrawn_at is None or not found.text:
                yield f"{article.key}: the withdrawal was not noticed, or the text is gone"
        held = statistics(archive)
        if held.versions != held.articles + len(changes.edited):
            yield f"{held.versions} versions of {held.articles} articles, of which {len(changes.edited)} was edited"


def untold_stories(stand: Newsstand, folder: Where) -> Iterator[str]:
    """Agency reports that are not one story with the right first publisher, and stories of nothing, in words."""
    wires: dict[str, list[Truth]] = {}
    for truth in stand.expected().values():
        if truth.wire and truth.outcome == "stored":
            wires.setdefault(truth.wire, []).append(truth)
    with Archive(folder) as archive:
        known = {story.articles: story for story in archive.stories()}
        for wire, truths in wires.items():
            ordered = sorted(truths, key=lambda truth: truth.published_at)
            ids = tuple(found.id for truth in ordered if (found := archive.article(truth.url)))
            told = known.pop(ids, None)
            if told is None:
                yield f"{wire}: the report of {len(truths)} outlets is not one story"
            elif told.first_source != ordered[0].source:
                yield f"{wire}: {told.first_source} was not the first to publish it"
        for story in known.values():
            yield f"story {story.id} brings articles together that are none: {story.articles}"


def finds(folder: Path, query: str, source: str) -> bool:
    """Tell whether a search finds an article of a source."""
    with Archive(folder) as archive:
        return any(hit.source == source for hit in archive.search(query))


if __name__ == "__main__":
    sys.exit(run_demo())
