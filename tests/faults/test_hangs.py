"""Pages that hang a worker: they cost their own sources, and hold nobody else up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.faults.conftest import Run, Stage, open_stage
from tests.faults.servers import Answer, FaultySite, article, rss

SITES, PAGES = 3, 5
HANGS = 2  # HANGS_PER_RUN
SLOW = f"<p>a{chr(0x301)}{f'{chr(0x301)}{chr(0x323)}' * 300_000}b</p>"  # marks are put in order in quadratic time
CROWDED = f"<p {' '.join(f'a{number}=1' for number in range(200_000))}>The last.</p>"


@dataclass(frozen=True, slots=True)
class Ended:
    """The crawl of this module, when it is over."""

    stage: Stage
    run: Run
    sites: list[FaultySite]
    crowded: FaultySite


def offering(stage: Stage, slug: str, body: str, pages: int) -> FaultySite:
    """A site of which all pages are hostile, as fast as they can be had."""
    site = stage.site(
        {f"/{n}": Answer(article(n, body=body)) for n in range(pages)}, slug=slug, limits="concurrency = 8"
    )
    site.routes["/feed.xml"] = rss(*(f"{site.url}/{n}" for n in range(pages)))
    return site


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """Three sites whose pages hang, one of pages with too many attributes, and a healthy one, crawled once."""
    with open_stage(tmp_path_factory.mktemp("hangs")) as stage:
        stage.settings |= {"EXTRACT_TIMEOUT": "3", "EXTRACT_WORKERS": "2", "HANGS_PER_RUN": f"{HANGS}"}
        sites = [offering(stage, f"hangs-{number}", SLOW, PAGES) for number in range(SITES)]
        crowded = offering(stage, "crowded", CROWDED, PAGES)
        yield Ended(stage, stage.crawl(), sites, crowded)


def test_the_healthy_site_is_whole(ended: Ended) -> None:
    ended.stage.check(ended.run)


def test_the_healthy_site_is_done_before_the_hanging_ones(ended: Ended) -> None:
    """Each of their tries takes as long as EXTRACT_TIMEOUT; the healthy site has to wait for some of them at most."""
    healthy = ended.run.output.index("bulk: finished")
    later = [ended.run.output.index(f"hangs-{number}: finished") for number in range(SITES)]
    assert all(healthy < at for at in later)
    tries = [at for at in range(len(ended.run.output)) if ended.run.output.startswith("is tried once more", at)]
    assert len(tries) == SITES * HANGS, ended.run.output[-3000:]
    assert sum(at < healthy for at in tries) < len(tries), "what hangs for the second time comes after what others have"


def test_a_source_hangs_so_often_and_is_put_off(ended: Ended) -> None:
    for number, site in enumerate(ended.sites):
        outcomes = list(ended.stage.outcomes(f"hangs-{number}").values())
        assert outcomes.count("extraction_failed") == HANGS
        assert sum("HANGS_PER_RUN" in said for said in outcomes) == PAGES - HANGS
        assert (
            f"pages of hangs-{number} hung or killed a worker in this run (HANGS_PER_RUN): the others are put off"
            in ended.run.output
        )
        assert max(site.paths().count(f"/{n}") for n in range(PAGES)) == 1, "nothing is asked for twice"


def test_a_crowded_tag_is_refused_before_it_is_parsed(ended: Ended) -> None:
    rows = ended.stage.rows("SELECT outcome, detail FROM pages WHERE url LIKE ?", f"{ended.crowded.url}/%")
    assert len(rows) == PAGES
    for row in rows:
        assert row["outcome"] == "extraction_failed"
        assert "more than 2000 attributes" in str(row["detail"])
