"""What each page costs on an archive of many articles, beside the bare full-text query for the same words, in milliseconds of
the processor.

    python -m benchmarks.search --archive DIR [--size 300000]

DIR is filled first when it is empty, which takes a quarter of an hour for 300,000 articles and 6 GB.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import httpx

from archive.query import compile_query
from archive.web.serve import datasette
from benchmarks.prose import vocabulary
from benchmarks.search.corpus import build

TERMS = 8  # of each kind; each is asked for once before it is asked for again, so that nothing is kept from before
RANKS = {"most common": (2, 14), "very common": (15, 60), "common": (60, 250), "rare": (2_000, 4_000)}
LANGUAGES = ("en", "fr", "ru", "ar", "zh")
BARE = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rank LIMIT 20"


@click.command(help=__doc__)
@click.option("--archive", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--size", default=300_000, show_default=True, help="Articles of a new archive.")
@click.option("--seed", default=1, show_default=True)
def main(folder: Path, size: int, seed: int) -> None:
    if not (folder / "archive.db").exists():
        click.echo(f"filling {folder} with {size:,} articles", err=True)
        build(folder, size, seed)
    chance = random.Random(seed)
    conn = sqlite3.connect(f"{(folder / 'archive.db').resolve().as_uri()}?mode=ro", uri=True)
    with closing(Reader(datasette(folder / "archive.db"))) as client:
        client.get("/")
        click.echo("| query | found | bare, ms | page, ms | page / bare | page again, ms | next page, ms |")
        click.echo("|---|---|---|---|---|---|---|")
        for name, queries in kinds(chance).items():
            click.echo(searches(name, queries, conn, client))
        click.echo("\n| page | median, ms | beside the cheapest |")
        click.echo("|---|---|---|")
        times = pages(conn, client, chance)
        cheapest = min(times.values())
        for name, spent in sorted(times.items(), key=lambda pair: pair[1]):
            click.echo(f"| {name} | {1000 * spent:.1f} | {spent / cheapest:.2f} |")


def kinds(chance: random.Random) -> dict[str, list[str]]:
    """Queries by how common their words are."""
    found: dict[str, list[str]] = {}
    for name, (low, high) in RANKS.items():
        for language in LANGUAGES if name == "common" else ("en", "zh"):
            words = vocabulary(language)[0][low:high]
            found[f"{name}, {language}"] = chance.sample(words, TERMS)
    words = vocabulary("en")[0][15:250]
    found["two words"] = [" ".join(chance.sample(words, 2)) for _ in range(TERMS)]
    found["either of two"] = [" OR ".join(chance.sample(words, 2)) for _ in range(TERMS)]
    found["phrase"] = [f'"{" ".join(chance.sample(words[:40], 2))}"' for _ in range(TERMS)]
    found["common, narrowed"] = [f"{word} lang:en after:2025" for word in chance.sample(words[45:], TERMS)]
    return found


def searches(name: str, queries: Sequence[str], conn: sqlite3.Connection, client: Reader) -> str:
    """One line: medians over the queries of a kind, each asked for the first time."""
    bare, first, again, following, numbers = [], [], [], [], []
    for query in queries:
        match = compile_query(query)
        bare.append(min(timed(lambda match=match: conn.execute(BARE, [match]).fetchall()) for _ in range(3)))
        ask = {"q": query}
        first.append(timed(lambda ask=ask: client.get("/", params=ask)))
        again.append(timed(lambda ask=ask: client.get("/", params=ask)))
        following.append(timed(lambda ask=ask: client.get("/", params={**ask, "page": 2})))
        numbers.append(client.get("/search.json", params={**ask, "limit": 1}).json()["total"])
    middle = [1000 * statistics.median(times) for times in (bare, first, again, following)]
    ratio = statistics.median(page / plain for page, plain in zip(first, bare, strict=True))
    return f"| {name} | {statistics.median(numbers):,.0f} | {middle[0]:.1f} | {middle[1]:.1f} | {ratio:.2f} | {middle[2]:.1f} | {middle[3]:.1f} |"


def pages(conn: sqlite3.Connection, client: Reader, chance: random.Random) -> dict[str, float]:
    """Median time of each page."""
    most = conn.execute("SELECT max(id) FROM articles").fetchone()[0]
    changed = [row[0] for row in conn.execute("SELECT article_id FROM changes ORDER BY changed_at DESC LIMIT 20")]
    stories = conn.execute("SELECT max(id) FROM stories").fetchone()[0]
    words = chance.sample(vocabulary("en")[0][60:250], 20)
    asked: dict[str, Callable[[int], str]] = {
        "first page": lambda at: "/",
        "search, common word": lambda at: f"/?q={words[at]}",
        "search, newest first": lambda at: f"/?q={words[at]}&order=newest",
        "search, facet": lambda at: f"/?q={words[at]}+section:World",
        "search, hundredth page": lambda at: f"/?q={words[at]}&page=100",
        "search as JSON": lambda at: f"/search.json?q={words[at]}",
        "search as Atom": lambda at: f"/search.atom?q={words[at]}",
        "article": lambda at: f"/article/{chance.randint(1, most)}",
        "comparison": lambda at: f"/article/{changed[at]}/diff",
        "story": lambda at: f"/story/{chance.randint(1, stories)}",
        "stories": lambda at: "/stories",
        "changes": lambda at: "/changes",
        "sources": lambda at: "/sources",
        "source": lambda at: f"/source/paper-{at + 1}",
        "health": lambda at: "/health",
        "saved searches": lambda at: "/saved",
    }
    found = {}
    for name, address in asked.items():
        times = []
        for at in range(12):
            path = address(at)
            times.append(timed(lambda path=path: client.get(path)))
        found[name] = statistics.median(times)
    return found


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor, in all threads."""
    began = time.process_time()
    work()
    return time.process_time() - began


class Reader:
    """Asks the site in this process, so that its processor time can be told from that of whatever else runs."""

    def __init__(self, site: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(site.app()), base_url="http://localhost", timeout=120, follow_redirects=True
        )

    def get(self, path: str, params: dict[str, object] | None = None) -> httpx.Response:
        """One answer. Raises ClickException for one that is not 200."""
        answer = self._loop.run_until_complete(self._client.get(path, params=params))
        if answer.status_code != 200:
            raise click.ClickException(f"{path} {params}: {answer.status_code}")
        return answer

    def close(self) -> None:
        """End the loop."""
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()


if __name__ == "__main__":
    main()
