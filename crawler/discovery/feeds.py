"""Feeds: RSS 0.9x to 2.0, RDF, Atom (through feedparser) and JSON Feed, from bytes to a `Listing`."""

from __future__ import annotations

import calendar
import io
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser

from crawler.discovery.bounds import MAX_TAGS, bounded, newest_items
from crawler.discovery.entry import Entry, Listing
from crawler.discovery.impostor import described
from crawler.discovery.payload import decode, unpack, xml_text
from crawler.discovery.plain import (
    MAX_LANGUAGE,
    MAX_NAME,
    MAX_SUMMARY,
    MAX_TITLE,
    few,
    names,
    plain,
    plausible,
    w3c_time,
)
from crawler.errors import FeedError
from crawler.urls import MAX_LENGTH, canonical, host_key, join, offer_key, offered

MAX_BYTES = 50 * 1024 * 1024  # unpacked: a whole archive of 100,000 entries, of which only the newest are parsed
MAX_JSON = 16 * 1024 * 1024  # characters of a JSON Feed, which can only be read as a whole
MAX_PARSED = 8 * 1024 * 1024  # characters; feeds with whole articles stay under 3 MB; feedparser takes a second for one
MAX_ENTRIES = 5_000  # the newest; the largest news feeds hold 500, and feedparser takes milliseconds for each
MAX_TTL = 7 * 24 * 60  # minutes; some feeds say a year

_PERIODS = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_SKIP_HOURS = re.compile(r"<skipHours>([^&]{0,2000}?)</skipHours>")
# Hosts that only count clicks and pass on; the permanent link is the article's own address.
_REDIRECTORS = re.compile(r"(?:^|\.)(?:feedproxy\.google\.com|feeds\d?\.feedburner\.com|feedsportal\.com|pheedo\.com)$")


def parse_feed(data: bytes, url: str, content_type: str = "", now: datetime | None = None) -> Listing:
    """Read a feed of any kind; entries in the feed's order, each link once.

    `url` is the feed's address, against which links are resolved; `now` rules out dates in the future.
    Raises FeedError, saying what the bytes look like, if they are no feed. What can be recovered of a broken feed is
    given, with a problem.
    """
    body, cut = unpack(data, MAX_BYTES)
    problems = [f"only the first {MAX_BYTES} bytes were read"] if cut else []
    text = decode(body, content_type)
    if not text.strip():
        raise FeedError(f"{url} is not a feed but empty")
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _json_feed(text, url, now, problems)
    text, kept, total = newest_items(text, MAX_ENTRIES, MAX_PARSED, now)
    if kept < total:
        problems.append(f"only the newest {kept} of {total} entries were taken")
    text, cuts = bounded(xml_text(text))
    problems += cuts
    try:
        parsed = feedparser.parse(
            io.BytesIO(text.encode()),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
            sanitize_html=False,  # `plain` drops all markup, scripts included
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser lets errors of many kinds out of its loose parser
        raise FeedError(f"{url}: feedparser failed: {error!r}") from error
    version = _text(parsed.get("version"))
    if not version and not parsed.entries:
        raise FeedError(f"{url} is not a feed but {described(body, url, content_type)}")
    if parsed.bozo and not parsed.entries:
        raise FeedError(f"{url} is a broken feed: {plain(str(parsed.get('bozo_exception', '')), 200)}")
    if parsed.bozo:
        problems.append(f"not well-formed: {plain(str(parsed.get('bozo_exception', '')), 200)}")
    kind = _kind(version)
    entries = _collect((_xml_entry(item, url, kind, now, problems) for item in parsed.entries[:MAX_ENTRIES]), problems)
    feed = parsed.feed
    return Listing(
        entries=entries,
        kind=kind,
        title=plain(_text(feed.get("title")), MAX_TITLE),
        language=plain(_text(feed.get("language")), MAX_LANGUAGE),
        ttl_minutes=_ttl(feed),
        skip_hours=_skip_hours(text),
        next_page=_linked(feed, url, "next"),
        prev_archive=_linked(feed, url, "prev-archive"),
        generator=plain(_text(feed.get("generator")), MAX_NAME),
        problems=few(problems),
    )


def _linked(feed: Any, url: str, relation: str) -> str:
    """The address that a feed gives under a link relation; "" for none."""
    links = (link for link in _links(feed) if _text(link.get("rel")) == relation)
    return next((join(url, _text(link.get("href"))) or "" for link in links), "")


def _kind(version: str) -> str:
    if version in {"rss10", "rss090"}:
        return "rdf"
    return "atom" if version.startswith("atom") else "rss"


def _collect(entries: Iterable[Entry | None], problems: list[str]) -> tuple[Entry, ...]:
    """Keep each link once, the first one given. A guid that several links share says nothing about any of them."""
    kept: dict[str, Entry] = {}
    dropped = repeated = 0
    for entry in entries:
        if entry is None:
            dropped += 1
        elif (key := offer_key(entry.url)) in kept:
            repeated += 1
        else:
            kept[key] = entry
    if dropped:
        problems.append(f"{dropped} entries without a link to a page were dropped")
    if repeated:
        problems.append(f"{repeated} entries repeated a link")
    guids = Counter(entry.guid for entry in kept.values() if entry.guid)
    return tuple(replace(entry, guid="") if guids[entry.guid] > 1 else entry for entry in kept.values())


def _xml_entry(item: Any, base: str, kind: str, now: datetime | None, problems: list[str]) -> Entry | None:
    link = _link(item, base)
    if link is None:
        return None
    published = _time(item, "published", now, problems) or _time(item, "created", now, problems)
    updated = _time(item, "updated", now, problems)
    if published is None and kind != "atom":
        published, updated = updated, None  # dc:date, which feedparser calls "updated", is when an item came out
    authors = [_text(author.get("name")) for author in dict.get(item, "authors") or []]
    if len(authors) < 2:
        authors = [_text(dict.get(item, "author"))]  # whole: feedparser cuts addresses after four letters of the ending
    content = next((_text(part.get("value")) for part in dict.get(item, "content") or []), "")
    return Entry(
        url=link,
        title=plain(_text(dict.get(item, "title")), MAX_TITLE),
        published=published,
        updated=updated,
        authors=names(authors),
        guid=plain(_text(dict.get(item, "id")), MAX_LENGTH),
        summary=plain(_text(dict.get(item, "summary")) or content, MAX_SUMMARY),
        language=plain(_text((dict.get(item, "title_detail") or {}).get("language")), MAX_LANGUAGE),
        tags=_tags(_text(tag.get("label")) or _text(tag.get("term")) for tag in dict.get(item, "tags") or []),
    )


def _link(item: Any, base: str) -> str | None:
    """Choose the link to the article: the original one, the alternate one, the permanent one."""
    guid = _text(dict.get(item, "id"))
    guid_url = join(base, guid) if guid.strip().lower().startswith(("http://", "https://")) else None
    candidates = [_text(dict.get(item, key)) for key in ("feedburner_origlink", "pheedo_origlink")]
    candidates += [
        _text(link.get("href"))
        for link in _links(item)
        if link.get("rel") == "alternate" and _text(link.get("type")) in {"", "text/html", "application/xhtml+xml"}
    ]
    candidates.append(_text(dict.get(item, "link")))
    # a fragment alone, which feedparser takes for the feed itself, is no link
    candidates = [candidate for candidate in candidates if canonical(join(base, candidate) or "") != canonical(base)]
    for candidate in candidates:
        found = join(base, candidate)
        if found and guid_url and _REDIRECTORS.search(host_key(found)):
            return guid_url
        if found:
            return found
    enclosed = any(link.get("rel") == "enclosure" for link in _links(item))
    if guid_url and not (enclosed and not dict.get(item, "guidislink")):
        return guid_url
    return next((link for candidate in candidates if (link := offered(base, candidate))), None)


def _time(item: Any, name: str, now: datetime | None, problems: list[str]) -> datetime | None:
    raw = _text(dict.get(item, name)).strip()
    parsed = dict.get(item, f"{name}_parsed")
    if not raw and parsed is None:
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else w3c_time(raw)
    except (ValueError, OverflowError, OSError, TypeError):
        moment = None
    return _believed(moment, raw, now, problems)


def _believed(moment: datetime | None, raw: str, now: datetime | None, problems: list[str]) -> datetime | None:
    if plausible(moment, now):
        return moment
    if raw.strip():
        problems.append(f"a date was not used: {plain(raw, 60)!r}")
    return None


def _tags(texts: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(plain(text, MAX_NAME) for text in texts)
    return tuple(tag for tag in found if tag)[:MAX_TAGS]


def _ttl(feed: Any) -> int | None:
    """Minutes that the publisher asks to stay away: RSS `ttl`, or the syndication module's period and frequency."""
    minutes = _number(dict.get(feed, "ttl"))
    if minutes is None:
        period = _PERIODS.get(_text(dict.get(feed, "sy_updateperiod")).strip().lower())
        minutes = period // max(_number(dict.get(feed, "sy_updatefrequency")) or 1, 1) if period else None
    return min(max(minutes, 1), MAX_TTL) if minutes else None


def _skip_hours(text: str) -> tuple[int, ...]:
    """Hours in which the publisher asks to stay away (RSS `skipHours`); feedparser keeps the last one only. 24 is 0."""
    found = _SKIP_HOURS.search(text)
    hours = {int(hour) % 24 for hour in re.findall(r"<hour>\s*(\d{1,2})\s*</hour>", found[1])} if found else set()
    return tuple(sorted(hours))


def _json_feed(text: str, url: str, now: datetime | None, problems: list[str]) -> Listing:
    """Read a JSON Feed 1.0 or 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    if len(text) > MAX_JSON:
        raise FeedError(f"{url} is a JSON Feed of more than {MAX_JSON} characters")
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise FeedError(f"{url} looks like JSON but cannot be read: {error}") from error
    items = document.get("items")
    if not isinstance(items, list):
        raise FeedError(f"{url} is JSON, but not a JSON Feed: it has no list of items")
    if not _text(document.get("version")).startswith(("https://jsonfeed.org/", "http://jsonfeed.org/")):
        problems.append("it does not say which version of JSON Feed it is")
    usable = [item for item in items if isinstance(item, dict)]
    if len(usable) > MAX_ENTRIES:
        problems.append(f"only the newest {MAX_ENTRIES} of {len(usable)} entries were taken")
        usable = sorted(usable, key=lambda item: _text(item.get("date_published")), reverse=True)[:MAX_ENTRIES]
    return Listing(
        entries=_collect((_json_entry(item, url, now, problems) for item in usable), problems),
        kind="jsonfeed",
        title=plain(_text(document.get("title")), MAX_TITLE),
        language=plain(_text(document.get("language")), MAX_LANGUAGE),
        next_page=join(url, _text(document.get("next_url"))) or "",
        problems=few(problems),
    )


def _json_entry(item: dict[str, Any], base: str, now: datetime | None, problems: list[str]) -> Entry | None:
    guid = _text(item.get("id"))
    guid_url = guid if guid.lower().startswith(("http://", "https://")) else ""
    link = next((made for key in ("url", "external_url") if (made := join(base, _text(item.get(key))))), None)
    link = link or join(base, guid_url)
    link = link or next(
        (made for key in ("url", "external_url") if (made := offered(base, _text(item.get(key))))), None
    )
    if link is None:
        return None
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    published, updated = _text(item.get("date_published")), _text(item.get("date_modified"))
    summary = next((text for key in ("summary", "content_text", "content_html") if (text := _text(item.get(key)))), "")
    tags = item.get("tags")
    return Entry(
        url=link,
        title=plain(_text(item.get("title")), MAX_TITLE),
        published=_believed(w3c_time(published), published, now, problems),
        updated=_believed(w3c_time(updated), updated, now, problems),
        authors=names([_text(author.get("name")) for author in authors or [] if isinstance(author, dict)]),
        guid=plain(guid, MAX_LENGTH),
        summary=plain(summary, MAX_SUMMARY),
        language=plain(_text(item.get("language")), MAX_LANGUAGE),
        tags=_tags(_text(tag) for tag in tags) if isinstance(tags, list) else (),
    )


def _links(holder: Any) -> list[Any]:
    return [link for link in dict.get(holder, "links") or [] if isinstance(link, dict)]


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _number(value: object) -> int | None:
    found = re.search(r"\d{1,9}", _text(value))
    return int(found[0]) if found else None
