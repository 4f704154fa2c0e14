"""WARC 1.1 records as bytes: written through warcio, read back alone from their offset, and checked for completeness.

RFC 9112 names the parts of a message; ISO 28500:2017 the record types and the profiles of revisit records.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException
from warcio.warcwriter import WARCWriter

from archive.errors import ArchiveError
from archive.exchanges import Earlier, Exchange
from archive.records import parse_utc, utc_text

SOFTWARE = "Kiosque"
LEVEL = 6  # of gzip: pages take under 1 % more room than at 9, which warcio uses, in two thirds of the time
CHUNK = 1 << 20  # bytes read, and at most inflated, at a time
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_BREAKS = re.compile(r"[\r\n\0]+[ \t]*")
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})(?: (.*))?", re.DOTALL)


class _Head(StatusAndHeaders):  # type: ignore[misc]
    """A header block that is written as it was: warcio would percent-encode what is not ASCII."""

    def to_ascii_bytes(self, filter_func: object = None) -> bytes:
        """The block with its empty line; Latin-1 gives the bytes back that the text was made of."""
        lines = [f"{self.protocol} {self.statusline}", *(f"{name}: {value}" for name, value in self.headers)]
        return b"".join(_bytes(line) + b"\r\n" for line in lines) + b"\r\n"


def warcinfo(file_name: str, part_of: str) -> bytes:
    """The first record of a file."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
    info = {"software": SOFTWARE, "format": "WARC File Format 1.1", "isPartOf": part_of}
    writer.write_record(writer.create_warcinfo_record(file_name, info))
    return _member(buffer.getvalue())


def exchange_records(exchange: Exchange, earlier: Earlier | None) -> tuple[bytes, bytes]:
    """The response (or revisit) record of an exchange and its request record, which is empty for an imported one."""
    url, date = _target(exchange.url), utc_text(exchange.fetched_at)
    common = {"WARC-Date": date} | ({"WARC-IP-Address": _line(exchange.ip)} if exchange.ip else {})
    head = _Head(f"{exchange.status} {_line(exchange.reason)}", _lines(_decoded(exchange.headers)), "HTTP/1.1")
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
    if earlier is not None:
        response = writer.create_revisit_record(
            url, earlier.digest, _target(earlier.url), earlier.fetched_at, http_headers=head, warc_headers_dict=common
        )
        if exchange.status == 304:
            response.rec_headers.replace_header("WARC-Profile", NOT_MODIFIED)
    else:
        response = writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=head,
            warc_headers_dict=common,
        )
    writer.write_record(response)
    written = buffer.tell()
    if exchange.request_headers:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = _lines(exchange.request_headers)
        if not any(name.lower() == "host" for name, _ in headers):
            # added below the place where headers are known (RFC 9112, section 3.2)
            headers.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
        request = writer.create_warc_record(
            url,
            "request",
            http_headers=_Head(f"{path} HTTP/1.1", headers, "GET"),
            warc_headers_dict={
                "WARC-Date": date,
                "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
            },
        )
        writer.write_record(request)
    data = buffer.getvalue()
    return _member(data[:written]), _member(data[written:]) if data[written:] else b""


def _member(data: bytes) -> bytes:
    """A record as a gzip member of its own."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return deflate.compress(data) + deflate.flush()


def read_exchange(path: Path, offset: int) -> Exchange:
    """Read one response or revisit record. Raises ArchiveError when none stands there or it is cut off."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            record = next(iter(ArchiveIterator(file, no_record_parse=True)))
            if record.rec_type not in ("response", "revisit"):
                raise ArchiveError(f"{path}: a {record.rec_type} record stands at offset {offset}")
            block = record.raw_stream.read()
            if len(block) != int(record.rec_headers.get_header("Content-Length")):
                raise ArchiveError(f"{path}: the record at offset {offset} is cut off")
            head, _, body = block.partition(b"\r\n\r\n")
            first, *lines = head.split(b"\r\n")
            if (match := _STATUS_LINE.fullmatch(first)) is None:
                raise ArchiveError(f"{path}: no HTTP response in the record at offset {offset}")
            pairs = [line.decode("latin-1").partition(":") for line in lines]
            return Exchange(
                url=record.rec_headers.get_header("WARC-Target-URI"),
                fetched_at=parse_utc(record.rec_headers.get_header("WARC-Date")),
                status=int(match[1]),
                reason=(match[2] or b"").decode("latin-1"),
                headers=tuple((name, value.strip(" \t")) for name, _, value in pairs),
                body=body if record.rec_type == "response" else b"",
                ip=record.rec_headers.get_header("WARC-IP-Address") or "",
            )
    except (OSError, StopIteration, EOFError, ValueError, TypeError, zlib.error) as error:
        raise ArchiveError(f"{path}: no record at offset {offset}") from error
    except (ArchiveLoadFailed, StatusAndHeadersParserException) as error:
        raise ArchiveError(f"{path}: no record at offset {offset}: {error}") from error


def sound_length(path: Path, start: int = 0) -> int:
    """The offset up to which `path` consists of complete gzip members, from `start`, where one begins."""
    good = start
    with path.open("rb") as file:
        file.seek(start)
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        read = start  # offset up to which bytes were given to members so far
        while chunk := file.read(CHUNK):
            read += len(chunk)
            while chunk:
                try:
                    member.decompress(chunk, CHUNK)
                except zlib.error:
                    return good
                if member.eof:
                    chunk = member.unused_data
                    good = read - len(chunk)
                    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                else:
                    chunk = member.unconsumed_tail
    return good


def _decoded(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    # the body is kept without its transfer encoding; a reader that believes the header would undo it once more.
    # The name is the one that Common Crawl gives it
    return [(f"X-Crawl-{name}" if name.lower() == "transfer-encoding" else name, value) for name, value in headers]


def _lines(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(_line(name).replace(":", ""), _line(value)) for name, value in headers]


def _line(text: str) -> str:
    # a line break inside a value would end the header block early
    return _BREAKS.sub(" ", text).strip(" \t")


def _bytes(line: str) -> bytes:
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode("utf-8", "replace")


def _target(url: str) -> str:
    # what would break the line of a WARC header or a request line
    return re.sub(r"[^\x21-\x7e]", lambda found: quote(found[0].encode("utf-8", "replace")), url)
