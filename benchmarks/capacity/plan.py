"""What a number of sources and articles asks for: requests, processors, time of the writer, disks. Arithmetic only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DAY_S = 86_400
MONTH_D = 365 / 12
COPIES_D = 30  # days for which copies of an article are looked for (archive/stories.py)
KB, GB, TB = 1e3, 1e9, 1e12


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured, of one page or article."""

    sqlite: float  # bytes of an article in a database, for as long as it is kept
    postgresql: float
    sqlite_copies: float  # bytes of its sample, by which copies are found for COPIES_D
    postgresql_copies: float
    raw: float  # bytes of a page in raw/, packed
    revisit: float  # bytes of a look that found nothing new, in raw/ and in the ledger
    feed: float  # bytes of a feed that changed, in raw/
    page_s: float  # seconds of a processor for a page: opened, extracted, made ready
    sqlite_s: float  # seconds in which the writer is busy with an article
    postgresql_s: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be kept."""

    sources: int
    articles: float  # in all
    years: float
    revisits: float  # looks at an article after the first
    polls: float  # looks at listings of a source a day
    fresh: (
        float  # share of looks, at articles and listings, that bring another body than the last one; 1: the worst case
    )
    busy: float = (
        0.5  # share of a processor, or of the writer's time, that is to be used on average: news come in waves
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: what, how it is worked out, and the result."""

    what: str
    how: str
    result: str


def plan(wanted: Wanted, costs: Costs) -> Iterator[Line]:
    """Everything that follows, in the order in which it is worked out."""
    days = wanted.years * 365
    new = wanted.articles / days
    looks = new * wanted.revisits
    polls = wanted.sources * wanted.polls
    requests = new + looks + polls
    extracted = new + looks * wanted.fresh
    yield Line("articles a day", f"{wanted.articles:,.0f} / {days:,.0f} days", f"{new:,.0f}")
    yield Line("of one source", f"/ {wanted.sources:,} sources", f"{new / wanted.sources:,.1f}")
    yield Line("looks at articles a day", f"× {wanted.revisits:g} (REVISIT_AFTER)", f"{looks:,.0f}")
    yield Line(
        "looks at listings a day",
        f"{wanted.sources:,} × {wanted.polls:g} (POLLS_PER_DAY {polls:,.0f})",
        f"{polls:,.0f}",
    )
    yield Line("requests a day", "the three together", f"{requests:,.0f}")
    yield Line("requests a second", f"/ {DAY_S:,}", f"{requests / DAY_S:,.1f}")
    own = requests / wanted.sources
    yield Line("requests to one host a day", f"/ {wanted.sources:,} (HOST_BUDGET 10,000)", f"{own:,.0f}")
    yield Line(
        "a host is busy", f"{own:,.0f} × 1.15 s (DOWNLOAD_DELAY and jitter) of {DAY_S:,}", f"{own * 1.15 / DAY_S:.2%}"
    )
    cores = extracted * costs.page_s / DAY_S / wanted.busy
    yield Line(
        "processors that extract",
        f"({new:,.0f} + {wanted.fresh:.0%} of the looks) × {1000 * costs.page_s:.0f} ms / {DAY_S:,} s / {wanted.busy:.0%}",
        f"{cores:,.2f}",
    )
    for name, seconds in (("SQLite", costs.sqlite_s), ("PostgreSQL", costs.postgresql_s)):
        share = extracted * seconds / DAY_S
        yield Line(
            f"the writer is busy, {name}", f"{extracted:,.0f} × {1000 * seconds:.1f} ms / {DAY_S:,} s", f"{share:.1%}"
        )
    arrives = new * costs.raw + looks * (wanted.fresh * costs.raw + (1 - wanted.fresh) * costs.revisit)
    arrives += polls * (wanted.fresh * costs.feed + (1 - wanted.fresh) * costs.revisit)
    yield Line("raw pages a day", "pages, looks and listings as they came", _bytes(arrives))
    yield Line("from the network", f"/ {DAY_S:,} s × 8", f"{arrives * 8 / DAY_S / 1e6:,.1f} Mbit/s")
    yield Line("raw pages in all", f"× {days:,.0f} days", _bytes(arrives * days))
    for name, size, copies in (
        ("SQLite", costs.sqlite, costs.sqlite_copies),
        ("PostgreSQL", costs.postgresql, costs.postgresql_copies),
    ):
        whole = wanted.articles * size + new * COPIES_D * copies
        how = f"{wanted.articles:,.0f} × {size / KB:.1f} KB + {new * COPIES_D:,.0f} × {copies / KB:.1f} KB"
        yield Line(f"database, {name}", how, _bytes(whole))
    month = new * MONTH_D
    yield Line("a month's shard", f"{month:,.0f} articles × {costs.sqlite / KB:.1f} KB", _bytes(month * costs.sqlite))
    yield Line("shards", f"{wanted.years:g} years × 12", f"{wanted.years * 12:,.0f}")
    backlog = wanted.articles * costs.postgresql_s / DAY_S
    yield Line(
        "all at once, PostgreSQL's writer",
        f"{wanted.articles:,.0f} × {1000 * costs.postgresql_s:.1f} ms",
        f"{backlog:,.1f} days",
    )
    worked = wanted.articles * costs.page_s / DAY_S
    yield Line(
        "all at once, processors",
        f"{wanted.articles:,.0f} × {1000 * costs.page_s:.0f} ms",
        f"{worked:,.0f} days of one",
    )


def table(lines: Iterator[Line]) -> str:
    """Lines as a table of Markdown."""
    rows = [f"| {line.what} | {line.how} | {line.result} |" for line in lines]
    return "\n".join(["| what | how | result |", "|---|---|---:|", *rows])


def _bytes(size: float) -> str:
    return f"{size / TB:,.1f} TB" if size >= TB else f"{size / GB:,.1f} GB"
