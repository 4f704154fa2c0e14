"""WARC files of other makers: what is read of them, what is passed over, and what an import makes of it."""

from __future__ import annotations

import asyncio
import gzip
import io
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import brotli
import pytest
import zstandard
from rich.console import Console
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import Archive
from archive.raw import sound_length
from crawler import importer as importer_module
from crawler import warcfiles
from crawler.catalog import Catalog
from crawler.extraction.pool import Pool
from crawler.importer import Importer
from crawler.warcfiles import LARGEST, Record, WarcFile, decoded
from crawler.writer import Writer
from tests import warm
from tests.unit.crawler import work
from tests.unit.crawler.servers import ROOT, crawl_environment

WORDS = "Le conseil municipal a voté hier soir la réfection du vieux pont après un long débat avec les habitants du quartier."
CATALOG = """
name = "Le Pont"
home = "https://www.lepont.example/"
country = "fr"
language = "fr"
timezone = "Asia/Shanghai"
[[feeds]]
url = "https://www.lepont.example/feed"
"""


def page(title: str, date: str = "2026-02-03T08:30:00") -> bytes:
    """An article that an extractor can read."""
    text = "".join(f"<p>{title}: paragraphe {n}. {WORDS}</p>" for n in range(4))
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{title}">'
        f'<meta property="article:published_time" content="{date}"></head>'
        f"<body><article><h1>{title}</h1>{text}</article></body></html>"
    ).encode()


class Maker:
    """Writes a WARC file record by record."""

    def __init__(self, *, packed: bool = True) -> None:
        self.buffer = io.BytesIO()
        self.writer = WARCWriter(self.buffer, gzip=packed, warc_version="1.0")

    def add(
        self,
        url: str,
        body: bytes,
        *headers: tuple[str, str],
        kind: str = "response",
        status: str = "200 OK",
        date: str = "2026-02-03T10:00:00Z",
        content_type: str = "text/html; charset=utf-8",
    ) -> Maker:
        """Add a record."""
        http = StatusAndHeaders(status, [("Content-Type", content_type), *headers], protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            url, kind, payload=io.BytesIO(body), http_headers=http if kind in ("response", "revisit", "request") else None,
            warc_headers_dict={"WARC-Date": date},
        )  # fmt: skip
        self.writer.write_record(record)
        return self

    def save(self, path: Path, cut: int = 0) -> Path:
        """Write the file, without its last bytes if it is to be cut off."""
        data = self.buffer.getvalue()
        path.write_bytes(data[: len(data) - cut] if cut else data)
        return path


def read(path: Path) -> tuple[list[Record], WarcFile]:
    """All records of a file."""
    file = WarcFile(path)
    return list(file), file


def deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


BODY = page("Un pont")
CHUNKED = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (100, BODY[:100], len(BODY) - 100, BODY[100:])


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, {}),
        (gzip.compress(BODY), {"Content-Encoding": "gzip"}),
        (brotli.compress(BODY), {"content-encoding": "br"}),
        (zstandard.compress(BODY), {"Content-Encoding": "zstd"}),
        (zlib.compress(BODY), {"Content-Encoding": "deflate"}),
        (deflated(BODY), {"Content-Encoding": "deflate"}),
        (BODY, {"Content-Encoding": "gzip"}),
        (BODY, {"Content-Encoding": "br"}),
        (BODY, {"Transfer-Encoding": "chunked"}),
        (CHUNKED, {"Transfer-Encoding": "chunked"}),
        (BODY, {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"}),
    ],
    ids=["plain", "gzip", "br", "zstd", "deflate", "raw deflate", "unpacked under gzip", "unpacked under br",
         "unchunked under chunked", "chunked", "neither any more"],
)  # fmt: skip
@pytest.mark.parametrize("packed", [True, False], ids=["warc.gz", "warc"])
def test_bodies(tmp_path: Path, body: bytes, headers: dict[str, str], packed: bool) -> None:
    path = Maker(packed=packed).add("http://e.example/a", body, *headers.items()).save(tmp_path / "x.warc.gz")
    (record,), file = read(path)
    assert decoded(record.exchange) == BODY
    assert not [name for name, _ in record.exchange.headers if name.lower() == "transfer-encoding"]
    assert (file.trouble, sum(file.passed_over.values())) == ("", 0)


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("2026-02-03T10:00:00Z", datetime(2026, 2, 3, 10, tzinfo=UTC)),
        ("2026-02-03T10:00:00.123456Z", datetime(2026, 2, 3, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-02-03T10:00:00", datetime(2026, 2, 3, 10, tzinfo=UTC)),
        ("2026-02-03T12:00:00+02:00", datetime(2026, 2, 3, 10, tzinfo=UTC)),
    ],
)
def test_dates(tmp_path: Path, date: str, moment: datetime) -> None:
    (record,), _ = read(Maker().add("http://e.example/a", BODY, date=date).save(tmp_path / "x.warc.gz"))
    assert record.exchange.fetched_at == moment


def test_other_records_are_passed_over_and_counted(tmp_path: Path) -> None:
    maker = Maker()
    maker.writer.write_record(maker.writer.create_warcinfo_record("x", {"software": "x"}))
    maker.add("<http://e.example/angle>", BODY)
    maker.add("http://e.example/a", b"", kind="request", status="GET / HTTP/1.1")
    maker.add("http://e.example/a", b"fetched", kind="metadata").add("http://e.example/a", b"x", kind="resource")
    maker.add("http://e.example/a", b"", kind="revisit")
    maker.add("http://e.example/404", b"no", status="404 Not Found").add(
        "http://e.example/301", b"", status="301 Moved"
    )
    maker.add("http://e.example/i.png", b"\x89PNG", content_type="image/png")
    maker.add("http://e.example/x", BODY, content_type="application/xhtml+xml").add(
        "http://e.example/n", BODY, content_type=""
    )
    maker.add("http://e.example/bad", BODY, date="yesterday").add("dns:e.example", b"1.2.3.4").add("whois://e", BODY)
    maker.add("http://e.example/large", bytes(LARGEST + 1))
    records, file = read(maker.save(tmp_path / "x.warc.gz"))
    assert [record.exchange.url for record in records] == [
        "http://e.example/angle", "http://e.example/x", "http://e.example/n",
    ]  # fmt: skip
    assert file.passed_over == {
        "request records": 1, "metadata records": 1, "resource records": 1, "revisit records": 1, "HTTP 404": 1,
        "HTTP 301": 1, "not HTML": 1, "without a usable URL or date": 3, "too large": 1,
    }  # fmt: skip
    assert file.trouble == ""


@pytest.mark.parametrize("packed", [True, False], ids=["warc.gz", "warc"])
@pytest.mark.parametrize("cut", [1, 5, 40, 300])
def test_a_file_that_is_cut_off(tmp_path: Path, packed: bool, cut: int) -> None:
    maker = Maker(packed=packed)
    for name in "abc":
        maker.add(f"http://e.example/{name}", page(name))
    records, file = read(maker.save(tmp_path / "x.warc.gz", cut))
    assert [record.exchange.url[-1] for record in records][:2] == ["a", "b"]
    assert all(decoded(record.exchange) == page(record.exchange.url[-1]) for record in records)
    assert "x.warc.gz" in file.trouble


def members(data: bytes) -> list[bytes]:
    """The gzip members that a file consists of."""
    found = []
    while data:
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        inflate.decompress(data)
        assert inflate.eof
        found.append(data[: len(data) - len(inflate.unused_data)])
        data = inflate.unused_data
    return found


def in_one_member(data: bytes) -> bytes:
    return gzip.compress(b"".join(map(gzip.decompress, members(data))))


def by_two(data: bytes) -> bytes:
    parts = members(data)
    return b"".join(in_one_member(b"".join(parts[at : at + 2])) for at in range(0, len(parts), 2))


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "a member for each": lambda data: data,
    "one member": in_one_member,
    "two in a member": by_two,
    "plain": gzip.decompress,
    "zstd": lambda data: b"".join(zstandard.compress(gzip.decompress(one)) for one in members(data)),
    "zstd in one frame": lambda data: zstandard.compress(gzip.decompress(data)),
    "padded": lambda data: data + bytes(512),
    "empty members between": lambda data: gzip.compress(b"").join(members(data)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("window", [64, warcfiles.WINDOW], ids=["read in small pieces", "read in large pieces"])
def test_every_form_of_file(tmp_path: Path, form: str, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warcfiles, "WINDOW", window)
    maker = Maker()
    for name in "abcde":
        maker.add(f"http://e.example/{name}", page(name)).add(f"http://e.example/{name}", b"", kind="metadata")
    path = tmp_path / "x.warc.gz"
    path.write_bytes(FORMS[form](maker.buffer.getvalue()))
    records, file = read(path)
    assert [record.url[-1] for record in records] == list("abcde")
    assert all(decoded(record.exchange) == page(record.url[-1]) for record in records)
    assert file.passed_over["metadata records"] == 5
    assert bool(file.trouble) == (form == "padded")


def test_what_looks_like_the_beginning_of_a_member_is_none(tmp_path: Path) -> None:
    # bytes that cannot be packed stand in the file as they are
    noise, maker = Random(1), Maker()
    for name in "abc":
        body = b"\x1f\x8b\x08\x00".join(noise.randbytes(500) for _ in range(400))
        maker.add(f"http://e.example/{name}", body + name.encode())
    path = maker.save(tmp_path / "x.warc.gz")
    assert path.read_bytes().count(b"\x1f\x8b\x08") > 10
    records, file = read(path)
    assert [record.exchange.body[-1:] for record in records] == [b"a", b"b", b"c"]
    assert file.trouble == ""


def flipped(member: bytes) -> bytes:
    """A member with one other byte in its middle."""
    half = len(member) // 2
    return member[:half] + bytes([member[half] ^ 0x10]) + member[half + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a byte": flipped,
    "its first byte": lambda member: b"\0" + member[1:],
    "its checksum": lambda member: member[:-8] + bytes(4) + member[-4:],
    "its length": lambda member: member[:-4] + bytes(4),
    "its second half": lambda member: member[: len(member) // 2],
    "all of it": lambda member: Random(2).randbytes(len(member)),
    "what it holds": lambda member: gzip.compress(b"no record"),
    "the length of its record": lambda member: gzip.compress(
        gzip.decompress(member).replace(b"Content-Length: ", b"Content-Length: 9", 1)
    ),
    "how its record begins": lambda member: gzip.compress(gzip.decompress(member)[4:]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_member_costs_its_record_only(tmp_path: Path, catalog: Catalog, pool: Pool, damage: str) -> None:
    maker = Maker()
    for number in range(5):
        maker.add(f"http://e.example/{number}.html", page(f"Pont numéro {number}"))
    parts = members(maker.buffer.getvalue())
    parts[2] = DAMAGE[damage](parts[2])
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(parts))
    importer = import_into(tmp_path / "a", catalog, pool, path)
    assert importer.outcomes == {"stored": 4}
    assert importer.damaged == 1
    offset, length = len(parts[0] + parts[1]), len(parts[2])
    assert [f"skipped {length} bytes at offset {offset}" in said for said in importer.troubles] == [True]
    assert importer.passed_over["damaged parts"] == 1
    urls = [url for (url,) in rows(tmp_path / "a", "SELECT url FROM captures ORDER BY url")]
    assert urls == [f"http://e.example/{number}.html" for number in (0, 1, 3, 4)]
    for raw in (tmp_path / "a").glob("raw/**/*.warc.gz"):
        assert sound_length(raw) == raw.stat().st_size


@pytest.mark.parametrize(
    "data",
    [b"", b"not a WARC file at all", b"\x1f\x8b", b"WARC/1.0\r\n", gzip.compress(b"text", mtime=0), b"PK\x03\x04"],
)
def test_what_is_no_warc_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    records, file = read(path)
    assert records == []
    assert "x" in file.trouble


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    records, file = read(tmp_path / "nothing.warc")
    assert records == []
    assert "No such file" in file.trouble


# -- into an archive ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Workers, started once."""
    pool = Pool(2, 30.0, 3 << 30)
    yield pool
    pool.close()


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "le-pont.toml").write_text(CATALOG)
    return Catalog.load([tmp_path / "sources"])


def import_into(folder: Path, catalog: Catalog, pool: Pool, *files: Path) -> Importer:
    """Import files into the archive in a folder."""
    with Archive(folder, write=True) as archive:

        async def work() -> Importer:
            importer = Importer(archive, catalog, pool, Writer(archive, 0.05, 50))
            await asyncio.wait_for(importer.run(files, lambda path, position: None), 60)
            return importer

        return asyncio.run(work())


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of a query."""
    with Archive(folder) as archive:
        return [tuple(row) for row in archive.db.execute(sql)]


def test_sources_and_times(tmp_path: Path, catalog: Catalog, pool: Pool) -> None:
    maker = Maker().add("https://www.lepont.example/a.html", page("Le vieux pont"))
    maker.add("http://news.unknown.co.uk/b.html", page("Un autre pont", "2026-02-03T08:30:00+01:00"))
    maker.add("http://127.0.0.1:8021/c.html", page("Un pont local"))
    importer = import_into(tmp_path / "a", catalog, pool, maker.save(tmp_path / "x.warc.gz"))
    assert importer.outcomes == {"stored": 3}
    assert rows(tmp_path / "a", "SELECT slug, home, timezone, in_catalog FROM sources ORDER BY slug") == [
        ("127.0.0.1", "http://127.0.0.1/", "UTC", 0),
        ("le-pont", "https://www.lepont.example/", "Asia/Shanghai", 1),
        ("unknown.co.uk", "http://unknown.co.uk/", "UTC", 0),
    ]
    found = rows(tmp_path / "a", "SELECT title, published_at, first_seen_at FROM articles ORDER BY id")
    assert set(found) == {
        ("Le vieux pont", "2026-02-03T00:30:00Z", "2026-02-03T10:00:00Z"),  # eight hours ahead of UTC
        ("Un autre pont", "2026-02-03T07:30:00Z", "2026-02-03T10:00:00Z"),
        ("Un pont local", "2026-02-03T08:30:00Z", "2026-02-03T10:00:00Z"),
    }


def test_a_second_import_adds_nothing_and_an_interrupted_one_goes_on(
    tmp_path: Path, catalog: Catalog, pool: Pool
) -> None:
    maker = Maker()
    for number in range(12):
        maker.add(f"http://e.example/{number}.html", page(f"Pont numéro {number}"))
    whole, part = maker.save(tmp_path / "whole.warc.gz"), maker.save(tmp_path / "part.warc.gz", 3000)
    folder = tmp_path / "a"
    first = import_into(folder, catalog, pool, part)
    assert 0 < first.outcomes["stored"] < 12
    assert first.troubles and "part.warc.gz" in first.troubles[0]
    second = import_into(folder, catalog, pool, whole)
    assert second.outcomes == {"known": first.outcomes["stored"], "stored": 12 - first.outcomes["stored"]}
    before = rows(folder, "SELECT warc_file, warc_offset FROM captures")
    third = import_into(folder, catalog, pool, whole, whole)
    assert third.outcomes == {"known": 24}
    assert rows(folder, "SELECT warc_file, warc_offset FROM captures") == before
    assert len(before) == 12
    for path in folder.glob("raw/**/*.warc.gz"):
        assert sound_length(path) == path.stat().st_size


def test_the_same_record_twice_in_one_file(tmp_path: Path, catalog: Catalog, pool: Pool) -> None:
    maker = Maker()
    for _ in range(5):
        maker.add("http://e.example/a.html", page("Le même pont"))
    importer = import_into(tmp_path / "a", catalog, pool, maker.save(tmp_path / "x.warc.gz"))
    assert importer.outcomes == {"stored": 1, "known": 4}
    assert rows(tmp_path / "a", "SELECT count(*) FROM captures") == [(1,)]


@pytest.mark.parametrize("form", FORMS)
def test_records_are_kept_as_they_came(tmp_path: Path, catalog: Catalog, pool: Pool, form: str) -> None:
    maker = Maker()
    for number in range(4):
        maker.add(f"http://e.example/{number}.html", page(f"Pont numéro {number}"), ("X-Odd", "as \xe9 it  came"))
    originals = members(maker.buffer.getvalue())
    path = tmp_path / "x.warc.gz"
    path.write_bytes(FORMS[form](maker.buffer.getvalue()))
    assert import_into(tmp_path / "a", catalog, pool, path).outcomes == {"stored": 4}
    (raw,) = (tmp_path / "a").glob("raw/**/*.warc.gz")
    kept = members(raw.read_bytes())[1:]  # without the description of the file
    assert sorted(map(gzip.decompress, kept)) == sorted(map(gzip.decompress, originals))
    if form == "a member for each":
        assert sorted(kept) == sorted(originals)
    with Archive(tmp_path / "a") as archive:
        for row in archive.db.execute("SELECT * FROM captures"):
            exchange = archive.raw.read(row["warc_file"], row["warc_offset"])
            assert (exchange.url, exchange.digest) == (row["url"], row["digest"])
            stored = raw.read_bytes()[row["warc_offset"] :][: row["warc_length"]]
            assert gzip.decompress(stored) in map(gzip.decompress, originals)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (CHUNKED, [("Transfer-Encoding", "chunked")]),
        (BODY, [("Transfer-Encoding", "chunked")]),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(gzip.compress(BODY, mtime=0)), gzip.compress(BODY, mtime=0)),
         [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]),
    ],
    ids=["chunked", "unchunked under chunked", "chunked and packed"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["a member for each", "plain"])
def test_chunks_are_kept_and_undone_for_who_reads(
    tmp_path: Path, catalog: Catalog, pool: Pool, form: str, body: bytes, headers: list[tuple[str, str]]
) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(FORMS[form](Maker().add("http://e.example/a", body, *headers).buffer.getvalue()))
    assert import_into(tmp_path / "a", catalog, pool, path).outcomes == {"stored": 1}
    with Archive(tmp_path / "a") as archive:
        (row,) = archive.db.execute("SELECT * FROM captures").fetchall()
        exchange = archive.raw.read(row["warc_file"], row["warc_offset"])
        assert decoded(exchange) == BODY
        assert exchange.digest == row["digest"]
        assert "transfer-encoding" not in {name.lower() for name, _ in exchange.headers}
        (article,) = archive.articles()
    assert article.title == "Un pont"
    (raw,) = (tmp_path / "a").glob("raw/**/*.warc.gz")
    assert body in gzip.decompress(raw.read_bytes()), "the record is kept as it was sent"


def test_a_payload_that_is_there_already_is_not_kept_twice(tmp_path: Path, catalog: Catalog, pool: Pool) -> None:
    folder, first, second = tmp_path / "a", Maker(), Maker()
    first.add("http://e.example/a.html", page("Un pont"))
    second.add("http://e.example/a.html", page("Un pont"), date="2026-02-04T10:00:00Z")
    import_into(folder, catalog, pool, first.save(tmp_path / "1.warc.gz"))
    importer = import_into(folder, catalog, pool, second.save(tmp_path / "2.warc.gz"))
    assert importer.outcomes == {"unchanged": 1}
    found = rows(folder, "SELECT record, fetched_at FROM captures ORDER BY id")
    assert found == [("response", "2026-02-03T10:00:00Z"), ("revisit", "2026-02-04T10:00:00Z")]


def test_a_page_that_cannot_be_extracted_is_kept(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = Maker()
    for number in range(12):
        maker.add(f"http://e.example/{number}.html", page(f"Pont numéro {number}"))
    maker.add("http://e.example/slow.html", page("slow"))
    monkeypatch.setattr(importer_module, "work", work.slow_or_extracted)
    pool = Pool(1, 2.0, 3 << 30)
    try:
        importer = import_into(tmp_path / "a", catalog, pool, maker.save(tmp_path / "x.warc.gz"))
    finally:
        pool.close()
    assert importer.outcomes == {"stored": 12, "extraction_failed": 1}
    (detail,) = rows(tmp_path / "a", "SELECT detail FROM pages WHERE outcome = 'extraction_failed'")
    assert "took longer than 2 s" in str(detail)
    assert rows(tmp_path / "a", "SELECT count(*) FROM captures WHERE digest != ''") == [(13,)]


def test_what_is_no_article_has_an_outcome_too(tmp_path: Path, catalog: Catalog, pool: Pool) -> None:
    maker = Maker().add("http://e.example/", b"<html><body><a href='/a'>a</a></body></html>")
    maker.add("http://e.example/bomb", gzip.compress(bytes(LARGEST + 1)), ("Content-Encoding", "gzip"))
    importer = import_into(tmp_path / "a", catalog, pool, maker.save(tmp_path / "x.warc.gz"))
    assert importer.outcomes["too_large"] == 1
    assert rows(tmp_path / "a", "SELECT count(*) FROM pages WHERE state = 'pending'") == [(0,)]
    assert rows(tmp_path / "a", "SELECT count(*) FROM captures") == [(2,)]


def test_an_archive_in_trouble_stops_the_import(tmp_path: Path, catalog: Catalog, pool: Pool) -> None:
    maker = Maker()
    for number in range(40):
        maker.add(f"http://e.example/{number}.html", page(f"Pont numéro {number}"))
    path = maker.save(tmp_path / "x.warc.gz")
    with Archive(tmp_path / "a", write=True) as archive:

        async def work() -> None:
            writer = Writer(archive, 0.05, 50)
            archive.db.execute("DROP TABLE captures")
            importer = Importer(archive, catalog, pool, writer)
            await asyncio.wait_for(importer.run([path], lambda path, position: None), 60)

        with pytest.raises(Exception, match="captures"):
            asyncio.run(work())


def test_the_command(tmp_path: Path) -> None:
    maker = (
        Maker()
        .add("http://e.example/a.html", page("Le vieux pont"))
        .add("http://e.example/b.png", b"", content_type="image/png")
    )
    good = maker.save(tmp_path / "good.warc.gz")
    bad = (
        Maker(packed=False)
        .add("http://e.example/c.html", page("Un pont"))
        .add("http://e.example/d", BODY)
        .save(tmp_path / "bad.warc", 9)
    )
    (tmp_path / "sources").mkdir()

    def command(*files: Path) -> subprocess.CompletedProcess[str]:
        return warm.run(
            [sys.executable, "-m", "archive", "import-warc", *map(str, files), "--archive", str(tmp_path / "a")],
            cwd=ROOT, env=crawl_environment(tmp_path), capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip

    first = command(good)
    assert first.returncode == 0, first.stderr
    assert "stored 1" in first.stdout
    assert "not HTML 1" in first.stderr
    second = command(good, bad)
    assert "known 1, stored 1" in second.stdout
    assert second.returncode == 1
    assert str(bad) in second.stderr
    assert rows(tmp_path / "a", "SELECT count(*) FROM articles") == [(2,)]


def test_the_console_gets_paths_as_they_are(tmp_path: Path) -> None:
    # a path with brackets is no markup
    from crawler.imports import import_files

    odd = tmp_path / "[bold]x[" / "nothing].warc"
    odd.parent.mkdir()
    odd.write_bytes(b"nothing")
    said = io.StringIO()
    counts = import_files(tmp_path / "a", [odd], Console(file=said, width=300))
    assert counts == {"damaged_file": 1}
    assert str(odd) in said.getvalue()


@pytest.mark.parametrize("packed", [True, False], ids=["warc.gz", "warc"])
def test_a_file_is_gone_on_with_at_a_record_where_that_can_be_done(tmp_path: Path, packed: bool) -> None:
    maker = Maker(packed=packed)
    for number in range(4):
        maker.add(f"http://e.example/{number}", page(f"Un pont {number}"))
    path = maker.save(tmp_path / "x.warc.gz")
    every, _ = read(path)
    rest = list(WarcFile(path, every[2].place))
    assert [record.url[-1] for record in rest] == (["2", "3"] if packed else ["0", "1", "2", "3"])
    assert [record.position for record in rest] == [record.position for record in every[-len(rest) :]]
