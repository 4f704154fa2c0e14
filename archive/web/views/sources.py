"""Sources: how each stands, and what it gave, day by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlencode

from datasette import Response

from archive.condition import lately, marks, outcomes
from archive.expectations import FIELD_WORDS
from archive.findings import Finding
from archive.portrait import Count, Portrait, portrait
from archive.records import utc_text
from archive.rows import FAILED
from archive.scripts import direction, tag
from archive.sources import Account, Standing, State, accounts, days_before, standing
from archive.troubles import Lately, of_source
from archive.web.ago import relative
from archive.web.charts import Bin, bars, day_words, spark
from archive.web.moments import zone_of
from archive.web.names import country_name, language_name
from archive.web.site import Missing, Route, Site, view
from archive.web.words import percent

SPARK_DAYS = 30
PAGE = 50  # sources at a time
LEAST_MONTHS = 3  # fewer make no chart
WORDS = {
    State.OK: ("ok", "good"), State.FAILING: ("failing", "bad"), State.SILENT: ("silent", "warn"),
    State.UNLOOKED: ("not looked at", "warn"), State.RETIRED: ("no longer in the catalogue", "calm"),
}  # fmt: skip
ORDER = (State.FAILING, State.UNLOOKED, State.SILENT, State.OK, State.RETIRED)  # what needs a look first
OUTCOME_WORDS = {
    "": "waiting", "stored": "stored", "unchanged": "unchanged", "updated": "updated",
    "duplicate": "another address of a known article", "not_article": "not an article", "not_found": "not found",
    "gone": "gone", "http_error": "server error", "blocked_robots": "forbidden by robots.txt",
    "blocked_noarchive": "asked not to be kept", "blocked_network": "refused by the net guard", "offsite": "on another site",
    "redirect_loop": "redirects without end", "too_large": "too large", "timeout": "took too long",
    "unreachable": "could not be reached", "extraction_failed": "text could not be extracted", "trap": "taken for a trap",
    "refused_type": "no page", "skipped_old": "too old",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of sources."""

    account: Account
    stands: Standing
    words: str
    tone: str
    week: int
    month: int
    counts: Sequence[int | None]
    title: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the table can be sorted by; some are of interest from their large end."""

    key: str
    label: str
    value: Callable[[Row], Any]
    large_first: bool = False
    number: bool = False


COLUMNS = (
    Column("name", "Source", lambda row: row.account.name.casefold()),
    Column("state", "State", lambda row: ORDER.index(row.stands.state)),
    Column("week", "7 days", lambda row: row.week, large_first=True, number=True),
    Column("month", "30 days", lambda row: row.month, large_first=True, number=True),
    Column("last", "Last answer", lambda row: row.account.last_success_at or "", large_first=True),
    Column("next", "Next look", lambda row: row.account.next_check_at or "~"),
    Column("country", "Country", lambda row: country_name(row.account.country)),
    Column("language", "Language", lambda row: language_name(row.account.language)),
)


async def listing(site: Site) -> Response:
    """All sources."""
    now = datetime.now(UTC)
    known = await site.read(lambda conn: accounts(conn, now, fields=False))
    rows = [_row(account, now) for account in known]
    page = site.number("page", 1, least=1)
    wanted = {name: site.argument(name) for name in ("country", "language", "state")}
    shown = [row for row in rows if all(not value or _facet(row, name) == value for name, value in wanted.items())]
    key, descending = _order(site.argument("sort", "name"))
    column = next(one for one in COLUMNS if one.key == key)
    shown.sort(key=lambda row: row.account.name.casefold())
    shown.sort(key=column.value, reverse=descending)
    return site.page(
        "sources.html",
        {"here": "sources", "rows": shown[(page - 1) * PAGE : page * PAGE], "total": len(rows), "shown": len(shown),
         "page": page, "pages": max(1, -(-len(shown) // PAGE)),
         "turned": lambda to: _address({**wanted, "sort": site.argument("sort"), "page": str(to)}), "now": now, "wanted": wanted, "sort": site.argument("sort"),
         "choices": _choices(rows), "columns": [_heading(one, key, descending, wanted) for one in COLUMNS],
         "states": [(WORDS[state][0], WORDS[state][1], sum(row.stands.state is state for row in rows),
                     _address({**wanted, "state": state.name.lower()})) for state in ORDER],
         "spark": spark, "relative": relative, "country_name": country_name, "language_name": language_name, "quote": quote,
         "direction": direction, "tag": tag},
    )  # fmt: skip


def _row(account: Account, now: datetime) -> Row:
    stands = standing(account, now)
    words, tone = WORDS[stands.state]
    counts = account.counts(days_before(now.date() + timedelta(days=1), SPARK_DAYS))
    week, month = (sum(count or 0 for count in counts[-days:]) for days in (7, SPARK_DAYS))
    gaps = sum(count is None for count in counts)
    title = f"{month:,} articles in 30 days" + (f", {gaps} days not looked at" if gaps else "")
    return Row(account, stands, words, tone, week, month, counts, title)


def _facet(row: Row, name: str) -> str:
    return row.stands.state.name.lower() if name == "state" else str(getattr(row.account, name))


def _choices(rows: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """What the table can be narrowed by: value and name."""
    countries = {row.account.country for row in rows if row.account.country}
    languages = {row.account.language for row in rows if row.account.language}
    states = {row.stands.state for row in rows}
    return {
        "country": sorted(((code, country_name(code)) for code in countries), key=lambda pair: pair[1]),
        "language": sorted(((code, language_name(code)) for code in languages), key=lambda pair: pair[1]),
        "state": [(state.name.lower(), WORDS[state][0]) for state in ORDER if state in states],
    }


def _order(text: str) -> tuple[str, bool]:
    key = text.removeprefix("-")
    return (key, text.startswith("-")) if key in {column.key for column in COLUMNS} else ("name", False)


def _heading(column: Column, key: str, descending: bool, wanted: dict[str, str]) -> dict[str, Any]:
    """A heading with the address that sorts by it, or by the other end when it is sorted by already."""
    chosen = column.key == key
    back = not descending if chosen else column.large_first
    return {
        "label": column.label,
        "number": column.number,
        "sorted": ("descending" if descending else "ascending") if chosen else None,
        "address": _address({**wanted, "sort": f"-{column.key}" if back else column.key}),
    }


def _address(values: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in values.items() if value})


async def one(site: Site) -> Response:
    """One source."""
    now = datetime.now(UTC)
    slug = unquote(site.request.url_vars["slug"])

    def gather(conn: Any) -> tuple[Portrait, list[Finding]] | None:
        found = portrait(conn, slug, now)
        if found is None:
            return None
        number = found.account.id
        ended = outcomes(conn, utc_text(now - timedelta(days=1)), number).get(number, {})
        seen = Lately(ended, marks(conn, now, number), lately(conn, now, number).get(number, ()))
        return found, list(of_source(found.account, found.stands, seen, now))

    gathered = await site.read(gather)
    if gathered is None:
        raise Missing(f"There is no source {slug} in this archive.")
    found, findings = gathered
    account = found.account
    zone = zone_of(account.timezone) or UTC
    return site.page(
        "source.html",
        {"here": "sources", "source": account, "found": found, "now": now, "findings": findings if account.in_catalog else [],
         "words": WORDS[found.stands.state][0], "tone": WORDS[found.stands.state][1],
         "country": country_name(account.country), "language": language_name(account.language),
         "days": bars([_day_bin(count, account.slug, site) for count in found.days], title="Articles a day, the last 90 days",
                      unit="articles"),
         "months": bars([_month_bin(count, account.slug, site) for count in found.months], title="Articles a month", height=80,
                        unit="articles") if len(found.months) >= LEAST_MONTHS else None,
         "local": f"{now.astimezone(zone):%H:%M}", "outcomes": [_outcome(site, account, now, *row) for row in found.outcomes],
         "fills": _fills(found), "field_words": FIELD_WORDS, "relative": relative, "day_words": day_words, "percent": percent,
         "direction": direction, "tag": tag, "gaps": sum(count.articles is None for count in found.days)},
    )  # fmt: skip


def _day_bin(count: Count, slug: str, site: Site) -> Bin:
    end = (date.fromisoformat(count.label) + timedelta(days=1)).isoformat()
    return _bin(
        count, _search(site, f"source:{slug} after:{count.label} before:{end}"), "no listing answered on that day"
    )


def _month_bin(count: Count, slug: str, site: Site) -> Bin:
    end = (date.fromisoformat(f"{count.label}-28") + timedelta(days=4)).strftime("%Y-%m")
    return _bin(
        count, _search(site, f"source:{slug} after:{count.label} before:{end}"), "no listing answered in that month"
    )


def _bin(count: Count, address: str, why: str) -> Bin:
    detail = why if count.articles is None else f"{why}; found later" if count.found_later else ""
    return Bin(count.label, count.articles, address if count.articles else None, detail)


def _search(site: Site, query: str) -> str:
    return f"{site.datasette.urls.instance()}?{urlencode({'q': query})}"


def _outcome(
    site: Site, account: Account, now: datetime, name: str, week: int, month: int, ever: int
) -> dict[str, Any]:
    """A line of the table of outcomes: numbers, each with the address of the pages that it counts."""
    narrowed = {"source_id": str(account.id), **({"outcome": name} if name else {"outcome__isnull": "1"})}

    def address(days: int) -> str:
        since = {"fetched_at__gte": utc_text(now - timedelta(days=days))} if days else {}
        return f"{site.table('pages')}?{urlencode({**narrowed, **since})}"

    failed = name in {str(outcome) for outcome in FAILED}
    counts = [(count, address(days) if count else "") for count, days in ((week, 7), (month, 30), (ever, 0))]
    return {"words": OUTCOME_WORDS.get(name, name), "failed": failed, "counts": counts}


def _fills(found: Portrait) -> list[dict[str, Any]]:
    """A line for each field: shares of the latest articles and of those before, and whether it dropped."""
    fills = found.fills
    lines = []
    for fill in fills.fields:
        latest = fill.latest / fills.latest if fills.latest else None
        before = fill.before / fills.before if fills.before else None
        dropped = latest is not None and before is not None and before - latest > 0.2
        lines.append(
            {"field": FIELD_WORDS[fill.field].capitalize(), "latest": latest, "before": before, "dropped": dropped}
        )
    return lines


ROUTES: list[Route] = [
    (r"/sources$", view(listing, "sources", "feeds", "runs")),
    (r"/source/(?P<slug>[^/]+)$", view(one, "sources", "feeds", "pages", "runs")),
]
