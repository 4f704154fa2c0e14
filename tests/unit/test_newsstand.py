"""The newsroom answers as it says: listings, pages, conditional requests, encodings, the changes of a second day."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import feedparser
import pytest
from lxml import etree
from lxml import html as lxml_html

from tests.newsstand import Newsstand
from tests.newsstand.content import load_sites

ROOT = Path(__file__).parents[2]
SLUGS = [spec.slug for spec in load_sites()]
FEEDS = ("rss2", "rss091", "atom", "rdf", "jsonfeed")


class Answer:
    """One answer, its body as sent."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def header(self, name: str) -> str:
        return str(self.headers.get(name, ""))


def ask(url: str, method: str = "GET", **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def squeeze(text: str) -> str:
    """Text without any white space, to compare across markup."""
    return "".join(text.split())


@pytest.fixture(scope="module")
def stand() -> Iterator[Newsstand]:
    with Newsstand(bulk=25) as newsroom:
        yield newsroom


@pytest.mark.parametrize("slug", [*SLUGS, "bulk"])
def test_every_listed_link_answers_as_said(stand: Newsstand, slug: str) -> None:
    site = stand.sites[slug]
    special = {item.url: item for item in stand.specials()}
    answers = {"not_found": 404, "gone": 410, "http_error": 403}
    base = site.base_url
    for url in [url for url in stand.offered() if url.startswith(f"{base}/")]:
        status = ask(url).status
        if url not in special:
            assert status == 200, url
        elif special[url].target and special[url].outcome != "duplicate":
            assert status in (301, 302), url
        elif special[url].outcome in answers:
            assert status == answers[special[url].outcome], url
    assert ask(f"{base}/robots.txt").status == 200
    assert ask(f"{base}/no-such-page").status == 404


@pytest.mark.parametrize("slug", SLUGS)
def test_pages_hold_title_and_paragraphs_in_their_charset(stand: Newsstand, slug: str) -> None:
    for article in stand.sites[slug].articles:
        blocks = []
        for url in [article.url, *(f"{article.url}/{number}" for number in range(2, article.story.pages + 1))]:
            text = ask(url).body.decode(article.story.charset or stand.sites[slug].spec.charset)
            page = lxml_html.document_fromstring(text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
            assert [squeeze(node.text_content()) for node in page.iter("h1")] == [squeeze(article.title)]
            blocks += [squeeze(node.text_content()) for node in page.iter("p")]
        assert [block for block in blocks if block in map(squeeze, article.paragraphs)] == [
            squeeze(paragraph) for paragraph in article.paragraphs
        ]


def test_some_bytes_are_not_utf8_and_one_page_keeps_quiet_about_it(stand: Newsstand) -> None:
    kinds = {}
    for key in ("quotidien-est/9890447", "severny-bereg/30421", "jianghe-chenbao/88213", "jianghe-chenbao/88188"):
        answer = ask(stand.expected()[key].url)
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")
        kinds[key.split("/")[1]] = (answer.header("Content-Type"), b"charset=" in answer.body)
    assert kinds == {
        "9890447": ("text/html", False),
        "30421": ("text/html; charset=windows-1251", False),
        "88213": ("text/html", True),
        "88188": ("text/html", True),
    }


@pytest.mark.parametrize("slug", [*SLUGS, "bulk"])
def test_feeds_and_sitemaps_name_every_article(stand: Newsstand, slug: str) -> None:
    site = stand.sites[slug]
    offered = set(stand.offered())
    for listing in site.spec.listings:
        body = ask(site.url(listing.path)).body
        if listing.kind == "jsonfeed":
            urls = {item["url"] for item in json.loads(body)["items"]}
        elif listing.kind in FEEDS:
            parsed = feedparser.parse(io.BytesIO(body))
            assert bool(parsed.bozo) == listing.broken
            urls = {entry.link for entry in parsed.entries}
        elif listing.kind == "sitemapindex":
            children = etree.fromstring(body).xpath("//*[local-name()='loc']/text()")
            urls = {loc for child in children for loc in _locations(gzip.decompress(ask(child).body))}
        elif listing.kind == "section":
            continue
        else:
            urls = set(_locations(body))
        assert urls
        assert urls <= offered
    listed = {url.partition("?")[0] for url in offered}
    for article in site.articles:
        assert article.story.unlisted or article.url in listed


def test_section_pages_are_cut_into_pages(stand: Newsstand) -> None:
    site = stand.sites["correo-del-valle"]
    first, second = (ask(site.url(path)).body.decode() for path in ("/internacional/", "/internacional/2/"))
    assert 'rel="next" href="/internacional/2/"' in first
    assert 'rel="next"' not in second
    assert ask(site.url("/internacional/3/")).status == 404
    newest, oldest = site.articles[0], [item for item in site.articles if item.expected == "stored"][-1]
    assert newest.path in first
    assert oldest.path in second


@pytest.mark.parametrize("slug", SLUGS)
def test_conditional_requests_give_304_without_body(stand: Newsstand, slug: str) -> None:
    site = stand.sites[slug]
    for url in [*(site.url(listing.path) for listing in site.spec.listings), site.articles[0].url]:
        answer = ask(url)
        validators = {
            "If_None_Match": answer.header("ETag"),
            "If_Modified_Since": answer.header("Last-Modified"),
        }
        validators = {name: value for name, value in validators.items() if value}
        assert validators, url
        for name, value in validators.items():
            again = ask(url, **{name: value})
            assert (again.status, again.body) == (304, b""), (url, name)
        if "If_None_Match" in validators:
            stale = ask(url, If_None_Match='"other"', If_Modified_Since=answer.header("Last-Modified"))
            assert stale.status == 200, "If-None-Match decides (RFC 9110, 13.2.2)"


def test_head_has_the_headers_of_get_and_no_body(stand: Newsstand) -> None:
    url = stand.sites["harbour-courier"].articles[0].url
    get, head = ask(url), ask(url, method="HEAD")
    assert head.body == b""
    assert int(head.header("Content-Length")) == int(get.header("Content-Length")) == len(get.body)


def test_gzip_is_sent_to_those_who_ask(stand: Newsstand) -> None:
    url = stand.sites["harbour-courier"].articles[0].url
    plain, packed = ask(url), ask(url, Accept_Encoding="gzip")
    assert packed.header("Content-Encoding") == "gzip"
    assert int(packed.header("Content-Length")) == len(packed.body) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body


def test_one_connection_serves_many_requests(stand: Newsstand) -> None:
    site = stand.sites["sada-almina"]
    connection = http.client.HTTPConnection(urlsplit(site.base_url).netloc, timeout=20)
    connection.request("GET", "/atom.xml")
    connection.getresponse().read()
    used = connection.sock
    connection.request("GET", "/robots.txt")
    assert connection.getresponse().status == 200
    assert connection.sock is used
    connection.close()


def test_stopping_closes_open_connections() -> None:
    with Newsstand(only=("sada-almina",)) as stand:
        connection = http.client.HTTPConnection(urlsplit(stand.sites["sada-almina"].base_url).netloc, timeout=20)
        connection.request("GET", "/atom.xml")
        assert connection.getresponse().read()
        sock = connection.sock
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        connection.request("GET", "/robots.txt")
        # http.client would open a new connection by itself; the old one must be gone
        assert connection.sock is sock
        connection.getresponse()
    connection.close()


def test_requests_are_recorded(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with Newsstand(log=log, only=("sada-almina",)) as stand:
        etag = ask(stand.sites["sada-almina"].url("/atom.xml"), User_Agent="Reader/1").header("ETag")
        ask(stand.sites["sada-almina"].url("/atom.xml"), If_None_Match=etag)
        first, second = stand.requests
    assert (first.path, first.status, first.conditional, first.user_agent) == ("/atom.xml", 200, False, "Reader/1")
    assert (second.status, second.conditional) == (304, True)
    assert first.at <= second.at
    assert [json.loads(line)["status"] for line in log.read_text().splitlines()] == [200, 304]


def test_variants_point_to_the_canonical_page(stand: Newsstand) -> None:
    for slug, suffix, prefix in (("harbour-courier", "amp/", ""), ("correo-del-valle", "", "/m")):
        site = stand.sites[slug]
        article = site.articles[0]
        variant = site.url(f"{prefix}{article.path}{suffix}")
        assert variant in article.aliases
        page = lxml_html.document_fromstring(ask(variant).body)
        assert page.xpath("//link[@rel='canonical']/@href") == [article.url]


def test_redirects_lead_where_they_should(stand: Newsstand) -> None:
    by_outcome = {item.outcome: item for item in stand.specials() if item.target and item.outcome != "duplicate"}
    offsite = by_outcome["offsite"]
    assert ask(offsite.url).header("Location") == offsite.target
    assert urlsplit(offsite.target).netloc != urlsplit(offsite.url).netloc
    loop = by_outcome["redirect_loop"]
    assert ask(ask(loop.url).header("Location")).header("Location") == loop.url
    only = by_outcome["stored"]
    assert ask(only.url).header("Location") == stand.expected()["severny-bereg/30418"].url
    assert stand.expected()["severny-bereg/30418"].url not in stand.offered()


def test_the_wire_story_is_on_three_sites_cut_differently(stand: Newsstand) -> None:
    wire = [truth for truth in stand.expected().values() if truth.wire == "lorne"]
    assert len({truth.source for truth in wire}) == len({truth.paragraphs for truth in wire}) == 3
    assert {truth.agency for truth in wire} == {"Reuters"}
    assert len(set.intersection(*(set(truth.paragraphs) for truth in wire))) >= 4


def test_old_articles_are_expected_to_be_skipped(stand: Newsstand) -> None:
    old = {key for key, truth in stand.expected().items() if truth.outcome == "skipped_old"}
    assert old == {"harbour-courier/3920", "correo-del-valle/c8410"}


def test_every_offered_url_has_an_expected_outcome(stand: Newsstand) -> None:
    outcomes = stand.outcomes()
    certain = [next(iter(allowed)) for allowed in outcomes.values() if len(allowed) == 1]
    either = [url for url, allowed in outcomes.items() if len(allowed) > 1]
    assert len(outcomes) == len({url.partition("?")[0] for url in stand.offered()})
    # each pair of URLs that share an article stores it once
    assert certain.count("stored") + len(either) / 2 == sum(
        truth.outcome == "stored" for truth in stand.expected().values()
    )
    assert set(certain) == {
        *("stored", "skipped_old", "not_found", "gone", "http_error", "refused_type"),
        *("redirect_loop", "offsite", "not_article", "blocked_robots"),
    }


def test_a_second_day_can_follow_the_second_day() -> None:
    with Newsstand() as stand:
        first, second = stand.second_day(), stand.second_day()
        keys = [
            article.key
            for changes in (first, second)
            for article in changes.edited + changes.withdrawn + changes.published
        ]
        assert len(keys) == len(set(keys)) == 8
        with pytest.raises(LookupError):
            stand.publish()


def test_catalogue_files_are_valid_toml_and_lead_to_listings(stand: Newsstand, tmp_path: Path) -> None:
    paths = stand.write_catalog(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in paths} >= {"ae/sada-almina.toml", "gb/bulk.toml"}
    for path in paths:
        source = tomllib.loads(path.read_text("utf-8"))
        ZoneInfo(source["timezone"])
        listings = [item for kind in ("feeds", "sitemaps", "sections") for item in source.get(kind, [])]
        assert listings
        for item in listings:
            assert ask(item["url"]).status == 200
        assert source["limits"]["delay"] == 0


def test_bulk_articles_are_all_different(stand: Newsstand) -> None:
    bulk = stand.sites["bulk"].articles
    assert len({article.text for article in bulk}) == len({article.url for article in bulk}) == 25
    seen: list[set[str]] = []
    for article in bulk:
        words = article.text.split()
        shingles = {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}
        for other in seen:
            assert len(shingles & other) / len(shingles | other) < 0.3
        seen.append(shingles)


def test_second_day_changes_exactly_what_it_says() -> None:
    start = datetime.now(UTC) - timedelta(hours=1)
    with Newsstand(now=start) as stand:
        before, offered = stand.expected(), set(stand.offered())
        edited_url = before["harbour-courier/4107"].url
        page = ask(edited_url)
        feeds = {slug: _listing(stand, slug) for slug in ("harbour-courier", "sada-almina", "minato-shimpo")}
        changes = stand.second_day()
        after = stand.expected()

        assert [article.key for article in changes.edited] == ["harbour-courier/4107"]
        assert [article.key for article in changes.withdrawn] == ["sada-almina/51190"]
        assert [article.key for article in changes.published] == ["harbour-courier/4120", "sada-almina/51215"]
        changed = {key for key in after if after[key] != before.get(key)}
        assert changed == {article.key for article in changes.edited + changes.withdrawn + changes.published}

        again = ask(edited_url, If_None_Match=page.header("ETag"), If_Modified_Since=page.header("Last-Modified"))
        assert again.status == 200
        assert again.header("ETag") != page.header("ETag")
        assert again.header("Last-Modified") != page.header("Last-Modified")
        assert "nine hectares" in again.body.decode()
        assert after["harbour-courier/4107"].version == 2

        for slug, old in feeds.items():
            now = _listing(stand, slug)
            assert (now.body != old.body) == (slug != "minato-shimpo")
            assert (now.header("ETag") != old.header("ETag")) == (slug != "minato-shimpo")
        sitemap = ask(stand.sites["harbour-courier"].url("/sitemap.xml")).body.decode()
        moved = changes.edited[0].changed.isoformat(timespec="seconds")
        assert f"<loc>{edited_url}</loc><lastmod>{moved}</lastmod>" in sitemap

        gone = changes.withdrawn[0].url
        assert ask(gone).status == 410
        assert offered - set(stand.offered()) == {gone}
        new = {url.partition("?")[0] for url in set(stand.offered()) - offered}
        assert new == {article.url for article in changes.published}
        assert all(ask(url).status == 200 for url in new)


def test_last_modified_moves_even_within_one_second() -> None:
    with Newsstand(only=("quotidien-est",)) as stand:
        url, now = stand.sites["quotidien-est"].url("/International/"), datetime.now(UTC)
        seen = [ask(url).header("Last-Modified")]
        stand.edit(now)
        seen.append(ask(url, If_Modified_Since=seen[-1]).header("Last-Modified"))
        stand.publish(now)
        answer = ask(url, If_Modified_Since=seen[-1])
        assert answer.status == 200
        assert len({*seen, answer.header("Last-Modified")}) == 3


def test_runs_as_a_module_and_stops_on_sigterm_in_spite_of_a_slow_reader(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.newsstand", "--bulk", "400", "--catalog", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        urls = json.loads(process.stdout.readline())
        assert set(urls) == {*SLUGS, "bulk"}
        assert (tmp_path / "gb" / "bulk.toml").exists()
        parts = urlsplit(urls["bulk"])
        with socket.create_connection((parts.hostname, parts.port)) as reader:
            # asks for megabytes and reads nothing of them
            reader.sendall(b"GET /feed.xml HTTP/1.1\r\nHost: bulk\r\n\r\n" * 100)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()


def _locations(body: bytes) -> list[str]:
    return [str(loc) for loc in etree.fromstring(body).xpath("//*[local-name()='loc']/text()")]


def _listing(stand: Newsstand, slug: str) -> Answer:
    site = stand.sites[slug]
    return ask(site.url(site.spec.listings[0].path))
