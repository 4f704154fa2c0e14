"""WARC records as bytes: written through warcio, and read alone, ours and those of any other maker.

RFC 9112 names the parts of a message; ISO 28500:2017 the record types and the profiles of revisit records.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.errors import ArchiveError, RecordDamaged
from archive.exchanges import Earlier, Exchange, Headers, without_chunks
from archive.members import Member, packed
from archive.records import parse_utc, utc_text

SOFTWARE = "Kiosque"
LONGEST_HEAD = 1 << 20  # bytes before the content of a record or the body of a message; servers send at most 64 KB
RECORD_END = b"\r\n\r\n"
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
    return packed(buffer.getvalue())


def exchange_records(exchange: Exchange, earlier: Earlier | None, source: str = "") -> tuple[bytes, bytes]:
    """The response (or revisit) record of an exchange and its request record, which is empty for an imported one.
    `source`: where an archive gives it, when it is its capture and no fetch of ours."""
    url, date = target_of(exchange.url), utc_text(exchange.fetched_at)
    common = {"WARC-Date": date} | ({"WARC-IP-Address": _line(exchange.ip)} if exchange.ip else {})
    if source:
        common["WARC-Source-URI"] = target_of(source)  # as cdx-toolkit has it
    if exchange.truncated:
        common["WARC-Truncated"] = "length"  # ISO 28500:2017, section 5.13
    head = _Head(f"{exchange.status:03d} {_line(exchange.reason)}", _lines(_decoded(exchange.headers)), "HTTP/1.1")
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
    if earlier is not None:
        response = writer.create_revisit_record(
            url, earlier.digest, target_of(earlier.url), earlier.fetched_at, http_headers=head, warc_headers_dict=common
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
    return packed(data[:written]), packed(data[written:]) if data[written:] else b""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the content of a record."""

    raw: bytes
    fields: Mapping[str, str]  # names in lower case
    length: int  # bytes of the content

    @property
    def kind(self) -> str:
        """The type of the record: response, request, revisit ..."""
        return self.fields.get("warc-type", "").lower()

    @property
    def url(self) -> str:
        """What the record is about; "" when it does not say."""
        return self.fields.get("warc-target-uri", "").strip("<> ")


def read_head(stream: BinaryIO) -> Head | None:
    """Read what stands before the content of the next record; None at the end. Raises RecordDamaged for anything else."""
    first = stream.readline(LONGEST_HEAD)
    while first in (b"\r\n", b"\n"):
        first = stream.readline(LONGEST_HEAD)
    if not first:
        return None
    if not first.startswith(b"WARC/"):
        raise RecordDamaged("no WARC record begins where one should")
    lines = [first, *_head_lines(stream)]
    fields = {name.lower(): value for name, value in _pairs(lines[1:], "utf-8")}
    length = fields.get("content-length", "")
    if not (length.isascii() and length.isdecimal()):
        raise RecordDamaged("a WARC record that does not say how long it is")
    return Head(b"".join(lines), fields, int(length))


def read_message(stream: BinaryIO) -> tuple[int, str, Headers] | None:
    """Read status, reason and headers of an HTTP response up to its body; None when none stands there."""
    first = _STATUS_LINE.fullmatch(stream.readline(LONGEST_HEAD).rstrip(b"\r\n"))
    if first is None:
        return None
    try:
        lines = list(_head_lines(stream))
    except RecordDamaged:
        return None
    return int(first[1]), (first[2] or b"").decode("latin-1"), tuple(_pairs(lines, "latin-1"))


def _head_lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines up to an empty one, which is the last."""
    read = 0
    while read < LONGEST_HEAD:
        line = stream.readline(LONGEST_HEAD)
        read += len(line)
        if not line.endswith(b"\n"):
            break
        yield line
        if line in (b"\r\n", b"\n"):
            return
    raise RecordDamaged("headers without end")


def _pairs(lines: Iterable[bytes], charset: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for line in (raw.rstrip(b"\r\n").decode(charset, "replace") for raw in lines):
        if line[:1] in (" ", "\t") and pairs:  # a folded line (RFC 9112, section 5.2)
            pairs[-1] = pairs[-1][0], f"{pairs[-1][1]} {line.strip()}".strip()
        elif line:
            name, _, value = line.partition(":")
            pairs.append((name, value.strip(" \t")))
    return pairs


def read_record(stream: BinaryIO) -> Exchange:
    """The exchange of the response or revisit record that begins here; a revisit has no body.

    Raises RecordDamaged when none stands here or it is cut off.
    """
    head = read_head(stream)
    if head is None or head.kind not in ("response", "revisit"):
        raise RecordDamaged(f"a {head.kind or 'nameless'} record" if head else "nothing")
    block = stream.read(head.length)
    if len(block) != head.length:
        raise RecordDamaged("a record that is cut off")
    content = io.BytesIO(block)
    message = read_message(content)
    if message is None:
        raise RecordDamaged("a record without an HTTP response")
    try:
        fetched_at = parse_utc(head.fields.get("warc-date", ""))
    except (ValueError, OverflowError) as error:
        raise RecordDamaged("a record without a date") from error
    status, reason, headers = message
    return without_chunks(
        Exchange(
            url=head.url,
            fetched_at=fetched_at,
            status=status,
            reason=reason,
            headers=headers,
            body=content.read() if head.kind == "response" else b"",
            ip=head.fields.get("warc-ip-address", ""),
        )
    )


def read_exchange(path: Path, offset: int) -> Exchange:
    """Read one response or revisit record. Raises ArchiveError when none stands there or it is cut off."""
    try:
        with path.open("rb") as file, io.BufferedReader(Member(file, offset), 1 << 16) as stream:
            exchange = read_record(stream)
            stream.read(len(RECORD_END) + 1)  # to the end of the member, where its checksum is
            return exchange
    except (OSError, OverflowError, RecordDamaged) as error:
        raise ArchiveError(f"{path}: no record at offset {offset}: {error}") from error


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


def target_of(url: str) -> str:
    """A URL as WARC-Target-URI has it."""
    # what would break the line of a WARC header or a request line
    return re.sub(r"[^\x21-\x7e]", lambda found: quote(found[0].encode("utf-8", "replace")), url)
