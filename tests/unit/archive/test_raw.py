"""The raw store: WARC files that other readers take, that survive a crash and say so when the disk is full."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive import Archive, ArchiveError
from archive.raw import Earlier, Exchange, RawStore, open_files, sound_length
from tests.unit.archive.helpers import NOW, exchange, python

NAME = "raw/2026/03/kiosque-20260305.warc.gz"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RawStore]:
    opened = RawStore(tmp_path)
    opened.repair()
    yield opened
    opened.close()


def written(folder: Path, *exchanges: Exchange) -> Path:
    """A file with these exchanges, closed in order."""
    store = RawStore(folder)
    store.repair()
    for one in exchanges:
        store.append(one)
    store.close()
    return folder / NAME


def left_open(folder: Path, name: str = NAME) -> None:
    """What a killed process leaves: the journal that names the file."""
    (folder / "raw" / "open-files.txt").write_text(name + "\n")


def records(path: Path) -> list[tuple[str, dict[str, str], list[tuple[str, str]], bytes]]:
    """(type, WARC headers, HTTP headers, payload) of every record; digests are checked by two readers."""
    with path.open("rb") as file:
        found = []
        for record in ArchiveIterator(file, check_digests="raise"):
            http = list(record.http_headers.headers) if record.http_headers else []
            found.append((record.rec_type, dict(record.rec_headers.headers), http, record.content_stream().read()))
    with path.open("rb") as file:
        fast = list(FastIterator(file, parse_http=False, verify_digests=True))
        assert len(fast) == len(found)
    with path.open("rb") as file:
        for record in FastIterator(file, record_types=WarcRecordType.response, parse_http=True):
            assert record.verify_payload_digest()
    return found


def test_request_and_response_for_each_fetch(store: RawStore, tmp_path: Path) -> None:
    store.append(exchange(ip="192.0.2.7"))
    store.append(exchange("https://example.org/b?x=1", b"b"))
    store.close()
    (info, *rest) = records(tmp_path / NAME)
    assert info[0] == "warcinfo"
    assert [record[0] for record in rest] == ["response", "request", "response", "request"]
    response, request = rest[0], rest[1]
    assert response[1]["WARC-Target-URI"] == request[1]["WARC-Target-URI"] == "https://example.org/a"
    assert response[1]["WARC-Date"] == "2026-03-05T12:00:00Z"
    assert response[1]["WARC-IP-Address"] == "192.0.2.7"
    assert response[3] == b"<html>a</html>"
    assert request[1]["WARC-Concurrent-To"] == response[1]["WARC-Record-ID"]
    assert ("Host", "example.org") in request[2]
    assert ("User-Agent", "Test") in request[2]
    with gzip.open(tmp_path / NAME) as plain:
        text = plain.read()
    assert text.count(b"WARC/1.1\r\n") == 5
    assert b"GET /b?x=1 HTTP/1.1\r\n" in text


def test_every_record_is_a_gzip_member_of_its_own(store: RawStore, tmp_path: Path) -> None:
    placed = store.append(exchange())
    store.close()
    data = (tmp_path / NAME).read_bytes()[placed.offset : placed.offset + placed.length]
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert b"WARC-Type: response" in member.decompress(data)
    assert member.eof
    assert member.unused_data == b""


def test_an_imported_record_has_no_made_up_request(store: RawStore, tmp_path: Path) -> None:
    store.append(exchange(request_headers=()))
    store.close()
    assert [record[0] for record in records(tmp_path / NAME)] == ["warcinfo", "response"]


@pytest.mark.parametrize(
    ("status", "body", "profile"),
    [(200, b"<html>a</html>", "identical-payload-digest"), (304, b"", "server-not-modified")],
    ids=["same payload", "304"],
)
def test_revisit_records(store: RawStore, tmp_path: Path, status: int, body: bytes, profile: str) -> None:
    first = exchange()
    store.append(first)
    earlier = Earlier(first.url, "2026-03-05T12:00:00Z", first.digest)
    placed = store.append(exchange(body=body, status=status, fetched_at=NOW + timedelta(hours=1)), earlier)
    store.close()
    revisit = records(tmp_path / NAME)[3]
    assert (placed.record, placed.digest) == ("revisit", first.digest)
    assert revisit[0] == "revisit"
    assert revisit[1]["WARC-Profile"] == f"http://netpreserve.org/warc/1.1/revisit/{profile}"
    assert revisit[1]["WARC-Refers-To-Target-URI"] == first.url
    assert revisit[1]["WARC-Refers-To-Date"] == "2026-03-05T12:00:00Z"
    assert revisit[1]["WARC-Payload-Digest"] == first.digest
    assert revisit[3] == b""


def test_a_payload_is_never_left_out_for_an_earlier_one_that_differs(store: RawStore) -> None:
    placed = store.append(exchange(body=b"new"), Earlier("https://example.org/a", "2026-03-05T11:00:00Z", "sha1:OTHER"))
    assert placed.record == "response"
    assert store.read(placed.warc_file, placed.offset).body == b"new"


def test_bodies_keep_their_content_encoding(store: RawStore, tmp_path: Path) -> None:
    body = gzip.compress(b"<html>packed</html>")
    placed = store.append(exchange(body=body, headers=(("Content-Encoding", "gzip"),)))
    assert store.read(placed.warc_file, placed.offset).body == body
    store.close()
    assert records(tmp_path / NAME)[1][3] == b"<html>packed</html>"


@pytest.mark.parametrize("status", [0, 7, 42, 999])
def test_a_status_that_no_server_should_give_is_read_back(store: RawStore, status: int) -> None:
    placed = store.append(exchange(status=status))
    assert store.read(placed.warc_file, placed.offset).status == status


def test_a_body_without_chunks_is_not_called_chunked(store: RawStore, tmp_path: Path) -> None:
    body = b"5\r\nhello\r\n0\r\n\r\n"  # would be taken for chunks by a reader that believes the header
    placed = store.append(exchange(body=body, headers=(("Transfer-Encoding", "chunked"), ("X-A", "b"))))
    store.close()
    assert records(tmp_path / NAME)[1][3] == body
    assert RawStore(tmp_path).read(placed.warc_file, placed.offset).headers == (
        ("X-Crawl-Transfer-Encoding", "chunked"),
        ("X-A", "b"),
    )


ODD_HEADERS = {
    "bytes of Latin-1": (("X-A", "caf\xe9 \x85 \xff"),),
    "bytes of UTF-8": (("X-A", "日本".encode().decode("latin-1")),),
    "empty": (("X-A", ""), ("X-B", "b")),
    "twice": (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2")),
    "colons and quotes": (("Link", '<https://example.org/?a=1:2>; rel="canonical"'),),
    "none": (),
}


@pytest.mark.parametrize("headers", ODD_HEADERS.values(), ids=ODD_HEADERS)
def test_odd_headers_are_kept_as_they_came(
    store: RawStore, tmp_path: Path, headers: tuple[tuple[str, str], ...]
) -> None:
    placed = store.append(exchange(headers=headers))
    store.close()
    assert RawStore(tmp_path).read(placed.warc_file, placed.offset).headers == headers
    assert records(tmp_path / NAME)[1][3] == b"<html>a</html>"


@pytest.mark.parametrize(
    "more",
    [
        {"headers": (("X-A", "one\r\nSet-Cookie: evil=1\n\n<html>"),)},
        {"headers": (("X-A\r\n\r\nB", "one"),)},
        {"reason": "Fine\r\n\r\nbody"},
        {"headers": (("X-A", "\u4e2d\u6587 \ud800"),)},
        {"url": "https://example.org/a b\r\nWARC-Type: x"},
        {"url": "https://example.org/\u65b0\u95fb?\u00e9=\udc00"},
        {"request_headers": (("X-A", "a\n\nb"), ("Host", "other.example"))},
    ],
    ids=["value", "name", "reason", "beyond Latin-1", "URL with breaks", "URL beyond ASCII", "request"],
)
def test_nothing_breaks_out_of_its_line(store: RawStore, tmp_path: Path, more: dict[str, Any]) -> None:
    placed = store.append(exchange(**more))
    store.close()
    found = records(tmp_path / NAME)
    assert [record[0] for record in found] == ["warcinfo", "response", "request"]
    assert found[1][3] == b"<html>a</html>"
    assert RawStore(tmp_path).read(placed.warc_file, placed.offset).body == b"<html>a</html>"


@pytest.mark.parametrize("status", [200, 204, 404, 599])
def test_a_status_line_without_a_reason(store: RawStore, tmp_path: Path, status: int) -> None:
    placed = store.append(exchange(status=status, reason=""))
    store.close()
    read = RawStore(tmp_path).read(placed.warc_file, placed.offset)
    assert (read.status, read.reason) == (status, "")
    with (tmp_path / NAME).open("rb") as file:
        (response,) = FastIterator(file, record_types=WarcRecordType.response)
        assert response.http_headers is not None
        assert response.http_headers.status_code == status


@given(body=st.binary(max_size=3000), headers=st.lists(st.tuples(st.just("X-A"), st.text(max_size=20)), max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_read_back_is_what_was_written(store: RawStore, body: bytes, headers: list[tuple[str, str]]) -> None:
    one = exchange(body=body, headers=tuple(headers), ip="2001:db8::1")
    placed = store.append(one)
    read = store.read(placed.warc_file, placed.offset)
    assert (read.url, read.fetched_at, read.status, read.reason) == (one.url, one.fetched_at, 200, "OK")
    assert (read.body, read.digest, read.ip) == (body, placed.digest, "2001:db8::1")
    assert len(read.headers) == len(headers)


def test_a_record_of_another_maker_is_kept_byte_for_byte(store: RawStore, tmp_path: Path) -> None:
    other = (
        b"WARC/1.0\nwarc-type: response\nWARC-Target-URI: <http://example.org/a>\nWARC-Date: 2026-03-05T12:00:00.5+01:00\n"
        b"X-Folded: one\n two\nContent-Length: 69\n\n"
        b"HTTP/2 200\nContent-Type: text/html\n;charset=x\nX-A:b\nTransfer-Encoding: chunked\n\nabc"
    )
    length = len(other.partition(b"\n\n")[2])
    member = gzip.compress(other.replace(b"69", str(length).encode()) + b"\r\n\r\n")
    placed = store.keep("http://example.org/a", NOW, "sha1:X", member)
    store.append(exchange("https://example.org/b"))
    read = store.read(placed.warc_file, placed.offset)
    assert (read.url, read.status, read.reason, read.body) == ("http://example.org/a", 200, "", b"abc")
    assert read.fetched_at == datetime(2026, 3, 5, 11, 0, 0, 500_000, tzinfo=UTC)
    assert read.headers == (("Content-Type", "text/html"), (";charset=x", ""), ("X-A", "b"))
    assert (tmp_path / NAME).read_bytes()[placed.offset :][: placed.length] == member
    assert (placed.digest, placed.record) == ("sha1:X", "response")


@pytest.mark.parametrize("offset", [1, 200, 10_000_000], ids=["inside a record", "inside another", "beyond the end"])
def test_no_record_at_an_offset(store: RawStore, offset: int) -> None:
    placed = store.append(exchange(body=os.urandom(500)))
    with pytest.raises(ArchiveError, match="no record at offset"):
        store.read(placed.warc_file, offset)
    with pytest.raises(ArchiveError, match="no record at offset 0: a warcinfo record"):
        store.read(placed.warc_file, 0)
    with pytest.raises(ArchiveError, match="nowhere"):
        store.read("raw/nowhere.warc.gz", 0)


def test_a_record_that_is_cut_off_is_not_read_as_whole(store: RawStore, tmp_path: Path) -> None:
    placed = store.append(exchange(body=os.urandom(5000)))
    os.truncate(tmp_path / NAME, placed.offset + placed.length // 2)
    with pytest.raises(ArchiveError, match="offset"):
        store.read(placed.warc_file, placed.offset)


def test_a_file_for_each_day_in_utc(store: RawStore, tmp_path: Path) -> None:
    east = timezone(timedelta(hours=9))
    moments = [NOW, NOW + timedelta(days=1), datetime(2026, 3, 5, 3, tzinfo=east), datetime(2026, 4, 1, tzinfo=UTC)]
    names = [store.append(exchange(fetched_at=moment)).warc_file for moment in moments]
    assert names == [
        NAME,
        "raw/2026/03/kiosque-20260306.warc.gz",
        "raw/2026/03/kiosque-20260304.warc.gz",
        "raw/2026/04/kiosque-20260401.warc.gz",
    ]
    store.close()
    assert all(len(records(tmp_path / name)) == 3 for name in names)


def test_more_days_than_files_are_kept_open(store: RawStore, tmp_path: Path) -> None:
    days = [NOW + timedelta(days=day) for day in range(20)]
    placed = [store.append(exchange(fetched_at=moment)) for moment in (*days, *days)]
    store.flush()
    assert all(store.read(one.warc_file, one.offset).url == "https://example.org/a" for one in placed)
    assert len(open_files(tmp_path)) == 20
    store.close()
    assert open_files(tmp_path) == []
    assert all(len(records(path)) == 5 for path in (tmp_path / "raw").rglob("*.gz"))


def test_a_file_cut_at_any_byte_of_its_last_record_is_repaired(tmp_path: Path) -> None:
    path = written(tmp_path, exchange(), exchange("https://example.org/b"))
    data = path.read_bytes()
    ends = [end for end in range(1, len(data) + 1) if data[end : end + 4] in (b"\x1f\x8b\x08\x00", b"")]
    assert len(ends) == 5  # warcinfo, two responses, two requests
    for cut in range(ends[2], len(data) + 1):
        path.write_bytes(data[:cut])
        left_open(tmp_path)
        said = RawStore(tmp_path).repair()
        good = max(end for end in ends if end <= cut)
        assert path.stat().st_size == good
        assert bool(said) == (good != cut)
        assert open_files(tmp_path) == []


@pytest.mark.parametrize("garbage", [b"\0" * 5000, b"garbage", b"\x1f\x8b", os.urandom(3000)], ids=range(4))
def test_garbage_at_the_end_is_cut_and_appending_goes_on(tmp_path: Path, garbage: bytes) -> None:
    path = written(tmp_path, exchange())
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(garbage)
    left_open(tmp_path)
    said: list[str] = []
    with Archive(tmp_path, write=True, tell=said.append) as archive:
        placed = archive.raw.append(exchange("https://example.org/b", b"b"))
    assert said == [f"{NAME}: cut {len(garbage)} bytes of an unfinished record at offset {size}"]
    assert placed.offset == size
    assert len(records(path)) == 5


@given(cut=st.integers(0, 100_000), bodies=st.lists(st.binary(max_size=2000), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_file_cut_anywhere_loses_only_what_was_cut(
    tmp_path_factory: pytest.TempPathFactory, cut: int, bodies: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    store = RawStore(folder)
    store.repair()
    placed = [store.append(exchange(body=body)) for body in bodies]
    store.close()
    path = folder / NAME
    cut %= path.stat().st_size + 1
    os.truncate(path, cut)
    left_open(folder)
    again = RawStore(folder)
    again.repair()
    again.append(exchange("https://example.org/z", b"z"))
    again.close()
    for one, body in zip(placed, bodies, strict=True):
        if one.offset + one.length <= cut:
            assert again.read(one.warc_file, one.offset).body == body
    assert records(path)[0][0] == "warcinfo"
    assert records(path)[-2][3] == b"z"


def test_a_file_that_was_closed_in_order_is_not_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, exchange())
    with path.open("ab") as file:
        file.write(b"not ours")
    assert RawStore(tmp_path).repair() == []


def test_a_highly_packed_last_record_counts_as_whole(tmp_path: Path) -> None:
    path = written(tmp_path, exchange(body=b"\0" * 5_000_000))
    assert sound_length(path) == path.stat().st_size


@pytest.mark.parametrize("journal", [b"\xff\xfe\n\0\nraw\n../x\n", b""], ids=["garbage", "empty"])
def test_a_journal_that_is_garbage(tmp_path: Path, journal: bytes) -> None:
    written(tmp_path, exchange())
    (tmp_path / "raw" / "open-files.txt").write_bytes(journal)
    assert RawStore(tmp_path).repair() == []


LIMITED = """
import os, resource, signal, sys
from pathlib import Path
from archive import ArchiveError
from archive.raw import RawStore
from tests.unit.archive.helpers import exchange
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = RawStore(Path(sys.argv[1]))
store.repair()
limit = int(sys.argv[2])
if limit > 1000:
    store.append(exchange(body=os.urandom(500)))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    store.append(exchange("https://example.org/b", body=os.urandom(200_000)))
except ArchiveError as error:
    print(error)
store.close()
"""


@pytest.mark.parametrize(("limit", "left"), [(60_000, 3), (100, 0)], ids=["in a record", "in the first bytes"])
def test_a_full_disk_leaves_a_valid_file(tmp_path: Path, limit: int, left: int) -> None:
    said, errors = python(LIMITED, tmp_path, limit).communicate(timeout=60)
    assert errors == ""
    assert f"cannot write {NAME} for https://example.org/b: " in said
    assert len(records(tmp_path / NAME)) == left
    assert open_files(tmp_path) == [NAME]  # the next start looks at it
    with Archive(tmp_path, write=True) as archive:
        archive.raw.append(exchange("https://example.org/c"))
    assert [record[0] for record in records(tmp_path / NAME)][:2] == ["warcinfo", "response"]
    assert len(records(tmp_path / NAME)) == (left or 1) + 2


def test_an_interrupt_in_the_middle_of_a_record_is_cut_off(
    store: RawStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append(exchange())
    size = (tmp_path / NAME).stat().st_size
    file = store._open[NAME]

    class Interrupted:
        def write(self, data: memoryview) -> int:
            file.write(data[:10])
            raise KeyboardInterrupt

        def __getattr__(self, name: str) -> Any:
            return getattr(file, name)

    monkeypatch.setitem(store._open, NAME, Interrupted())
    with pytest.raises(KeyboardInterrupt):
        store.append(exchange("https://example.org/b"))
    assert (tmp_path / NAME).stat().st_size == size


def test_a_failed_flush_is_not_forgotten(store: RawStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append(exchange())

    def fail(handle: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(ArchiveError, match=f"cannot bring {NAME} to the disk"):
            store.flush()
    store.close()
    assert open_files(tmp_path) == [NAME]


def test_flush_brings_every_open_file_to_the_disk(store: RawStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append(exchange())
    store.append(exchange(fetched_at=NOW + timedelta(days=1)))
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_ino), real(handle))[1])
    store.flush()
    files = [os.fstat(file.fileno()).st_ino for file in store._open.values()]
    folders = {place.stat().st_ino for name in store._open for place in (store._folder / name).parents}
    assert len(files) == 2 and set(files) <= set(synced)
    # and where they stand, or a crash would take the files themselves
    assert {store._folder.stat().st_ino, (store._folder / NAME).parent.stat().st_ino} <= set(synced) - set(files) <= folders
    count = len(synced)
    store.flush()
    assert len(synced) == count  # nothing new, nothing to do


def test_a_killed_process_leaves_what_it_flushed(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from archive.raw import RawStore
from tests.unit.archive.helpers import exchange
store = RawStore(Path(sys.argv[1]))
store.repair()
for number in range(5):
    store.append(exchange(f"https://example.org/{number}"))
store.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""
    python(code, tmp_path).communicate(timeout=60)
    assert open_files(tmp_path) == [NAME]
    assert RawStore(tmp_path).repair() == []
    assert len(records(tmp_path / NAME)) == 11
