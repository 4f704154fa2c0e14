"""Answers without end, without form and without time: what one request may cost, in one crawl of them all."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache

import brotli
import pytest
import zstandard
from warcio.archiveiterator import ArchiveIterator

from tests.faults.conftest import Run, Stage
from tests.faults.servers import Answer, Asked, FaultySite, Route, Wire, article, rss

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BLOCK = b"<p>The tide came in and went out again.</p>\n" * 1500
ZEROS = bytes(1024 * 1024)
TIMEOUT = 10  # seconds for one request; a drip takes as long as this and no longer
SETTINGS = {
    "DOWNLOAD_TIMEOUT": str(TIMEOUT),
    "HEADERS_TIMEOUT": "5",
    "CRAWLS_AT_ONCE": "32",
    "LOG_LEVEL": "INFO",
    "DOWNLOAD_MAXSIZE": str(2 * 1024 * 1024),
    "LISTING_MAXSIZE": str(1024 * 1024),
}


def endless(start: bytes, block: bytes = BLOCK) -> Callable[[Asked, Wire], None]:
    """Send `start`, and then the same block until the client hangs up."""

    def route(asked: Asked, wire: Wire) -> None:
        wire.send(start)
        while wire.send(block):
            pass

    return route


def dripping(start: bytes, drop: bytes) -> Callable[[Asked, Wire], None]:
    """Send `start`, and then a drop four times a second."""

    def route(asked: Asked, wire: Wire) -> None:
        wire.send(start)
        while wire.wait(0.25) and wire.send(drop):
            pass

    return route


def hanging(asked: Asked, wire: Wire) -> None:
    """Take the request and say nothing."""
    while wire.wait(1):
        pass


def resetting(start: bytes) -> Callable[[Asked, Wire], None]:
    """Send `start` and break the connection off."""

    def route(asked: Asked, wire: Wire) -> None:
        wire.send(start)
        wire.wait(0.5)
        wire.reset()

    return route


def packed(body: bytes, encoding: str, status: int = 200) -> Answer:
    return Answer(body, status, {"Content-Encoding": encoding})


@cache
def gzip_bomb(megabytes: int) -> bytes:
    """So many MiB of zeros as one member; after a full flush (RFC 1951) the same block comes again, and is packed once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(megabytes):
        checksum = zlib.crc32(ZEROS, checksum)
    end = packer.flush() + struct.pack("<II", checksum, megabytes * len(ZEROS))
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + block * megabytes + end


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = article(1)

# a page each: what it answers, and the outcome, or what its reason has in it while it is pending
PAGES: dict[str, tuple[Route, str]] = {
    "endless body": (endless(OK + b"\r\n"), "too_large"),
    "endless chunks": (endless(CHUNKED, chunk(BLOCK)), "too_large"),
    "endless tiny chunks": (endless(CHUNKED, chunk(b"x") * 5000), "too_large"),
    "endless extension of a chunk": (endless(CHUNKED + b"1;", b"x" * 500), "too_large"),
    "endless trailers": (endless(CHUNKED + chunk(WHOLE) + b"0\r\n", b"X-Sum: 1\r\n" * 500), "too_large"),
    "endless trailer": (endless(CHUNKED + chunk(WHOLE) + b"0\r\nX-Sum: ", b"x" * 5000), "too_large"),
    "announced too long": (Answer(raw=OK + b"Content-Length: 99999999999\r\n\r\nx"), "too_large"),
    "bomb gzip": (packed(gzip_bomb(300), "gzip"), "too_large"),
    "bomb gzip of gzip": (packed(gzip.compress(gzip_bomb(300)), "gzip, gzip"), "too_large"),
    "bomb deflate": (packed(zlib.compress(ZEROS * 50), "deflate"), "too_large"),
    "bomb br": (packed(brotli.compress(ZEROS * 100, quality=1), "br"), "too_large"),
    "bomb zstd": (packed(zstandard.compress(ZEROS * 100), "zstd"), "too_large"),
    "small bomb": (packed(gzip.compress(bytes(1_900_000)), "gzip"), "too_large"),
    "packed four times": (
        packed(gzip.compress(gzip.compress(gzip.compress(gzip.compress(WHOLE)))), "gzip, gzip, gzip, gzip"),
        "too_large",
    ),
    "packed twice": (packed(gzip.compress(gzip.compress(article(2))), "gzip, gzip"), "stored"),
    "many members": (packed(gzip.compress(b"<p></p>") * 60_000, "gzip"), "not_article"),
    "not packed at all": (packed(article(3), "gzip"), "stored"),
    "packed and cut off": (packed(gzip.compress(article(13))[:-20], "gzip"), "stored"),  # what there is, until the next look
    "unknown encoding": (packed(article(4), "rot13"), "stored"),
    "endless headers": (endless(OK, b"X-Filler: %s\r\n" % (b"x" * 1000)), "too_large"),
    "endless header line": (endless(OK + b"X-Filler: ", b"x" * 65_536), "too_large"),
    "endless folded header": (endless(OK + b"X-Filler: x\r\n", b" more\r\n" * 1000), "too_large"),
    "endless status line": (endless(b"HTTP/1.1 200 ", b"O" * 65_536), "too_large"),
    "5,000 headers": (Answer(raw=OK + b"X: y\r\n" * 5000 + b"\r\n" + WHOLE), "too_large"),
    "large headers": (Answer(article(5), headers={f"X-{n}": "y" * 9000 for n in range(8)}), "stored"),
    "one large header": (Answer(article(6), headers={"Content-Security-Policy": "y" * 40_000}), "stored"),
    "100-continue without end": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "too_large"),
    "some interim answers": (
        Answer(raw=b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 3 + OK + b"\r\n" + article(7)),
        "stored",
    ),
    "101": (Answer(raw=b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "ended"),
    "short body": (Answer(raw=OK + b"Content-Length: 90000\r\n\r\n" + WHOLE), "ended before the body"),
    "short chunks": (Answer(raw=CHUNKED + b"fff0\r\n" + WHOLE), "ended before the body"),
    "reset at once": (resetting(b""), "without an answer"),
    "reset in the headers": (resetting(OK), "before the headers"),
    "reset in the body": (resetting(OK + b"Content-Length: 90000\r\n\r\n" + WHOLE), "ended before the body"),
    "no chunks at all": (Answer(raw=CHUNKED + WHOLE * 3), "ended before the body"),
    "malformed chunks": (Answer(raw=CHUNKED + b"zz\r\n" + WHOLE), "ended before the body"),
    "long body": (
        Answer(raw=OK + b"Content-Length: %d\r\n\r\n" % len(article(8)) + article(8) + b"and more"),
        "stored",
    ),
    "no length": (Answer(raw=OK + b"\r\n" + article(9)), "stored"),
    "length is a word": (Answer(raw=OK + b"Content-Length: many\r\n\r\n" + WHOLE), "not HTTP"),
    "negative length": (Answer(raw=OK + b"Content-Length: -5\r\n\r\n" + WHOLE), "not HTTP"),
    "two lengths": (Answer(raw=OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\n" + WHOLE), "not HTTP"),
    "unknown transfer": (Answer(raw=OK + b"Transfer-Encoding: rot13\r\n\r\n" + WHOLE), "not HTTP"),
    "no headers": (Answer(raw=WHOLE), "before the headers"),
    "HTTP/0.9": (Answer(raw=b"<html>\n" + WHOLE + b"\n"), "not HTTP"),
    "garbage": (Answer(raw=bytes(range(256)) * 20), "not HTTP"),
    "status of letters": (Answer(raw=b"HTTP/1.1 abc OK\r\n\r\n" + WHOLE), "not HTTP"),
    "no answer": (Answer(raw=b""), "without an answer"),
    "half a head": (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Ty"), "before the headers"),
    "status 999": (Answer(WHOLE, 999), "http_error: HTTP 999"),
    "status 1000": (Answer(raw=b"HTTP/1.1 1000 What\r\nContent-Length: 2\r\n\r\nno"), "http_error: HTTP 1000"),
    "status 0": (Answer(raw=b"HTTP/1.1 0 What\r\nContent-Length: 2\r\n\r\nno"), "http_error"),
    "204": (Answer(raw=b"HTTP/1.1 204 No Content\r\n\r\n"), "http_error"),
    "205": (Answer(b"", 205), "http_error"),
    "206": (Answer(WHOLE, 206, {"Content-Range": "bytes 0-99/900"}), "http_error"),
    "empty": (Answer(b""), "not_article"),
    "nothing but blanks": (Answer(b" \n" * 1000), "not_article"),
    "endless redirect": (endless(b"HTTP/1.1 302 Found\r\nLocation: /10\r\n\r\n"), "stored"),
    "large redirect": (Answer(bytes(3_000_000), 301, {"Location": "/11"}), "stored"),
    "200 with a location": (Answer(article(12), 200, {"Location": "/gone"}), "stored"),
    "endless with a location": (endless(OK + b"Location: /10\r\n\r\n"), "too_large"),
    "endless 404": (endless(b"HTTP/1.1 404 Not Found\r\n\r\n"), "too_large"),
    "dripping headers": (dripping(OK, b"X: y\r\n"), "timeout"),
    "dripping body": (dripping(OK + b"\r\n", b"<p>"), "timeout"),
    "dripping chunks": (dripping(CHUNKED, chunk(b"x")), "timeout"),
    "hanging": (hanging, "timeout: DownloadTimeoutError: no answer within"),
    "hanging body": (dripping(OK + b"Content-Length: 100\r\n\r\n<html>", b""), "timeout"),
}


ITEM = "<item><title>Report {n}</title><link>{url}/{n}</link></item>\n"
XML = {"Content-Type": "application/rss+xml"}


def feed_start(site: FaultySite) -> bytes:
    """The head of a feed with two articles that the site has."""
    items = "".join(ITEM.format(n=n, url=site.url) for n in (10, 11))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{items}'.encode()


def head_of(kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode()


ROBOTS = b"User-agent: *\nDisallow: /11\n"
# a listing or robots.txt each: path, what it answers given its site, whether the source fails, and the pages stored
FILES: dict[str, tuple[str, Callable[[FaultySite], Route], bool, set[str]]] = {
    "endless feed of items": (
        "/feed.xml",
        lambda site: endless(head_of("text/xml") + feed_start(site), b"<item><title>x</title></item>\n" * 2000),
        False,
        {"/10", "/11"},
    ),
    "endless feed of blanks": (
        "/feed.xml", lambda site: endless(head_of("text/xml") + feed_start(site), b" " * 65_536), False, {"/10", "/11"},
    ),
    "endless rubbish for a feed": ("/feed.xml", lambda site: endless(head_of("text/xml"), b"x" * 65_536), True, set()),
    "long feed, packed": (
        "/feed.xml",
        lambda site: Answer(gzip.compress(feed_start(site) + b" " * 9_000_000), 200, {**XML, "Content-Encoding": "gzip"}),
        False,
        {"/10", "/11"},
    ),
    "long feed, newest last": (
        "/feed.xml",
        lambda site: Answer(feed_start(site) + b" " * 1_100_000 + ITEM.format(n=12, url=site.url).encode(), 200, XML),
        False,
        {"/10", "/11"},
    ),
    "feed packed four times": (
        "/feed.xml", lambda site: packed(gzip.compress(WHOLE), "gzip, gzip, gzip, gzip"), True, set(),
    ),
    "feed with endless headers": ("/feed.xml", lambda site: endless(OK, b"X: y\r\n" * 1000), True, set()),
    "dripping feed": ("/feed.xml", lambda site: dripping(head_of("text/xml"), b"<"), True, set()),
    "feed that hangs": ("/feed.xml", lambda site: hanging, True, set()),
    "feed that breaks off": (
        "/feed.xml", lambda site: Answer(raw=OK + b"Content-Length: 90000\r\n\r\n" + feed_start(site)), True, set(),
    ),
    "endless robots.txt": (
        "/robots.txt", lambda site: endless(head_of("text/plain") + ROBOTS, b"# and so on\n" * 5000), False, {"/10"},
    ),
    "robots.txt of one endless line": (
        "/robots.txt", lambda site: endless(head_of("text/plain") + ROBOTS, b"x" * 65_536), False, {"/10"},
    ),
    "robots.txt, packed, of 9 MB": (
        "/robots.txt", lambda site: packed(gzip.compress(ROBOTS + b"#" * 9_000_000), "gzip"), False, {"/10"},
    ),
    "dripping robots.txt": ("/robots.txt", lambda site: dripping(head_of("text/plain"), b"#"), True, set()),
    "robots.txt that hangs": ("/robots.txt", lambda site: hanging, True, set()),
    "robots.txt with endless headers": ("/robots.txt", lambda site: endless(OK, b"X: y\r\n" * 1000), True, set()),
}  # fmt: skip
# whose end is not seen, and who are told so
LONG_FEEDS = ("endless feed of items", "endless feed of blanks", "endless rubbish for a feed", "long feed, packed", "long feed, newest last")
DRIPPING = 16  # pages of one host that all drip, on as many connections


@dataclass
class Bounds:
    """The crawl that all tests of this module look at."""

    stage: Stage
    run: Run
    urls: dict[str, str]  # of the pages, by name
    pages: dict[str, str]  # name -> outcome
    files: dict[str, FaultySite]
    drip: FaultySite


def path_of(name: str) -> str:
    return "/" + "".join(letter if letter.isalnum() else "-" for letter in name)


@pytest.fixture(scope="module")
def bounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bounds]:
    with ExitStack() as stack:
        stage = Stage(tmp_path_factory.mktemp("bounds"), stack)
        stage.settings.update(SETTINGS)
        files: dict[str, FaultySite] = {}
        urls: dict[str, str] = {}
        for number, (name, (route, _)) in enumerate(PAGES.items()):
            # each on a site of its own: what one does to its host must not touch the others
            site = stage.site({path_of(name): route}, slug=f"page{number}")
            site.routes |= {f"/{n}": Answer(article(n)) for n in (10, 11)}
            urls[name] = f"{site.url}{path_of(name)}"
            site.routes["/feed.xml"] = rss(urls[name])
        for number, (name, (path, route_of, _, _)) in enumerate(FILES.items()):
            site = files[name] = stage.site({f"/{n}": Answer(article(n)) for n in (10, 11)}, slug=f"z-file{number}")
            site.routes["/feed.xml"] = rss(f"{site.url}/10", f"{site.url}/11")
            site.routes[path] = route_of(site)
        drip = stage.site(otherwise=dripping(OK, b"X: y\r\n"), slug="drip", limits=f"concurrency = {DRIPPING}")
        drip.routes |= {"/feed.xml": rss(*(f"{drip.url}/{n}" for n in range(DRIPPING))), "/robots.txt": Answer(b"", 404)}
        run = stage.crawl()
        found = {url: outcome for n in range(len(PAGES)) for url, outcome in stage.outcomes(f"page{n}").items()}
        yield Bounds(stage, run, urls, {name: found.get(url, "") for name, url in urls.items()}, files, drip)
        stage.end()


def test_all_together_leave_the_healthy_site_and_the_memory_alone(bounds: Bounds) -> None:
    bounds.stage.check(bounds.run, 1)


@pytest.mark.parametrize("name", PAGES)
def test_page(bounds: Bounds, name: str) -> None:
    wanted, found = PAGES[name][1], bounds.pages[name]
    assert found == wanted or (found.startswith("pending") and wanted in found)


@pytest.mark.parametrize("name", FILES)
def test_listing_and_robots(bounds: Bounds, name: str) -> None:
    _, _, fails, stored = FILES[name]
    number, site = list(FILES).index(name), bounds.files[name]
    feeds = bounds.stage.rows(
        "SELECT f.status, f.detail FROM feeds f JOIN sources s ON s.id = f.source_id WHERE s.slug = ?", f"z-file{number}"
    )
    assert [feed["status"] for feed in feeds] == ["failing" if fails else "active"], feeds
    assert feeds[0]["detail"] or not fails
    assert ("LISTING_MAXSIZE" in str(feeds[0]["detail"])) == (name in LONG_FEEDS), feeds
    found = {url.removeprefix(site.url) for url, end in bounds.stage.outcomes(f"z-file{number}").items() if end == "stored"}
    assert found == stored


def test_what_drips_on_many_connections_is_given_up_at_once(bounds: Bounds) -> None:
    outcomes = bounds.stage.outcomes("drip")
    assert len(outcomes) == DRIPPING
    assert all(outcome.startswith("pending") for outcome in outcomes.values())
    assert len([asked for asked in bounds.drip.asked if asked.path not in ("/feed.xml", "/robots.txt")]) <= DRIPPING


def test_what_was_cut_off_says_so_in_the_raw_store(bounds: Bounds) -> None:
    cut = set()
    for path in (bounds.stage.folder / "raw").rglob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_headers.get_header("WARC-Truncated") == "length":
                    cut.add(record.rec_headers.get_header("WARC-Target-URI"))
    feeds = [name for name in LONG_FEEDS if name != "long feed, packed"]  # which came whole
    redirects = ("endless redirect", "large redirect")
    assert cut == {f"{bounds.files[name].url}/feed.xml" for name in feeds} | {bounds.urls[name] for name in redirects}
